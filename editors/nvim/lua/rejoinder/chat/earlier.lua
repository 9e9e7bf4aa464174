--- Messages before those that are shown.
local M = {}

--- Load a page of them and draw it above.
---@param chat rejoinder.Chat
---@param done? fun() called when they are drawn
function M.load(chat, done)
  local first = chat.messages[1]
  if not chat.client or not first then
    return
  end
  local methods = require('rejoinder.protocol').methods
  ---@type rejoinder.SessionHistoryParams
  local params = { sessionId = chat.session.sessionId, before = first.messageId }
  require('rejoinder.client').call(chat.client, methods.SESSION_HISTORY, params, function(result)
    if chat.messages[1] ~= first then
      return
    end
    local count = #chat.page.entries
    chat.older = math.max(chat.older - #result.messages, 0)
    chat.messages = vim.list_extend(result.messages, chat.messages)
    chat:redraw()
    local win = vim.fn.bufwinid(chat.buf)
    local entry = chat.page.entries[#chat.page.entries - count + 1]
    if win ~= -1 and entry then
      vim.api.nvim_win_set_cursor(win, { entry.row + 1, 0 })
    end
    if done and #result.messages > 0 then
      done()
    end
  end)
end

return M
