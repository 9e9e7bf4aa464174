--- What each type of update does to a chat.
local branches = require('rejoinder.chat.branches')
local notes = require('rejoinder.chat.notes')
local pace = require('rejoinder.chat.pace')
local sending = require('rejoinder.chat.sending')
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
    chat.page:note(running.asked, notes.of_message(update.message))
  end
  branches.follow(chat, running, update.message)
  if running.cut and not running.asked then
    chat:redraw()
    notes.working(chat, 'Thinking')
  end
  sending.draw(chat, running)
end

---@param update rejoinder.Text
function M.text(chat, running, update)
  if not running.answered then
    running.answered = chat.page:add('assistant')
    notes.working(chat, 'Answering')
  end
  running.pieces[#running.pieces + 1] = update.text
  running.drawn = running.drawn or update.text:match('%S') ~= nil
  -- what a model puts before its first word is no part of what is shown
  pace.append(chat.page, #running.pieces == 1 and (update.text:gsub('^%s+', '')) or running.drawn and update.text or '')
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
function M.tool_call(chat, running, update)
  local status = update.needsApproval and 'waiting' or 'running'
  local call = { callId = update.callId, name = update.name, args = update.args, status = status }
  if not running.answered then
    running.answered = chat.page:add('assistant')
  end
  table.insert(running.calls, call)
  require('rejoinder.chat.tools').add(chat.page, running.answered, call)
  if not require('rejoinder.approvals').first(chat) then
    notes.working(chat, 'Using ' .. update.name)
  end
end

---@param update rejoinder.Approval
function M.approval(chat, running, update)
  local call = require('rejoinder.chat.tools').find(running, update.callId)
  if call then
    call.status = 'waiting'
    require('rejoinder.chat.tools').changed(chat.page, running.answered, call)
    require('rejoinder.approvals').ask(chat)
    vim.cmd.redrawstatus()
    turns.emit('Approval', { turnId = running.turnId, callId = update.callId, name = call.name })
  end
end

---@param update rejoinder.ToolUpdate
function M.tool_update(chat, running, update)
  local call = require('rejoinder.chat.tools').find(running, update.callId)
  if not call then
    return
  end
  call.status, call.output, call.args = update.status, update.output or call.output, update.args or call.args
  require('rejoinder.chat.tools').changed(chat.page, running.answered, call)
  if require('rejoinder.approvals').first(chat) then
    require('rejoinder.approvals').ask(chat)
  else
    notes.working(chat, call.status == 'running' and 'Using ' .. call.name or 'Working')
  end
  vim.cmd.redrawstatus()
end

---@param update rejoinder.CitationFound
function M.citation(_, running, update)
  table.insert(running.citations, update.citation)
end

--- A turn's answer as the history has it.
---@param running rejoinder.Running
---@param update rejoinder.End
---@return rejoinder.Message
local function answer_of(running, update)
  return {
    messageId = update.messageId,
    turnId = running.turnId,
    role = 'assistant',
    source = running.question and running.question.source or 'chat',
    content = table.concat(running.pieces),
    createdAt = '',
    citations = update.citations,
    model = running.model,
    usage = update.usage,
    stopReason = update.stopReason,
    toolCalls = #running.calls > 0 and running.calls or nil,
    siblings = branches.siblings(running, update.messageId),
  }
end

--- A turn is over and stored: ask for what has changed by it.
---@param chat rejoinder.Chat
---@param is_elsewhere boolean whether its question hangs above all that is in the buffer
local function refresh(chat, is_elsewhere)
  require('rejoinder.chat.usage').ask(chat)
  if chat.client then
    require('rejoinder.status').ask_index(chat.client)
  end
  if chat.client and is_elsewhere then
    chat:open(chat.client, { sessionId = chat.session.sessionId })
  end
end

M['end'] = function(chat, running, update) ---@param update rejoinder.End
  if update.error and not update.messageId then
    sending.failed(chat, running, update.error)
    return
  end
  if update.stopReason == 'approval' then
    -- the server leaves while a call waits, and offers it again when it is back
    chat.running = nil
    notes.working(chat, 'The call waits until the server is back')
    return
  end
  if not update.messageId and (running.text or running.cut) and #running.pieces == 0 then
    -- stopped before anything was stored
    sending.failed(chat, running, { code = 0, message = 'Stopped before the answer began.' })
    return
  end
  local answer = answer_of(running, update)
  running.answered = running.answered or chat.page:add('assistant')
  chat.page:finish(running.answered, answer, notes.of_message(answer))
  local is_elsewhere = running.question and not branches.fits(chat, running.question) or false
  vim.list_extend(chat.messages, { running.question, answer })
  chat.running = nil
  notes.idle(chat)
  require('rejoinder.chat.earlier').trim(chat)
  require('rejoinder.chat.folds').update(chat.page)
  require('rejoinder.chat.scroll').settle(chat.page)
  refresh(chat, is_elsewhere)
  if update.error then
    -- a call had been made before it failed: what came is in the history
    notes.failed(chat, update.error)
  end
  turns.emit('TurnFinished', { turnId = running.turnId, stopReason = update.stopReason })
end

return M
