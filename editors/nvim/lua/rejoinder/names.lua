--- Names that a command line is completed with, and words that say how many.
local M = {}

--- The keys of a table, in order.
---@param named table<string, any>
---@return string[]
function M.of(named)
  local names = vim.tbl_keys(named)
  table.sort(names)
  return names
end

--- Those that go on from what has been typed.
---@param names string[]
---@param lead string
---@return string[]
function M.starting(names, lead)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

--- A count with its word: 1 file, 2 files.
---@param count integer
---@param word string
---@return string
function M.counted(count, word)
  return ('%d %s%s'):format(count, word, count == 1 and '' or 's')
end

return M
