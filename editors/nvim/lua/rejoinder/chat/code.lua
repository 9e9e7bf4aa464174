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

--- Read lines that are whole and give those within blocks their ground.
---@param buf integer
---@param fence rejoinder.Fence
---@param to integer the row after the last whole line
function M.read(buf, fence, to)
  for at, line in ipairs(vim.api.nvim_buf_get_lines(buf, fence.row, to, false)) do
    if M.is_inside(fence, line) then
      require('rejoinder.chat.marks').code(buf, fence.row + at - 1)
    end
  end
  fence.row = math.max(to, fence.row)
end

return M
