--- A chat's buffer: turns above, drawn by this module alone, and below the last heading the user's own lines.
---
--- What is drawn never enters the undo history, so `u` takes back only what the user typed below the last heading.
--- Rows count from 0. Lines before `top` are drawn, the rest is the user's.
local code = require('rejoinder.chat.code')
local lines_of = require('rejoinder.turns').lines
local scroll = require('rejoinder.chat.scroll')

local api = vim.api

---@class rejoinder.Place a part of a drawn line that leads somewhere
---@field row integer
---@field from integer first byte
---@field mark integer? of the state of a tool call
---@field lines integer? of a tool call's output, below its own
---@field to integer byte after the last
---@field target rejoinder.Citation|rejoinder.Attachment|rejoinder.ToolCall|'earlier'

---@class rejoinder.Entry a turn's half
---@field row integer of its heading
---@field role 'user'|'assistant'|'system'
---@field message rejoinder.Message?
---@field mark integer? of the words at the heading's right
---@field calls integer? how many lines tool calls take below the heading

---@class rejoinder.Page
---@field buf integer
---@field top integer first row of the user's own lines
---@field entries rejoinder.Entry[]
---@field places rejoinder.Place[]
---@field own string the user's lines as they were last seen
---@field drawing boolean
---@field noticed [string, string][][]? what `notice` shows
---@field fence rejoinder.Fence of the last message
---@field levels table<integer, string>? of folds, by row; unset: not counted yet
---@field damaged fun() called when somebody else changed drawn lines
local Page = {}
Page.__index = Page

local NAMES = { user = '# You', assistant = '# Rejoinder', system = '# Instructions' }
local marks = api.nvim_create_namespace('rejoinder.page')
local notices = api.nvim_create_namespace('rejoinder.notice')
local hints = api.nvim_create_namespace('rejoinder.hint')

---@param buf integer
---@param damaged fun()
---@return rejoinder.Page
function Page.new(buf, damaged)
  local self = setmetatable({ buf = buf, top = 0, entries = {}, places = {}, own = '', drawing = false }, Page)
  self.damaged = damaged
  self:reset()
  api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first)
      if not self.drawing and first < self.top then
        self.damaged()
      end
    end,
  })
  return self
end

--- Draw nothing but the last heading, with `own` below it.
---@param own? string
function Page:reset(own)
  local cursors = scroll.cursors(self)
  self:_draw(function()
    api.nvim_buf_clear_namespace(self.buf, marks, 0, -1)
    code.clear(self.buf)
    require('rejoinder.chat.tools').clear(self.buf)
    self.entries, self.places, self.top, self.levels = {}, {}, 2, nil
    local mine = lines_of(own or self.own)
    self.own = table.concat(mine, '\n')
    api.nvim_buf_set_lines(self.buf, 0, -1, false, vim.list_extend({ NAMES.user, '' }, mine))
    self:_heading(0, 'RejoinderUser')
  end)
  scroll.restore(self, cursors)
end

