--- Conversations of a project: which there are, and what can be done with them.
local chats = require('rejoinder.chat')
local client_of = require('rejoinder.client')
local counted = require('rejoinder.names').counted
local methods = require('rejoinder.protocol').methods

local M = {}

local PAGE = 100
local PREVIEWED = 6 -- messages
local deleted ---@type { root: string?, session: rejoinder.Session }?

--- Choose a conversation and show it.
---@param query? string a part of its name
function M.pick(query)
  M.list({ query = query ~= '' and query or nil }, function(client, sessions)
    M.choose(client, sessions, 'Conversations', function(session)
      M.switch(client, session.sessionId)
    end)
  end)
end

--- Which conversations there are.
---@param params rejoinder.SessionListParams
---@param use fun(client: vim.lsp.Client, sessions: rejoinder.Session[])
function M.list(params, use)
  client_of.require(chats.root(), function(client)
    params.limit = PAGE
    client_of.call(client, methods.SESSION_LIST, params, function(result)
      if #result.sessions == 0 then
        client_of.say('There is no conversation here yet: :Rejoinder chat begins one.')
        return
      end
      use(client, result.sessions)
    end)
  end)
end

--- Let one of them be chosen; pickers with a preview show its last messages.
---@param client vim.lsp.Client
---@param sessions rejoinder.Session[]
---@param prompt string
---@param use fun(session: rejoinder.Session)
function M.choose(client, sessions, prompt, use)
  local options = { prompt = prompt, format_item = M.line, kind = 'rejoinder.session' } ---@type rejoinder.PickOptions
  function options.preview(session, show)
    local params = { sessionId = session.sessionId, limit = PREVIEWED } ---@type rejoinder.SessionHistoryParams
    client_of.call(client, methods.SESSION_HISTORY, params, function(page)
      show(M.preview(session, page.messages))
    end)
  end
  require('rejoinder.picker').choose(sessions, options, use)
end

--- A conversation's last messages, as the chat writes them.
---@param session rejoinder.Session
---@param messages rejoinder.Message[]
---@return string[]
function M.preview(session, messages)
  local lines, headings = { M.line(session) }, require('rejoinder.chat.drawing').NAMES
  for _, message in ipairs(messages) do
    vim.list_extend(lines, { '', headings[message.role] or '# ' .. message.role, '' })
    vim.list_extend(lines, require('rejoinder.turns').lines(message.content))
  end
  return lines
end

--- Make a conversation the current one and show it.
---@param client vim.lsp.Client
---@param session_id string
---@param ready? fun(chat: rejoinder.Chat)
function M.switch(client, session_id, ready)
  local which = { sessionId = session_id } ---@type rejoinder.SessionParams
  client_of.call(client, methods.SESSION_USE, which, function()
    chats.open({ session_id = session_id, ready = ready })
  end)
end

--- Begin a conversation.
---@param name? string
function M.new(name)
  client_of.require(chats.root(), function(client)
    local params = { name = name ~= '' and name or nil } ---@type rejoinder.SessionCreateParams
    client_of.call(client, methods.SESSION_CREATE, params, function(session)
      chats.open({ session_id = session.sessionId })
    end)
  end)
end

--- Name the current conversation.
---@param name string empty: it is asked for
function M.rename(name)
  M._with_current(function(chat)
    if name ~= '' then
      M._name(chat, name)
      return
    end
    require('rejoinder.picker').input({ prompt = 'Name: ', default = chat.session.name }, function(given)
      M._name(chat, given)
    end)
  end)
end

--- Delete the current conversation; it can be taken back for some days.
function M.delete()
  M._with_current(function(chat)
    M.delete_one(chat.client, chat.session)
  end)
end

--- Delete a conversation; it can be taken back for some days.
---@param client vim.lsp.Client
---@param session rejoinder.Session
function M.delete_one(client, session)
  local which = { sessionId = session.sessionId } ---@type rejoinder.SessionDeleteParams
  client_of.call(client, methods.SESSION_DELETE, which, function()
    deleted = { root = client.root_dir --[[@as string?]], session = session }
    local chat = chats.of_session(client.id, session.sessionId)
    if chat then
      chats.discard(chat)
    end
    local name = session.name ~= '' and session.name or 'The conversation'
    client_of.say(('%s was deleted. :Rejoinder restore takes that back.'):format(name))
  end)
end

--- Take the last deletion back.
function M.restore()
  if not deleted then
    client_of.say('Nothing was deleted here since Neovim started.')
    return
  end
  local last = deleted
  client_of.require(last.root, function(client)
    local which = { sessionId = last.session.sessionId } ---@type rejoinder.SessionParams
    client_of.call(client, methods.SESSION_RESTORE, which, function()
      deleted = nil
      M.switch(client, last.session.sessionId)
    end)
  end)
end

--- A conversation as a line of a list.
---@param session rejoinder.Session
---@return string
function M.line(session)
  local name = session.name ~= '' and session.name or 'New conversation'
  local words = { counted(session.messageCount, 'message'), M.ago(session.updatedAt) }
  local marks = { pinned = 'pinned', archived = 'archived', draft = 'draft' }
  for _, key in ipairs({ 'pinned', 'archived', 'draft' }) do
    words[#words + 1] = session[key] and marks[key] or nil
  end
  return ('%s %s  %s'):format(session.current and '●' or ' ', name, table.concat(words, ' · '))
end

--- How long ago a time was, in words.
---@param time string RFC 3339, UTC
---@return string
function M.ago(time)
  local year, month, day, hour, minute, second = time:match('^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)')
  if not year then
    return time
  end
  local then_ = os.time({ year = year, month = month, day = day, hour = hour, min = minute, sec = second })
  local seconds = os.time(os.date('!*t') --[[@as osdateparam]]) - then_
  for _, unit in ipairs({ { 86400, 'day' }, { 3600, 'hour' }, { 60, 'minute' } }) do
    local count = math.floor(seconds / unit[1])
    if count >= 1 then
      return counted(count, unit[2]) .. ' ago'
    end
  end
  return 'just now'
end

---@param chat rejoinder.Chat
---@param name string
function M._name(chat, name)
  local params = { sessionId = chat.session.sessionId, name = name } ---@type rejoinder.SessionUpdateParams
  client_of.call(chat.client, methods.SESSION_UPDATE, params, function(session)
    chat.session = session
    vim.cmd.redrawstatus()
  end)
end

---@param use fun(chat: rejoinder.Chat)
function M._with_current(use)
  local chat = chats.current()
  if chat and chat.session and chat.client and not chat.client:is_stopped() then
    use(chat)
  else
    client_of.say('No conversation is open: :Rejoinder chat opens one.')
  end
end

return M
