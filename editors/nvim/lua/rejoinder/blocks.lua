--- Fenced code blocks of a Markdown text, as CommonMark has them, numbered from 0.
local M = {}

---@class rejoinder.Block
---@field number integer
---@field first integer row of the opening fence
---@field last integer row of the closing fence, or the last row
---@field language string
---@field lines string[] what is between

--- All blocks of some rows of a buffer; rows count from 0, `to` is not included.
---@param buf integer
---@param from? integer
---@param to? integer
---@return rejoinder.Block[]
function M.of(buf, from, to)
  from = from or 0
  local blocks, open, fence, indent = {}, nil, '', 0 ---@type rejoinder.Block[], rejoinder.Block?, string, integer
  local lines = vim.api.nvim_buf_get_lines(buf, from, to or -1, false)
  for at, line in ipairs(lines) do
    local row = from + at - 1
    if open then
      local closing = line:match('^ ? ? ?([`~]+)%s*$')
      if closing and closing:sub(1, 1) == fence:sub(1, 1) and #closing >= #fence then
        open.last, open = row, nil
      else
        open.lines[#open.lines + 1] = line:sub(1, indent):match('^ *$') and line:sub(indent + 1) or line
      end
    else
      local space, marks, info = line:match('^( ? ? ?)([`~][`~][`~]+)%s*(.*)$')
      if marks and not marks:match('`~') and not marks:match('~`') and not (marks:match('^`') and info:match('`')) then
        fence, indent = marks, #space
        local language = info:match('^%S+') or ''
        open = { number = #blocks, first = row, last = from + #lines - 1, language = language, lines = {} }
        blocks[#blocks + 1] = open
      end
    end
  end
  return blocks
end

--- The block that the cursor stands in.
---@param buf integer
---@param from? integer
---@param to? integer
---@return rejoinder.Block?
function M.under_cursor(buf, from, to)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, block in ipairs(M.of(buf, from, to)) do
    if block.first <= row and row <= block.last then
      return block
    end
  end
end

return M
