--- Which lines of a message are code, as they stream in.
local M = {}

---@class rejoinder.Fence where a message's lines were read up to
---@field row integer? the next row to read
---@field open string? the marks of the block's fence

--- Whether the next line of a message belongs to a code block.
---@param fence rejoinder.Fence
---@param line string
---@return boolean
function M.is_inside(fence, line)
  local marks = line:match('^ ? ? ?(```+)') or line:match('^ ? ? ?(~~~+)')
  local inside = fence.open ~= nil
  if not fence.open then
    fence.open = marks
  elseif marks and vim.startswith(marks, fence.open) and not line:match('[`~]%s*[^`~%s]') then
    fence.open = nil
  end
  return inside or marks ~= nil
end

--- Read lines of the last message that are whole and give those within blocks their ground. The line below the message
--- closes a block that is open: else all that follows would be code.
---@param page rejoinder.Page
---@param to integer the row after the last whole line
function M.read(page, to)
  local fence = page.fence
  local open = fence.open
  for at, line in ipairs(vim.api.nvim_buf_get_lines(page.buf, fence.row, to, false)) do
    if M.is_inside(fence, line) then
      require('rejoinder.chat.marks').code(page.buf, fence.row + at - 1)
    end
  end
  fence.row = math.max(to, fence.row)
  if fence.open ~= open then
    page:set_line(page.top - 3, fence.open or '')
  end
end

return M
