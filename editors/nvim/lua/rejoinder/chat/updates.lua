--- What each type of update does to a chat.
local notes = require('rejoinder.chat.notes')
local turns = require('rejoinder.turns')

---@type table<string, fun(chat: rejoinder.Chat, running: rejoinder.Running, update: any)>
local M = {}

---@param update rejoinder.Started
function M.started(chat, running, update)
  running.model = update.model
  notes.working(chat, 'Thinking')
  turns.emit('TurnStarted', { turnId = running.turnId, sessionId = update.sessionId })
end

---@param update rejoinder.UserMessage
function M.user_message(chat, running, update)
  running.question = update.message
  if running.asked then
    running.asked.message = update.message
  end
  chat:_ask(running)
end

---@param update rejoinder.Text
function M.text(chat, running, update)
  if not running.answered then
    running.answered = chat.page:add('assistant', nil)
    notes.working(chat, 'Answering')
  end
  running.pieces[#running.pieces + 1] = update.text
  running.drawn = running.drawn or update.text:match('%S') ~= nil
  -- what a model puts before its first word is no part of what is shown
  chat.page:append(#running.pieces == 1 and (update.text:gsub('^%s+', '')) or running.drawn and update.text or '')
end

function M.thought(chat, running)
  if not running.answered then
    notes.working(chat, 'Thinking')
  end
end

---@param update rejoinder.Status
function M.status(chat, _, update)
  notes.working(chat, update.message)
end

---@param update rejoinder.ToolCallStarted
function M.tool_call(chat, _, update)
  notes.working(chat, 'Using ' .. update.name)
end

---@param update rejoinder.CitationFound
function M.citation(_, running, update)
  table.insert(running.citations, update.citation)
end

M['end'] = function(chat, running, update) ---@param update rejoinder.End
  if update.error then
    chat:_fail(running, update.error)
    return
  end
  if not update.messageId and running.text and #running.pieces == 0 then
    -- stopped before anything was stored
    chat:_fail(running, { code = 0, message = 'Stopped before the answer began.' })
    return
  end
  local content = table.concat(running.pieces)
  ---@type rejoinder.Message
  local answer = {
    messageId = update.messageId,
    turnId = running.turnId,
    role = 'assistant',
    source = running.question and running.question.source or 'chat',
    content = content,
    createdAt = '',
    citations = update.citations,
    model = running.model,
    usage = update.usage,
    stopReason = update.stopReason,
  }
  if not running.answered then
    running.answered = chat.page:add('assistant', nil)
  end
  chat.page:finish(running.answered, answer, notes.of_message(answer))
  vim.list_extend(chat.messages, { running.question, answer })
  if chat.session then
    chat.session.messageCount = math.max(chat.session.messageCount, #chat.messages)
  end
  chat.running = nil
  notes.idle(chat)
  require('rejoinder.chat.scroll').settle(chat.page)
  if chat.client then
    require('rejoinder.status').ask_index(chat.client)
  end
  turns.emit('TurnFinished', { turnId = running.turnId, stopReason = update.stopReason })
end

return M
