--- A chat's buffer: turns above, drawn by this module alone, and below the last heading the user's own lines.
---
--- What is drawn never enters the undo history, so `u` takes back only what the user typed below the last heading.
--- Rows count from 0. Lines before `top` are drawn, the rest is the user's.
local code = require('rejoinder.chat.code')
local Drawing = require('rejoinder.chat.drawing')
local lines_of = require('rejoinder.turns').lines
local marks = require('rejoinder.chat.marks')
local pace = require('rejoinder.chat.pace')
local scroll = require('rejoinder.chat.scroll')

local api = vim.api

---@class rejoinder.Entry a turn's half
---@field row integer of its heading
---@field role 'user'|'assistant'|'system'
---@field message rejoinder.Message?
---@field mark integer? of the words at the heading's right
---@field calls integer how many lines tool calls take below the heading

---@class rejoinder.Page: rejoinder.Paced
---@field top integer first row of the user's own lines
---@field entries rejoinder.Entry[]
---@field places rejoinder.Place[]
---@field own string the user's lines as they were last seen
---@field drawing boolean
---@field noticed [string, string][][]? what `notice` shows
---@field fence rejoinder.Fence? of the last message
---@field turned table<string, boolean> messages that were closed and calls that were opened, by ID
---@field unfolded boolean? whether its folds are not those of its messages, until they are restored
---@field levels table<integer, string>? of folds, by row; unset: not counted yet
---@field damaged fun() called when somebody else changed drawn lines
local Page = {}
Page.__index = Page

---@param buf integer
---@param damaged fun()
---@return rejoinder.Page
function Page.new(buf, damaged)
  local self = setmetatable({ buf = buf, top = 0, entries = {}, places = {}, own = '', drawing = false }, Page)
  self.damaged, self.turned = damaged, {}
  self:reset()
  api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first)
      if not self.drawing and first < self.top then
        self.unfolded = true
        self.damaged()
      end
    end,
  })
  return self
end

--- Draw nothing but the last heading, with `own` below it.
---@param own? string
function Page:reset(own)
  pace.stop(self)
  local cursors = scroll.cursors(self)
  self:_draw(function()
    marks.clear(self.buf, 0, -1)
    self.entries, self.places, self.top, self.levels, self.fence = {}, {}, 2, nil, nil
    local mine = lines_of(own or self.own)
    self.own = table.concat(mine, '\n')
    api.nvim_buf_set_lines(self.buf, 0, -1, false, vim.list_extend({ Drawing.NAMES.user, '' }, mine))
    marks.heading(self.buf, 0, Drawing.NAMES.user)
  end)
  scroll.restore(self, cursors)
end

