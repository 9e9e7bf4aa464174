--- From the user's lines to a turn, and back to them when the turn fails.
local branches = require('rejoinder.chat.branches')
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local notes = require('rejoinder.chat.notes')
local scroll = require('rejoinder.chat.scroll')

local M = {}

---@param turn_id string
---@return rejoinder.Running
function M.begin(turn_id)
  return { turnId = turn_id, seq = -1, pieces = {}, citations = {}, calls = {} }
end

--- Send what stands below the last heading.
---@param chat rejoinder.Chat
function M.send(chat)
  local text = vim.trim(chat.page:input())
  if text == '' and require('rejoinder.approvals').first(chat) then
    require('rejoinder.approvals').decide(chat)
  elseif text == '' then
    client_of.say('There is nothing to send yet: type below the last heading.')
  elseif chat.running then
    client_of.say('An answer is still coming in. Stop it first, or wait.')
  elseif not M.is_ready(chat) then
    chat.eager = true
    require('rejoinder.chat').connect(chat)
  else
    M._send(chat, text)
  end
end

--- Whether a turn can be asked for.
---@param chat rejoinder.Chat
---@return boolean
function M.is_ready(chat)
  return chat.client ~= nil and chat.session ~= nil and not chat.syncing and not chat.client:is_stopped()
end

---@param chat rejoinder.Chat
---@param text string
function M._send(chat, text)
  local running = M.begin(client_of.new_id())
  running.text, running.attachments, running.edits = text, chat.attachments, chat.edits
  require('rejoinder.chat.draft').sent(chat, text)
  chat.page:set_input(chat.aside or '')
  chat.attachments, chat.edits, chat.aside = {}, nil, nil
  chat.page:notice(nil)
  if running.edits then
    branches.cut(chat, running, running.edits)
  end
  local params = { text = text, parentId = running.edits } ---@type rejoinder.ChatParams
  params.attachments = #running.attachments > 0 and running.attachments or nil
  M.request(chat, running, params)
end

--- Ask for a turn that is drawn as running from now on.
---@param chat rejoinder.Chat
---@param running rejoinder.Running
---@param params rejoinder.ChatParams
function M.request(chat, running, params)
  chat.running = running
  if running.cut then
    chat:redraw()
  else
    M.draw(chat, running)
  end
  notes.working(chat, 'Sent')
  params.sessionId, params.turnId, params.uri = chat.session.sessionId, running.turnId, chat.uri
  params.agent = chat.agent
  params.settings = chat.effort and { effort = chat.effort } or nil
  client_of.request(chat.client, methods.CHAT, params, function(err)
    -- an error within the turn has come as its last update already
    if err and chat.running == running and vim.api.nvim_buf_is_loaded(chat.buf) then
      M.failed(chat, running, err)
    end
  end)
end

--- Stop the running answer. What came of it is kept.
---@param chat rejoinder.Chat
function M.stop(chat)
  if chat.running and chat.client then
    ---@type rejoinder.ChatCancelParams
    local params = { sessionId = chat.session.sessionId, turnId = chat.running.turnId }
    chat.client:notify(methods.CHAT_CANCEL, params)
  end
end

--- Draw the question of a turn, unless it is there.
---@param chat rejoinder.Chat
---@param running rejoinder.Running
function M.draw(chat, running)
  local question = running.question
    or running.text and { content = running.text, role = 'user', attachments = running.attachments }
  if question and not running.asked then
    running.asked = chat.page:add('user', question --[[@as rejoinder.Message]], notes.of_message(question))
  end
end

--- A turn failed: history is as before, and its text stands below the last heading again, before what was typed since.
---@param chat rejoinder.Chat
---@param running rejoinder.Running
---@param err lsp.ResponseError|rejoinder.ErrorInfo
function M.failed(chat, running, err)
  chat.running = nil
  branches.restore(chat, running)
  if running.text then
    local own = chat.page:input()
    chat.page.own = vim.trim(own) == '' and running.text or running.text .. '\n\n' .. own
    chat.attachments = vim.list_extend(running.attachments or {}, chat.attachments)
    chat.edits = running.edits
  end
  chat:redraw()
  scroll.to_end(chat.page)
  notes.failed(chat, err)
  require('rejoinder.turns').emit('TurnFailed', { turnId = running.turnId, code = err.code, message = err.message })
end

return M
