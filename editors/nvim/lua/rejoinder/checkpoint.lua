--- How files were before changes were taken, so that all of it can be taken back at once, over several files.
local client_of = require('rejoinder.client')

local M = {}

local MOST = 20

---@class rejoinder.Checkpoint
---@field before table<integer, string[]> lines by buffer
---@field after table<integer, string[]> lines by buffer, when changes were taken last

local kept = {} ---@type rejoinder.Checkpoint[]

---@param buf integer
---@return string[]
local function lines(buf)
  return vim.api.nvim_buf_get_lines(buf, 0, -1, false)
end

--- Keep how buffers are now. What is answered is to be called for each that changes are taken in.
---@param bufs integer[]
---@return fun(buf: integer)
function M.keep(bufs)
  local checkpoint = { before = {}, after = {} } ---@type rejoinder.Checkpoint
  for _, buf in ipairs(bufs) do
    checkpoint.before[buf] = lines(buf)
  end
  return function(buf)
    if not vim.list_contains(kept, checkpoint) then
      kept[#kept + 1] = checkpoint
      kept = vim.list_slice(kept, math.max(#kept - MOST + 1, 1))
    end
    checkpoint.after[buf] = lines(buf)
  end
end

--- Take back what was taken last. A file that was changed since is left as it is.
function M.undo()
  local checkpoint = table.remove(kept)
  if not checkpoint then
    client_of.say('No changes were taken here since Neovim started.')
    return
  end
  local back, left = {}, {} ---@type string[], string[]
  for buf, after in pairs(checkpoint.after) do
    local name = vim.api.nvim_buf_is_valid(buf) and vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':~:.')
    if name then
      vim.fn.bufload(buf)
      local unchanged = vim.deep_equal(lines(buf), after)
      table.insert(unchanged and back or left, name)
      if unchanged then
        require('rejoinder.proposal').leave(buf)
        M._put(buf, checkpoint.before[buf])
      end
    end
  end
  local told = #back > 0 and ('Taken back in %s.'):format(table.concat(back, ', ')) or 'Nothing was taken back.'
  if #left > 0 then
    told = ('%s Changed since, and left: %s.'):format(told, table.concat(left, ', '))
  end
  client_of.tell(told, #left > 0 and vim.log.levels.WARN or vim.log.levels.INFO)
end

--- Put lines in the place of a buffer's own: only what differs is touched, so that marks elsewhere stay.
---@param buf integer
---@param before string[]
function M._put(buf, before)
  local parts = require('rejoinder.proposal').diff(lines(buf), before)
  for at = #parts, 1, -1 do
    local from, count, first, new = unpack(parts[at])
    local row = count == 0 and from or from - 1
    vim.api.nvim_buf_set_lines(buf, row, row + count, true, vim.list_slice(before, first, first + new - 1))
  end
end

return M
