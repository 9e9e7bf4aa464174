--- Passes the updates of running turns on to whoever shows them.
local M = {}

---@param client_id integer
---@param params rejoinder.ChatUpdateParams
function M.update(client_id, params)
  local chat = require('rejoinder.chat').of_session(client_id, params.sessionId)
  if chat then
    chat:update(params)
  end
  require('rejoinder.ask').update(params)
end

--- Tell other plugins and the user's own autocommands: `User RejoinderTurnStarted` and the like.
---@param name string
---@param data table
function M.emit(name, data)
  vim.api.nvim_exec_autocmds('User', { pattern = 'Rejoinder' .. name, data = data, modeline = false })
end

--- A text as lines for a buffer.
---@param text string
---@return string[]
function M.lines(text)
  return vim.split((text:gsub('\r\n?', '\n'):gsub('%z', '')), '\n', { plain = true })
end

return M
