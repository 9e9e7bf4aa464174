--- Floating windows.
local M = {}

---@class rejoinder.FloatOptions
---@field title string
---@field footer? string
---@field width integer
---@field height integer
---@field enter? boolean
---@field below? boolean at the cursor, else in the middle

--- Open one. It is closed by `q` and <Esc>.
---@param buf integer
---@param options rejoinder.FloatOptions
---@return integer win
function M.open(buf, options)
  local width = math.min(options.width, vim.o.columns - 4)
  local height = math.min(options.height, vim.o.lines - 4)
  local config = {
    relative = 'editor',
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2) - 1,
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
    title = options.title,
    footer = options.footer,
    footer_pos = options.footer and 'right' or nil,
  }
  if options.below then
    local at = vim.fn.screenpos(0, vim.fn.line('.'), 1)
    config.row = at.row > 0 and at.row or config.row
    config.col = math.max(math.min(at.col - 1, vim.o.columns - width - 2), 0)
    if config.row + height + 3 > vim.o.lines then
      local above = config.row - height - 3
      config.row = above >= 0 and above or math.max(vim.o.lines - height - 4, 0)
    end
  end
  local win = vim.api.nvim_open_win(buf, options.enter ~= false, config)
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, function()
      vim.api.nvim_win_close(win, true)
    end, { buffer = buf, nowait = true })
  end
  return win
end

--- Show some lines that go when they are left.
---@param title string
---@param lines string[]
function M.text(title, lines)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  local win = M.open(buf, { title = title, width = width, height = #lines })
  vim.wo[win].wrap = true
end

return M
