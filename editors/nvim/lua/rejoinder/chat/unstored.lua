--- What of a conversation is not in its history: the question of a turn under way, and the part of a turn cut off.
local M = {}

--- A session's draft. While a turn runs the server keeps its question there, which is on its way already.
---@param result rejoinder.SessionOpenResult
---@return string
function M.draft(result)
  local draft = result.session.draft or ''
  for _, each in ipairs(result.running and result.running.updates or {}) do
    local update = each.update --[[@as any]]
    if update.type == 'user_message' and update.message.content == draft then
      return ''
    end
  end
  return draft
end

--- The server's end cut a turn off: as much as was shown stays. The server itself keeps the part now and then.
---@param chat rejoinder.Chat
---@param running rejoinder.Running the turn
function M.keep(chat, running)
  local shown = vim.trim(table.concat(running.pieces))
  if #shown > #(M.part(chat) or '') then
    local part = { interrupted = { turnId = running.turnId, text = shown } }
    chat.session.metadata = vim.tbl_extend('force', chat.session.metadata or {}, part)
  end
end

--- The part of the last turn, when that was cut off.
---@param chat rejoinder.Chat
---@return string?
function M.part(chat)
  local metadata = chat.session and not chat.running and chat.session.metadata
  local interrupted = type(metadata) == 'table' and metadata.interrupted
  if type(interrupted) == 'table' and type(interrupted.text) == 'string' then
    return interrupted.text
  end
end

--- Whether a turn's answer is in the history.
---@param chat rejoinder.Chat
---@param turn_id string
---@return boolean
function M.is_answered(chat, turn_id)
  return vim.iter(chat.messages):any(function(message)
    return message.turnId == turn_id and message.role == 'assistant'
  end)
end

return M