--- Draw a message below the others.
---@param role 'user'|'assistant'|'system'
---@param message? rejoinder.Message
---@param note? string at the right of the heading
---@param calls? rejoinder.ToolCall[]
---@return rejoinder.Entry
function Page:add(role, message, note, calls)
  local drawing = Drawing.of(role, message, note, calls)
  self:draw({ drawing })
  self.fence = { row = drawing.entry.row + #drawing.lines - 2 }
  return drawing.entry
end

--- Draw messages below the others, or above them.
---@param drawings rejoinder.Drawing[]
---@param above? boolean
function Page:draw(drawings, above)
  pace.flush(self)
  local row = above and self:_first() or self.top - 2
  local lines, entries = {}, {} ---@type string[], rejoinder.Entry[]
  for number, drawing in ipairs(drawings) do
    entries[number], drawing.entry.row = drawing.entry, row + #lines
    vim.list_extend(lines, drawing.lines)
  end
  self:insert(row, lines)
  self.entries = above and vim.list_extend(entries, self.entries) or vim.list_extend(self.entries, entries)
  for _, drawing in ipairs(drawings) do
    self:_dress(drawing)
  end
end

--- Take the oldest messages out.
---@param count integer
function Page:drop(count)
  local first, last = self:_first(), self.entries[count + 1].row
  marks.clear(self.buf, first, last)
  self.entries = vim.list_slice(self.entries, count + 1)
  self.places = vim.tbl_filter(function(place)
    return place.row < first or place.row >= last
  end, self.places)
  self:_splice(first, last - first, {})
end

--- More of the last message.
---@param text string
function Page:append(text)
  local lines = lines_of(text)
  local row = self.top - 4
  scroll.following(self, function()
    self:_draw(function()
      api.nvim_buf_set_text(self.buf, row, -1, row, -1, lines)
      self.top = self.top + #lines - 1
    end)
  end, #lines)
  code.read(self, self.top - 4)
end

--- The last message is whole: what it refers to is listed below it.
---@param entry rejoinder.Entry
---@param message rejoinder.Message
---@param note? string
function Page:finish(entry, message, note)
  pace.flush(self)
  pace.stop(self)
  entry.message = message
  local last = self.top - 4
  local body = api.nvim_buf_get_lines(self.buf, entry.row + 2, last + 1, false)
  local blank = #body
  while blank > 1 and vim.trim(body[blank]) == '' do
    blank = blank - 1
  end
  if blank < #body then
    self:_splice(entry.row + 2 + blank, #body - blank, {})
  end
  code.read(self, self.top - 3)
  self:note(entry, note)
  local lines, places = Drawing.list('Sources', message.citations)
  local row = self.top - 2
  self:insert(row, lines)
  for _, place in ipairs(places) do
    place.row = place.row + row
    self:place(place)
  end
end

--- Change a drawn line; what is marked there stays.
---@param row integer
---@param text string
function Page:set_line(row, text)
  self:_draw(function()
    api.nvim_buf_set_text(self.buf, row, 0, row, -1, { text })
  end)
end

--- Some words at the right of a message's heading.
---@param entry rejoinder.Entry
---@param text? string
function Page:note(entry, text)
  marks.note(self.buf, entry, text)
end

--- A first line that leads to earlier messages, when there are any.
---@param count integer
function Page:earlier(count)
  local before = self:_first()
  local text = ('… %d earlier %s'):format(count, count == 1 and 'message' or 'messages')
  marks.clear(self.buf, 0, before)
  self.places = vim.tbl_filter(function(place)
    return place.target ~= 'earlier'
  end, self.places)
  self:_splice(0, before, count > 0 and { text, '' } or {})
  if count > 0 then
    self:place({ row = 0, from = 0, to = #text, target = 'earlier' })
  end
end

--- Lines that are no text: what goes on, or what went wrong. Nil takes them away.
---@param chunks [string, string][][]?
function Page:notice(chunks)
  self.noticed = chunks
  marks.notice(self, chunks)
end

--- The user's own lines.
---@return string
function Page:input()
  if not api.nvim_buf_is_loaded(self.buf) then
    return self.own
  end
  return table.concat(api.nvim_buf_get_lines(self.buf, self.top, -1, false), '\n')
end

--- Put other lines below the last heading. This too is no part of the undo history.
---@param text string
function Page:set_input(text)
  self.own = text
  scroll.following(self, function()
    self:_draw(function()
      api.nvim_buf_set_lines(self.buf, self.top, -1, false, lines_of(text))
    end)
  end, 2)
end

--- Remember what the user typed; a buffer whose last own line was deleted gets one back.
---@return string
function Page:seen()
  if api.nvim_buf_line_count(self.buf) <= self.top then
    self:_draw(function()
      api.nvim_buf_set_lines(self.buf, self.top, -1, false, { '' })
    end)
  end
  self.own = self:input()
  return self.own
end

--- The row of the first heading.
---@return integer
function Page:_first()
  return self.entries[1] and self.entries[1].row or self.top - 2
end

--- Give a message that was drawn what is no text.
---@param drawing rejoinder.Drawing
function Page:_dress(drawing)
  local entry = drawing.entry
  marks.heading(self.buf, entry.row, drawing.lines[1])
  self:note(entry, drawing.note)
  for _, row in ipairs(drawing.ground) do
    marks.code(self.buf, entry.row + row)
  end
  for _, place in ipairs(drawing.places) do
    place.row = place.row + entry.row
    self:place(place)
  end
end

--- Make a part of a drawn line lead somewhere.
---@param place rejoinder.Place
function Page:place(place)
  self.places[#self.places + 1] = place
  self.levels = nil
  marks.place(self.buf, place)
end

--- Insert drawn lines; the windows that follow go along.
---@param row integer
---@param lines string[]
function Page:insert(row, lines)
  scroll.following(self, function()
    self:_splice(row, 0, lines)
  end, #lines)
  if self.noticed then
    self:notice(self.noticed)
  end
end

--- Put lines in the place of some: what stands below is somewhere else then.
---@param row integer
---@param removed integer
---@param lines string[]
function Page:_splice(row, removed, lines)
  local by = #lines - removed
  self:_draw(function()
    api.nvim_buf_set_lines(self.buf, row, row + removed, false, lines)
    self.top = self.top + by
  end)
  for _, list in ipairs({ self.entries, self.places, { self.fence } }) do
    for _, one in ipairs(list) do
      one.row = one.row >= row + removed and one.row + by or one.row
    end
  end
  self.levels = nil
end

--- Change drawn lines, outside of the undo history: undo levels of -1 keep a change out of it.
---@param change fun()
function Page:_draw(change)
  local options = vim.bo[self.buf]
  local modifiable = options.modifiable
  self.drawing, options.modifiable, options.undolevels = true, true, -1
  local ok, problem = pcall(change)
  options.undolevels = -123456 -- the global value
  options.modifiable, options.modified, self.drawing = modifiable, false, false
  if not ok then
    error(problem, 0)
  end
end

return Page
