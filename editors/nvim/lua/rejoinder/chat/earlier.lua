--- Messages before those that are in the buffer. As one scrolls up they are loaded, without a limit. At the end of a
--- turn the oldest go out of a buffer that is too long, as far as nobody sees them, and come back the same way.
local client_of = require('rejoinder.client')
local Drawing = require('rejoinder.chat.drawing')
local folds = require('rejoinder.chat.folds')
local notes = require('rejoinder.chat.notes')
local scroll = require('rejoinder.chat.scroll')

local M = {}

local MOST = 4000 -- lines
local KEPT = 2000 -- of them, when there are more
local LEAST = 2 -- messages that are there however long they are

--- Draw the latest of a chat's messages.
---@param chat rejoinder.Chat
function M.draw(chat)
  local drawings, first = M._drawings(chat.messages, KEPT)
  M._leave(chat, first)
  chat.page:draw(drawings)
  chat.page:earlier(#drawings > 0 and chat.older or 0)
end

--- Some window may show the first line: what is before it is loaded. What failed once is left to the user's own wish.
---@param chat rejoinder.Chat
function M.seen(chat)
  local is_refused = chat.refused ~= nil and chat.refused == chat.messages[1]
  if chat.older > 0 and not is_refused and M._first_seen(chat.page) == 0 then
    M.load(chat)
  end
end

--- Load a page of them and draw it above; what is on the screen stays where it is.
---@param chat rejoinder.Chat
---@param done? fun() called when they are drawn
function M.load(chat, done)
  local first = chat.messages[1]
  if chat.loading then
    table.insert(chat.loading, done)
  end
  if not chat.client or not first or chat.loading then
    return
  end
  local mine = { done }
  chat.loading = mine
  local methods = require('rejoinder.protocol').methods
  ---@type rejoinder.SessionHistoryParams
  local params = { sessionId = chat.session.sessionId, before = first.messageId }
  client_of.request(chat.client, methods.SESSION_HISTORY, params, function(err, result)
    if chat.loading == mine then
      chat.loading = nil
    end
    if err then
      chat.refused = first
      client_of.tell(client_of.message(err))
    elseif chat.messages[1] == first and vim.api.nvim_buf_is_loaded(chat.buf) then
      local drawings = M._drawings(result.messages)
      chat.older = #result.messages > 0 and math.max(chat.older - #result.messages, 0) or 0
      chat.messages = vim.list_extend(result.messages, chat.messages)
      scroll.keeping(chat.page, function()
        chat.page:draw(drawings, true)
        chat.page:earlier(chat.older)
      end)
      folds.restore(chat.page, #drawings)
      -- also when nothing was drawn: with an empty page there are no older ones, so whoever asks again comes to an end
      for _, go_on in ipairs(mine) do
        go_on()
      end
    end
  end)
end

--- Let the oldest messages go when there are too many lines; those that somebody sees stay.
---@param chat rejoinder.Chat
function M.trim(chat)
  local page = chat.page
  local entries, seen, count = page.entries, M._first_seen(page), 0
  if page.top <= MOST then
    return
  end
  while count < #entries - LEAST and page.top - entries[count + 1].row > KEPT and entries[count + 2].row <= seen do
    count = count + 1
  end
  if count > 0 then
    local left, stays = 1, count + 1
    -- a part that was cut off is in no history
    while not vim.list_contains(chat.messages, entries[stays].message) do
      stays = stays + 1
    end
    while chat.messages[left] ~= entries[stays].message do
      left = left + 1
    end
    M._leave(chat, left)
    folds.keep(page)
    scroll.keeping(page, function()
      page:drop(count)
      page:earlier(chat.older)
    end)
  end
end

--- The last of some messages as they are drawn, and the number of the first of these.
---@param messages rejoinder.Message[]
---@param most? integer lines; unset: all
---@return rejoinder.Drawing[], integer
function M._drawings(messages, most)
  local drawings, first, lines = {}, 1, 0 ---@type rejoinder.Drawing[], integer, integer
  for number = #messages, 1, -1 do
    local message = messages[number]
    if most and lines > most and #drawings >= LEAST then
      first = number + 1
      break
    elseif message.role ~= 'tool' then
      local drawing = Drawing.of(message.role --[[@as 'user']], message, notes.of_message(message))
      table.insert(drawings, 1, drawing)
      lines = lines + #drawing.lines
    end
  end
  return drawings, first
end

--- The first row that stands in any window.
---@param page rejoinder.Page
---@return integer
function M._first_seen(page)
  local first = page.top
  for _, win in ipairs(vim.fn.win_findbuf(page.buf)) do
    first = math.min(first, vim.fn.line('w0', win) - 1)
  end
  return first
end

--- Go on without the messages before one.
---@param chat rejoinder.Chat
---@param number integer of the first that stays
function M._leave(chat, number)
  chat.older = chat.older + number - 1
  chat.messages = vim.list_slice(chat.messages, number)
end

return M