--- Draw a message below the others.
---@param role 'user'|'assistant'|'system'
---@param message rejoinder.Message?
---@param note? string at the right of the heading
---@return rejoinder.Entry
function Page:add(role, message, note)
  local entry = { row = self.top - 2, role = role, message = message }
  local body = message and lines_of(vim.trim(message.content)) or { '' }
  self:_insert(self.top - 2, vim.list_extend({ NAMES[role], '' }, vim.list_extend(body, { '' })))
  self.entries[#self.entries + 1], self.levels = entry, nil
  self:_heading(entry.row, role == 'user' and 'RejoinderUser' or 'RejoinderAnswer')
  self:note(entry, note)
  self.fence = { row = entry.row + 2 }
  if message then
    require('rejoinder.chat.tools').draw(self, entry, message.toolCalls)
    code.read(self.buf, self.fence, self.top - 3)
    self:_list('Attached', message.attachments)
    self:_list('Sources', message.citations)
  end
  return entry
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
  code.read(self.buf, self.fence, self.top - 4)
end

--- The last message is whole: what it refers to is listed below it.
---@param entry rejoinder.Entry
---@param message rejoinder.Message
---@param note? string
function Page:finish(entry, message, note)
  entry.message = message
  local last = self.top - 4
  local body = api.nvim_buf_get_lines(self.buf, entry.row + 2, last + 1, false)
  local blank = #body
  while blank > 1 and vim.trim(body[blank]) == '' do
    blank = blank - 1
  end
  if blank < #body then
    self:_draw(function()
      api.nvim_buf_set_lines(self.buf, entry.row + 2 + blank, last + 1, false, {})
      self.top = self.top - (#body - blank)
    end)
  end
  code.read(self.buf, self.fence, self.top - 3)
  self:note(entry, note)
  self:_list('Sources', message.citations)
end

--- Some words at the right of a message's heading.
---@param entry rejoinder.Entry
---@param text? string
function Page:note(entry, text)
  if entry.mark then
    api.nvim_buf_del_extmark(self.buf, marks, entry.mark)
    entry.mark = nil
  end
  if text and text ~= '' then
    local virtual = { { text, 'RejoinderNote' } }
    entry.mark = api.nvim_buf_set_extmark(self.buf, marks, entry.row, 0, {
      virt_text = virtual,
      virt_text_pos = 'eol_right_align',
      hl_mode = 'combine',
    })
  end
end

--- A first line that leads to earlier messages.
---@param count integer
function Page:earlier(count)
  local text = ('… %d earlier %s'):format(count, count == 1 and 'message' or 'messages')
  self:_insert(self.top - 2, { text, '' })
  self:_place(self.top - 4, 0, #text, 'earlier')
end

--- Lines above the last heading that are no text: what goes on, or what went wrong. Nil takes them away.
--- Where nothing is above it, they stand below the user's own lines.
---@param chunks [string, string][][]?
function Page:notice(chunks)
  self.noticed = chunks
  api.nvim_buf_clear_namespace(self.buf, notices, 0, -1)
  if not chunks or #chunks == 0 then
    return
  end
  local blank, lines = { { '', 'Normal' } }, vim.deepcopy(chunks)
  local empty = self.top == 2
  table.insert(lines, empty and 1 or #lines + 1, blank)
  local row = empty and api.nvim_buf_line_count(self.buf) - 1 or self.top - 3
  api.nvim_buf_set_extmark(self.buf, notices, row, 0, { virt_lines = lines })
end

--- A hint at the right of the last heading.
---@param text string
function Page:hint(text)
  api.nvim_buf_clear_namespace(self.buf, hints, 0, -1)
  api.nvim_buf_set_extmark(self.buf, hints, self.top - 2, 0, {
    virt_text = { { text, 'RejoinderNote' } },
    virt_text_pos = 'eol_right_align',
    hl_mode = 'combine',
  })
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

---@param row integer
---@param group string
function Page:_heading(row, group)
  api.nvim_buf_set_extmark(self.buf, marks, row, 0, { line_hl_group = group })
  local name = api.nvim_buf_get_lines(self.buf, row, row + 1, false)[1]:sub(3)
  api.nvim_buf_set_extmark(self.buf, marks, row, 0, {
    virt_text = { { name .. '  ', 'RejoinderName' } },
    virt_text_pos = 'overlay',
    hl_mode = 'combine',
  })
end

---@param title string
---@param targets (rejoinder.Citation|rejoinder.Attachment)[]?
function Page:_list(title, targets)
  if not targets or #targets == 0 then
    return
  end
  local lines, seen, kept = { title .. ':' }, {}, {}
  for _, target in ipairs(targets) do
    local label = require('rejoinder.places').label(target)
    if not seen[label] then
      seen[label] = true
      kept[#kept + 1] = target
      lines[#lines + 1] = '- ' .. label
    end
  end
  local row = self.top - 2
  self:_insert(row, vim.list_extend(lines, { '' }))
  for number, target in ipairs(kept) do
    self:_place(row + number, 2, #lines[number + 1], target)
  end
end

---@param row integer
---@param from integer
---@param to integer
---@param target rejoinder.Citation|rejoinder.Attachment|rejoinder.ToolCall|'earlier'
function Page:_place(row, from, to, target)
  self.places[#self.places + 1] = { row = row, from = from, to = to, target = target }
  self.levels = nil
  api.nvim_buf_set_extmark(self.buf, marks, row, from, { end_col = to, hl_group = 'RejoinderPlace' })
end

---@param row integer
---@param lines string[]
function Page:_insert(row, lines)
  scroll.following(self, function()
    self:_draw(function()
      api.nvim_buf_set_lines(self.buf, row, row, false, lines)
      self.top = self.top + #lines
    end)
  end, #lines)
  if self.noticed then
    self:notice(self.noticed)
  end
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
