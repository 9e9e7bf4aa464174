--- A message as it is drawn: its lines, and what stands in them. Rows count from its heading.
local code = require('rejoinder.chat.code')
local lines_of = require('rejoinder.turns').lines
local tools = require('rejoinder.chat.tools')

---@class rejoinder.Place a part of a drawn line that leads somewhere
---@field row integer
---@field from integer first byte
---@field mark integer?
---@field lines integer? of a tool call's output, below its own
---@field to integer byte after the last
---@field target rejoinder.Citation|rejoinder.Attachment|rejoinder.ToolCall|'earlier'

---@class rejoinder.Drawing
---@field entry rejoinder.Entry
---@field lines string[]
---@field places rejoinder.Place[]
---@field ground integer[] rows within code blocks
---@field note string? at the right of the heading
local Drawing = {}
Drawing.__index = Drawing

Drawing.NAMES = { user = '# You', assistant = '# Rejoinder', system = '# Instructions' }

---@param role 'user'|'assistant'|'system'
---@param message rejoinder.Message? unset: its text is to come
---@param note? string
---@param calls? rejoinder.ToolCall[] of an answer whose text is to come
---@return rejoinder.Drawing
function Drawing.of(role, message, note, calls)
  local entry = { row = 0, role = role, message = message, calls = 0 }
  local self = setmetatable({ entry = entry, note = note, places = {}, ground = {} }, Drawing)
  self.lines = { Drawing.NAMES[role], '' }
  for _, call in ipairs(calls or message and message.toolCalls or {}) do
    local lines, place = tools.drawn(call)
    self:_place(place, #self.lines)
    vim.list_extend(self.lines, lines)
    entry.calls = entry.calls + #lines
  end
  self.lines[#self.lines + 1] = entry.calls > 0 and '' or nil
  self:_body(message and vim.trim(message.content) or '')
  if message then
    self:_list('Attached', message.attachments)
    self:_list('Sources', message.citations)
  end
  return self
end

---@param text string
function Drawing:_body(text)
  local fence, before = {}, #self.lines
  for at, line in ipairs(lines_of(text)) do
    self.lines[before + at] = line
    if code.is_inside(fence, line) then
      self.ground[#self.ground + 1] = before + at - 1
    end
  end
  -- a block that was cut off ends with its message: else all below it would be code
  self.lines[#self.lines + 1] = fence.open or ''
end

---@param title string
---@param targets (rejoinder.Citation|rejoinder.Attachment)[]?
function Drawing:_list(title, targets)
  local lines, places = Drawing.list(title, targets)
  for _, place in ipairs(places) do
    self:_place(place, #self.lines)
  end
  vim.list_extend(self.lines, lines)
end

---@param place rejoinder.Place
---@param row integer that its own counts from
function Drawing:_place(place, row)
  place.row = place.row + row
  self.places[#self.places + 1] = place
end

--- What a message refers to, each thing once.
---@param title string
---@param targets (rejoinder.Citation|rejoinder.Attachment)[]?
---@return string[] lines none when there are no targets
---@return rejoinder.Place[]
function Drawing.list(title, targets)
  local lines, places, seen = {}, {}, {} ---@type string[], rejoinder.Place[], table<string, boolean>
  for _, target in ipairs(targets or {}) do
    local label = require('rejoinder.places').label(target)
    if not seen[label] then
      seen[label] = true
      lines[#lines + 1] = '- ' .. label
      places[#places + 1] = { row = #lines, from = 2, to = #label + 2, target = target }
    end
  end
  if #lines > 0 then
    table.insert(lines, 1, title .. ':')
    lines[#lines + 1] = ''
  end
  return lines, places
end

return Drawing
