--- Tool calls that wait for a decision.
local client_of = require('rejoinder.client')
local tools = require('rejoinder.chat.tools')

local M = {}

local MOST_LINES = 12 -- of a call in the notice
local CHOICES = {
  { text = 'Allow once', decision = 'allow' },
  { text = 'Allow for the session', decision = 'allow_session' },
  { text = 'Deny', decision = 'deny' },
  { text = 'Deny with a reason…', decision = 'deny', asks = true },
  { text = 'Show all of it' },
}

--- The call of a chat that waits longest.
---@param chat rejoinder.Chat?
---@return rejoinder.ToolCall?
function M.first(chat)
  for _, call in ipairs(chat and chat.running and chat.running.calls or {}) do
    if call.status == 'waiting' then
      return call
    end
  end
end

--- A chat that waits: the current one, else any.
---@return rejoinder.Chat?
function M.waiting()
  local chats = require('rejoinder.chat')
  local current = chats.current()
  if M.first(current) then
    return current
  end
  for _, chat in ipairs(chats.all()) do
    if M.first(chat) then
      return chat
    end
  end
end

--- Let the user decide on the call that waits longest.
---@param chat? rejoinder.Chat
function M.decide(chat)
  chat = chat or M.waiting()
  local call = M.first(chat)
  if not chat or not call then
    client_of.say('No tool call waits for a decision.')
    return
  end
  local options = { prompt = 'Allow ' .. tools.label(call):gsub('^▸ ', '') .. '?', kind = 'rejoinder.approval' }
  options.format_item = function(choice)
    return choice.text
  end
  local turn_id = chat.running.turnId
  vim.ui.select(CHOICES, options, function(choice)
    if not choice then
      return
    elseif not choice.decision then
      tools.show(call)
    elseif choice.asks then
      vim.ui.input({ prompt = 'Reason: ' }, function(reason)
        if reason then
          M._respond(chat, turn_id, call, choice.decision, vim.trim(reason))
        end
      end)
    else
      M._respond(chat, turn_id, call, choice.decision)
    end
  end)
end

---@param chat rejoinder.Chat
---@param turn_id string
---@param call rejoinder.ToolCall
---@param decision string
---@param reason? string
function M._respond(chat, turn_id, call, decision, reason)
  local protocol = require('rejoinder.protocol')
  if not chat.client or not chat.session then
    return
  end
  ---@type rejoinder.ToolRespondParams
  local params = { turnId = turn_id, callId = call.callId, decision = decision, sessionId = chat.session.sessionId }
  params.reason = reason ~= '' and reason or nil
  client_of.request(chat.client, protocol.methods.TOOL_RESPOND, params, function(err)
    -- it is not found any more when somebody else was faster
    if err and err.code ~= protocol.errors.NOT_FOUND then
      client_of.tell(client_of.message(err))
    end
  end)
end

--- Say above the last heading what waits; a chat that nobody sees is told of.
---@param chat rejoinder.Chat
function M.ask(chat)
  local call = M.first(chat)
  if not call then
    return
  end
  local key = require('rejoinder.chat.keys').shown('decide')
  local lines = { { { '? ', 'DiagnosticWarn' }, { ('Allow the call of %s?'):format(tools.visible(call.name)), 'RejoinderName' } } }
  local exact = tools.exact(call)
  for number, line in ipairs(exact) do
    if number > MOST_LINES then
      lines[#lines + 1] = { { ('  … %d more lines'):format(#exact - MOST_LINES), 'RejoinderNote' } }
      break
    end
    lines[#lines + 1] = { { '  ' .. line, 'Normal' } }
  end
  local how = key and (key .. ' or Enter decides') or ':Rejoinder decide'
  lines[#lines + 1] = { { '  ' .. how, 'RejoinderNote' } }
  chat.page:notice(require('rejoinder.chat.notes').fitted(chat, lines))
  if #vim.fn.win_findbuf(chat.buf) == 0 then
    client_of.tell(('A call of %s waits: :Rejoinder decide'):format(tools.visible(call.name)), vim.log.levels.WARN)
  end
end

return M
