--- Where something comes from that was remembered or recalled: what it is called, and how one gets there.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods

local M = {}

--- Go to where something came from.
---@param origin rejoinder.Origin
---@param client vim.lsp.Client
function M.open(origin, client)
  if origin.sessionId then
    require('rejoinder.sessions').switch(client, origin.sessionId, function(chat)
      if origin.messageId then
        M.reveal(chat, origin.messageId)
      end
    end)
  elseif origin.uri then
    require('rejoinder.places').open({ uri = origin.uri }, client)
  end
end

--- The server's own places: a message in its session, an entry of the memory, a text of the knowledge.
---@param uri string
---@param client vim.lsp.Client
---@return boolean opened
function M.open_own(uri, client)
  local session, message = uri:match('^rejoinder:/session/([^#]+)#?(.*)$')
  local memory = uri:match('^rejoinder:/memory/(.+)$')
  local is_text = vim.startswith(uri, 'rejoinder:/knowledge/')
  if session then
    M.open({ sessionId = vim.uri_decode(session), messageId = message ~= '' and message or nil }, client)
  elseif memory then
    require('rejoinder.memory').correct(client, memory)
  elseif is_text then
    -- a text that was added has no place of its own
    require('rejoinder.knowledge').list(client)
  end
  return is_text or (session or memory) ~= nil
end

--- Bring a message into view; earlier ones are loaded until it is there.
---@param chat rejoinder.Chat
---@param message_id string
function M.reveal(chat, message_id)
  local lookup, win = require('rejoinder.chat.lookup'), vim.fn.bufwinid(chat.buf)
  local entry = lookup.entry_of(chat.page, message_id)
  if entry and win ~= -1 then
    vim.api.nvim_win_call(win, function()
      vim.api.nvim_win_set_cursor(win, { entry.row + 1, 0 })
      vim.cmd('normal! zt')
    end)
    local last = lookup.end_of(chat.page, entry) - 1
    local range = { start = { line = entry.row, character = 0 }, ['end'] = { line = last, character = 0 } }
    require('rejoinder.places').flash(chat.buf, range)
  elseif chat.older > 0 then
    require('rejoinder.chat.earlier').load(chat, function()
      M.reveal(chat, message_id)
    end)
  else
    client_of.say('That message is not in this conversation any more.')
  end
end

--- What origins are called; conversations are asked for their names once.
---@param client vim.lsp.Client
---@param use fun(name_of: fun(origin: rejoinder.Origin?): string)
function M.names(client, use)
  local params = { limit = 200 } ---@type rejoinder.SessionListParams
  client_of.call(client, methods.SESSION_LIST, params, function(result)
    local names = {} ---@type table<string, string>
    for _, session in ipairs(result.sessions) do
      names[session.sessionId] = session.name
    end
    use(function(origin)
      if origin and origin.sessionId then
        local name = names[origin.sessionId]
        return name and ('from “%s”'):format(name) or 'from another conversation'
      end
      return origin and origin.uri and 'from ' .. require('rejoinder.places').label({ uri = origin.uri }) or ''
    end)
  end)
end

return M
