--- Where a chat is shown.
local M = {}

local SPLITS = { right = 'botright vsplit', left = 'topleft vsplit', below = 'botright split', above = 'topleft split' }

--- Show a chat's buffer: in the window that shows it, else in one of another chat, else in a new one.
---@param buf integer
---@return integer win
function M.show(buf)
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.api.nvim_win_get_buf(win) == buf then
      vim.api.nvim_set_current_win(win)
      return win
    end
  end
  local other = M._of_another()
  if other then
    vim.api.nvim_set_current_win(other)
  else
    M._split()
  end
  local win = vim.api.nvim_get_current_win()
  vim.api.nvim_win_set_buf(win, buf)
  M._options(win)
  return win
end

--- Neovim became larger or smaller: a chat at the side keeps its share.
---@param buf integer
function M.resized(buf)
  local options = require('rejoinder.config').get()
  if options.position ~= 'right' and options.position ~= 'left' then
    return
  end
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    local alone = vim.api.nvim_win_get_width(win) == vim.o.columns
    if vim.api.nvim_win_get_config(win).relative == '' and not alone then
      vim.api.nvim_win_set_width(win, M._width(options.size))
    end
  end
end

---@param share number
---@return integer columns
function M._width(share)
  return math.max(math.floor(vim.o.columns * share), math.min(40, vim.o.columns - 20))
end

---@return integer?
function M._of_another()
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if require('rejoinder.chat').of_buffer(vim.api.nvim_win_get_buf(win)) then
      return win
    end
  end
end

function M._split()
  local options = require('rejoinder.config').get()
  if options.position == 'tab' then
    vim.cmd('tab split')
  elseif SPLITS[options.position] then
    vim.cmd(SPLITS[options.position])
    local upright = options.position == 'right' or options.position == 'left'
    if upright then
      vim.api.nvim_win_set_width(0, M._width(options.size))
    else
      vim.api.nvim_win_set_height(0, math.floor(vim.o.lines * options.size))
    end
  end
end

---@param win integer
function M._options(win)
  local options = {
    wrap = true,
    linebreak = true,
    breakindent = true,
    -- a line that is longer than the window is high is shown in part
    smoothscroll = true,
    number = false,
    relativenumber = false,
    signcolumn = 'no',
    foldcolumn = '0',
    list = false,
    spell = false,
    colorcolumn = '',
    cursorline = false,
    -- Markdown is shown as it is written
    conceallevel = 0,
    winbar = "%{%v:lua.require'rejoinder.status'.winbar()%}",
    statusline = "%{%v:lua.require'rejoinder.status'.statusline()%}",
    winhighlight = 'Folded:RejoinderFolded',
  }
  for name, value in pairs(vim.tbl_extend('error', options, require('rejoinder.chat.folds').options)) do
    vim.api.nvim_set_option_value(name, value, { scope = 'local', win = win })
  end
end

return M
