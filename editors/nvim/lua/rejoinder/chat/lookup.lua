--- What stands where on a chat's page. Rows and columns count from 0, columns in bytes.
local M = {}

--- The message that a row belongs to, and its number.
---@param page rejoinder.Page
---@param row integer
---@return rejoinder.Entry?, integer?
function M.entry_at(page, row)
  for number = #page.entries, 1, -1 do
    if page.entries[number].row <= row and row < page.top - 2 then
      return page.entries[number], number
    end
  end
end

--- Where a message stands, by its ID.
---@param page rejoinder.Page
---@param message_id string
---@return rejoinder.Entry?
function M.entry_of(page, message_id)
  return vim.iter(page.entries):find(function(entry)
    return entry.message ~= nil and entry.message.messageId == message_id
  end)
end

--- The row after a message's last.
---@param page rejoinder.Page
---@param entry rejoinder.Entry?
---@return integer
function M.end_of(page, entry)
  for number, other in ipairs(page.entries) do
    if other == entry then
      return page.entries[number + 1] and page.entries[number + 1].row or page.top - 2
    end
  end
  return page.top - 2
end

--- What a position leads to.
---@param page rejoinder.Page
---@param row integer
---@param column integer
---@return rejoinder.Place?
function M.place_at(page, row, column)
  for _, place in ipairs(page.places) do
    if place.row == row and place.from <= column and column < place.to then
      return place
    end
  end
end

return M
