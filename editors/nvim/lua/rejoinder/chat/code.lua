--- The ground under code blocks, drawn while they stream in.
local M = {}

local ground = vim.api.nvim_create_namespace('rejoinder.code')

---@class rejoinder.Fence where a message's lines were read up to
---@field row integer the next row to read
---@field open string? the marks of the block's fence

--- Read lines that are whole and give those within blocks their ground.
---@param buf integer
---@param fence rejoinder.Fence
---@param to integer the row after the last whole line
function M.read(buf, fence, to)
  for at, line in ipairs(vim.api.nvim_buf_get_lines(buf, fence.row, to, false)) do
    local marks = line:match('^ ? ? ?(```+)') or line:match('^ ? ? ?(~~~+)')
    local inside = fence.open ~= nil
    if not fence.open then
      fence.open = marks
    elseif marks and vim.startswith(marks, fence.open) and not line:match('[`~]%s*[^`~%s]') then
      fence.open = nil
    end
    if inside or marks then
      vim.api.nvim_buf_set_extmark(buf, ground, fence.row + at - 1, 0, { line_hl_group = 'RejoinderCode' })
    end
  end
  fence.row = math.max(to, fence.row)
end

---@param buf integer
function M.clear(buf)
  vim.api.nvim_buf_clear_namespace(buf, ground, 0, -1)
end

return M
