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
  fillchars = 'fold: ',
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
  return (' · %d %s'):format(count, count == 1 and 'line' or 'lines')
end

--- Messages or outputs came: the windows' folds are counted anew. What was opened or closed stays so.
---@param page rejoinder.Page
function M.update(page)
  for _, win in ipairs(vim.fn.win_findbuf(page.buf)) do
    if vim.wo[win].foldexpr == EXPRESSION then
      vim.api.nvim_set_option_value('foldmethod', 'expr', { scope = 'local', win = win })
    end
  end
end

return M
