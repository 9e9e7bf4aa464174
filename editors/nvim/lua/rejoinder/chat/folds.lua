--- Folds of a chat: one for each message, and within it one for each tool call's output, closed until it is wanted.
local M = {}

local EXPRESSION = "v:lua.require'rejoinder.chat.folds'.level(v:lnum)"

---@type table<string, string|integer|boolean>
M.options = {
  foldmethod = 'expr',
  foldexpr = EXPRESSION,
  foldtext = "v:lua.require'rejoinder.chat.folds'.text()",
  foldlevel = 1,
  foldenable = true,
  -- a window's own value stands for all of the user's
  fillchars = vim.go.fillchars:gsub('.$', '%0,') .. 'fold: ',
}

---@return rejoinder.Page?
local function page_of()
  local chat = require('rejoinder.chat').of_buffer(vim.api.nvim_get_current_buf())
  return chat and chat.page
end

--- Where folds begin, and which rows belong to a tool's output.
---@param page rejoinder.Page
---@return table<integer, string> levels by row
local function levels(page)
  if not page.levels then
    page.levels = {}
    for _, entry in ipairs(page.entries) do
      page.levels[entry.row] = '>1'
    end
    for _, place in ipairs(page.places) do
      for row = place.row, place.row + (place.lines or -1) do
        page.levels[row] = row == place.row and '>2' or '2'
      end
    end
  end
  return page.levels
end

--- For 'foldexpr'.
---@param lnum integer
---@return string
function M.level(lnum)
  local page = page_of()
  if not page or lnum > page.top - 2 then
    return '0'
  end
  return levels(page)[lnum - 1] or (page.entries[1] and lnum - 1 >= page.entries[1].row and '1' or '0')
end

--- For 'foldtext': a message's name and beginning, or a call and what became of it; and how long it is.
---@return [string, string][]
function M.text()
  local page, row = page_of(), vim.v.foldstart - 1
  local count = vim.v.foldend - vim.v.foldstart
  for _, place in ipairs(page and page.places or {}) do
    if place.row == row and place.lines then
      local call = place.target --[[@as rejoinder.ToolCall]]
      local state, group = require('rejoinder.chat.tools').state(call)
      local label = require('rejoinder.chat.tools').label(call)
      return { { label, 'RejoinderPlace' }, { ' ' .. state, group }, { M._length(count - 1), 'RejoinderNote' } }
    end
  end
  local heading = vim.fn.getline(vim.v.foldstart):gsub('^# ', '')
  local beginning = ''
  for lnum = vim.v.foldstart + 1, vim.v.foldend do
    local line = vim.trim(vim.fn.getline(lnum))
    local of_a_tool = vim.startswith(line, '▸') or page and page.levels and page.levels[lnum - 1]
    if line ~= '' and not of_a_tool then
      beginning = vim.fn.strcharpart(line, 0, 60)
      break
    end
  end
  return { { heading .. '  ', 'RejoinderName' }, { beginning, 'RejoinderNote' }, { M._length(count - 1), 'RejoinderNote' } }
end

---@param count integer
---@return string
function M._length(count)
  return ' · ' .. require('rejoinder.names').counted(count, 'line')
end

---@class rejoinder.Fold
---@field id string of a message or of a call
---@field row integer
---@field closed boolean whether it is closed unless somebody opens it

--- The folds of some of a page's messages, those within others first.
---@param page rejoinder.Page
---@param count? integer of the first messages; unset: all
---@return rejoinder.Fold[]
local function folds_of(page, count)
  local below = count and page.entries[count + 1]
  local found = {}
  for _, place in ipairs(page.places) do
    if place.lines and not (below and place.row >= below.row) then
      found[#found + 1] = { id = place.target.callId, row = place.row, closed = true }
    end
  end
  for number, entry in ipairs(page.entries) do
    if entry.message and entry.message.messageId and number <= (count or number) then
      found[#found + 1] = { id = entry.message.messageId, row = entry.row, closed = false }
    end
  end
  return found
end

---@param page rejoinder.Page
---@return integer[]
local function wins_of(page)
  return vim.tbl_filter(function(win)
    return vim.wo[win].foldexpr == EXPRESSION
  end, vim.fn.win_findbuf(page.buf))
end

--- Remember what was opened or closed, before messages are drawn anew or leave the buffer.
---@param page rejoinder.Page
function M.keep(page)
  local function read()
    for _, fold in ipairs(folds_of(page)) do
      local first = vim.fn.foldclosed(fold.row + 1)
      -- what came while one typed has no fold yet
      local is_made = vim.fn.foldlevel(fold.row + 1) >= (fold.closed and 2 or 1)
      -- what is within a closed fold cannot be seen
      if is_made and (first == -1 or first == fold.row + 1) then
        page.turned[fold.id] = (first ~= -1) ~= fold.closed or nil
      end
    end
  end
  local win = wins_of(page)[1]
  if win and not page.unfolded then
    vim.api.nvim_win_call(win, read)
  end
end

--- Open and close again what was before, in messages that are drawn now.
---@param page rejoinder.Page
---@param count? integer of the first messages; unset: all
function M.restore(page, count)
  M.update(page)
  -- Neovim makes no folds while one types
  page.unfolded = vim.api.nvim_get_mode().mode:match('^[iR]') ~= nil
  for _, fold in ipairs(next(page.turned) and folds_of(page, count) or {}) do
    for _, win in ipairs(page.turned[fold.id] and wins_of(page) or {}) do
      vim.api.nvim_win_call(win, function()
        vim.cmd(('silent! %d%s'):format(fold.row + 1, fold.closed and 'foldopen' or 'foldclose'))
      end)
    end
  end
end

--- Typing is over: what came in meanwhile was not folded by Neovim.
---@param page rejoinder.Page
function M.typed(page)
  if page.unfolded then
    M.restore(page)
  else
    M.update(page)
  end
end

--- Messages or outputs came: the windows' folds are counted anew. What was opened or closed stays so.
---@param page rejoinder.Page
function M.update(page)
  for _, win in ipairs(wins_of(page)) do
    vim.api.nvim_set_option_value('foldmethod', 'expr', { scope = 'local', win = win })
  end
end

return M
