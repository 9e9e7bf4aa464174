--- What a conversation has used, and how full the next prompt is.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods

local M = {}

--- A number of tokens, short.
---@param count integer
---@return string
function M.short(count)
  if count < 1000 then
    return tostring(count)
  end
  return count < 100000 and ('%.1fk'):format(count / 1000) or ('%dk'):format(math.floor(count / 1000 + 0.5))
end

--- Tokens and cost of a session or an answer, nil when none are known.
---@param usage rejoinder.Usage?
---@return string?
function M.spent(usage)
  local tokens = usage and usage.inputTokens + usage.outputTokens or 0
  if tokens == 0 then
    return
  end
  local cost = usage.cost and usage.cost > 0 and (usage.cost < 0.01 and ' $%.4f' or ' $%.2f'):format(usage.cost) or ''
  return M.short(tokens) .. ' tokens' .. cost
end

--- How much of what the model takes in the conversation fills.
---@param chat rejoinder.Chat
---@return string?
function M.fill(chat)
  local fill = chat.fill
  return fill and fill.budget > 0 and ('context %d%%'):format(math.floor(100 * fill.tokens / fill.budget + 0.5)) or nil
end

--- Both, for a line about a conversation.
---@param chat rejoinder.Chat
---@return string[]
function M.words(chat)
  local words = { M.fill(chat) }
  words[#words + 1] = chat.session and M.spent(chat.session.usage)
  return words
end

--- Ask how full the next prompt is, once nothing else is going on.
---@param chat rejoinder.Chat
function M.ask(chat)
  local session, client = chat.session, chat.client
  if not session or not client or #chat.messages == 0 or not client_of.serves(client, methods.PREVIEW) then
    chat.fill = nil
    return
  end
  ---@type rejoinder.PreviewParams
  local params = { of = 'chat', text = '…', sessionId = session.sessionId, retrieve = false, uri = chat.uri }
  client_of.request(client, methods.PREVIEW, params, function(err, result)
    if chat.session and chat.session.sessionId == session.sessionId then
      chat.fill = not err and { tokens = result.tokens, budget = result.budget } or nil
      vim.cmd.redrawstatus()
    end
  end)
end

return M
