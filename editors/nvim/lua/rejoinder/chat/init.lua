--- The chats that are open: one buffer for each session.
local Chat = require('rejoinder.chat.chat')
local client_of = require('rejoinder.client')
local draft = require('rejoinder.chat.draft')
local server = require('rejoinder.server')

local M = {}

local chats = {} ---@type table<integer, rejoinder.Chat> by buffer
local group = vim.api.nvim_create_augroup('rejoinder', {})

---@param buf? integer
---@return rejoinder.Chat?
function M.of_buffer(buf)
  return chats[buf or vim.api.nvim_get_current_buf()]
end

---@param client_id integer
---@param session_id string
---@return rejoinder.Chat?
function M.of_session(client_id, session_id)
  for _, chat in pairs(chats) do
    local session = chat.client and chat.client.id == client_id and chat.session
    if session and session.sessionId == session_id then
      return chat
    end
  end
end

--- The folder that is worked in: of the current chat, or of the current buffer.
---@return string?
function M.root()
  local chat = M.of_buffer()
  return chat and chat.root or not chat and server.root(vim.api.nvim_get_current_buf()) or nil
end

--- The chat that is meant where none is named: the current buffer's, one on the screen, else any of the folder.
---@return rejoinder.Chat?
function M.current()
  local root, other = M.root(), nil
  if M.of_buffer() then
    return M.of_buffer()
  end
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local chat = chats[vim.api.nvim_win_get_buf(win)]
    if chat and chat.root == root then
      return chat
    end
  end
  for _, chat in pairs(chats) do
    other = chat.root == root and (not other or chat.used > other.used) and chat or other
  end
  return other
end

--- All that are open.
---@return rejoinder.Chat[]
function M.all()
  return vim.tbl_values(chats)
end

---@class rejoinder.OpenOptions
---@field session_id? string the session; unset: the current one
---@field attachments? rejoinder.Attachment[] for the next message
---@field text? string for below the last heading, if nothing is there
---@field ready? fun(chat: rejoinder.Chat)

--- Show a chat and put the cursor where one types.
---@param options? rejoinder.OpenOptions
---@return rejoinder.Chat
function M.open(options)
  options = options or {}
  local root, here = M.root(), vim.api.nvim_get_current_buf()
  local uri = vim.bo[here].buftype == '' and vim.api.nvim_buf_get_name(here) ~= '' and vim.uri_from_bufnr(here) or nil
  local chat
  if options.session_id then
    local client = client_of.find(root)
    chat = client and M.of_session(client.id, options.session_id)
  else
    chat = M.current()
  end
  local is_new = not chat
  chat = chat or M._new(root, uri)
  chat.used = vim.uv.hrtime()
  chat.uri = uri or chat.uri
  vim.list_extend(chat.attachments, options.attachments or {})
  local win = require('rejoinder.chat.window').show(chat.buf)
  vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(chat.buf), 0 })
  if options.text and vim.trim(chat.page:input()) == '' then
    chat.page:set_input(options.text)
  end
  if is_new or not chat.session or not chat.client or chat.client:is_stopped() then
    M.connect(chat, options.session_id, options.ready)
  else
    require('rejoinder.chat.notes').idle(chat)
    if options.ready then
      options.ready(chat)
    end
  end
  return chat
end

--- Connect a chat with its session, starting the server if need be.
---@param chat rejoinder.Chat
---@param session_id? string
---@param ready? fun(chat: rejoinder.Chat)
function M.connect(chat, session_id, ready)
  local notes = require('rejoinder.chat.notes')
  if chat.connecting or chat.syncing then
    return
  end
  chat.connecting = true
  session_id = session_id or chat.session and chat.session.sessionId
  notes.starting(chat)
  local problem = client_of.with(chat.root, function(client)
    local which = session_id and { sessionId = session_id } or { uri = chat.uri } ---@type rejoinder.SessionOpenParams
    chat:open(client, which, function()
      require('rejoinder.chat.scroll').to_end(chat.page)
      if ready then
        ready(chat)
      end
    end)
  end)
  if problem then
    chat.connecting, chat.eager = nil, nil
    notes.failed(chat, problem)
  end
end

--- A session is known by now: its buffer is named for it.
---@param chat rejoinder.Chat
function M.named(chat)
  local name = ('rejoinder://%s/%s'):format(vim.fs.basename(chat.root or '') or '', chat.session.sessionId)
  if vim.api.nvim_buf_get_name(chat.buf) ~= name and vim.fn.bufexists(name) == 0 then
    vim.api.nvim_buf_set_name(chat.buf, name)
  end
end

--- A session came, went, or has news.
---@param client_id integer
---@param params rejoinder.SessionChangedParams
function M.session_changed(client_id, params)
  local chat = M.of_session(client_id, params.sessionId)
  require('rejoinder.turns').emit('SessionChanged', params)
  if not chat then
    return
  end
  if params.kind == 'deleted' then
    local hint = ':Rejoinder restore brings it back, :Rejoinder new begins another.'
    require('rejoinder.chat.notes').failed(chat, { message = 'This conversation was deleted.', data = { hint = hint } })
    return
  end
  local which = { sessionId = params.sessionId } ---@type rejoinder.SessionParams
  client_of.request(chat.client, require('rejoinder.protocol').methods.SESSION_GET, which, function(err, session)
    if not err and chat.session then
      chat.session = session
      vim.cmd.redrawstatus()
      chat:check_path(params.rewritten)
    end
  end)
end

--- A conversation is over here: its buffer goes, its windows stay.
---@param chat rejoinder.Chat
function M.discard(chat)
  chat.session = nil
  for _, win in ipairs(vim.fn.win_findbuf(chat.buf)) do
    if #vim.api.nvim_tabpage_list_wins(0) > 1 then
      vim.api.nvim_win_close(win, true)
    end
  end
  vim.api.nvim_buf_delete(chat.buf, { force = true })
end

--- More is known of a client's server.
---@param client_id integer
function M.refresh(client_id)
  for _, chat in pairs(chats) do
    if chat.client and chat.client.id == client_id and chat.welcoming then
      require('rejoinder.chat.notes').idle(chat)
    end
  end
end

--- A client has ended; its chats wait for the next one.
---@param client_id integer
---@return rejoinder.Chat[]
function M.lost(client_id)
  local lost = {}
  for _, chat in pairs(chats) do
    if chat.client and chat.client.id == client_id then
      lost[#lost + 1] = chat
      if chat.running then
        require('rejoinder.chat.notes').working(chat, 'The server stopped, starting it again')
      end
    end
  end
  return lost
end

--- The server of a folder does not come back by itself.
---@param root string?
---@param problem rejoinder.Problem
---@return boolean told whether a chat tells of it
function M.gone(root, problem)
  local told = vim.tbl_filter(function(chat)
    return chat.root == root
  end, vim.tbl_values(chats))
  for _, chat in ipairs(told) do
    chat:server_gone(problem)
  end
  return #told > 0
end

---@param root string?
---@param uri string?
---@return rejoinder.Chat
function M._new(root, uri)
  require('rejoinder.colours').set()
  local buf = vim.api.nvim_create_buf(true, true)
  vim.bo[buf].bufhidden = 'hide'
  local chat = Chat.new(buf, root, uri)
  chats[buf] = chat
  -- after the buffer is filled: what reacts to the file type finds a page
  require('rejoinder.markdown').set(buf)
  vim.bo[buf].omnifunc = "v:lua.require'rejoinder.complete'.omnifunc"
  vim.bo[buf].completeopt = 'menuone,noinsert,noselect,popup'
  require('rejoinder.chat.language').attach(chat)
  require('rejoinder.chat.keys').set(chat)
  M._watch(chat)
  return chat
end

---@param chat rejoinder.Chat
function M._watch(chat)
  local function on(events, act)
    vim.api.nvim_create_autocmd(events, { group = group, buffer = chat.buf, callback = act })
  end
  local known ---@type string?
  on({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, function(event)
    if chat.page:seen() == known then
      return -- an answer comes in
    end
    known = chat.page.own
    draft.typed(chat)
    draft.hold(chat)
    require('rejoinder.chat.notes').typed(chat)
    if event.event == 'TextChangedI' then
      require('rejoinder.complete').typed(chat)
    end
  end)
  on('InsertLeave', function()
    require('rejoinder.chat.folds').typed(chat.page)
  end)
  on('BufWriteCmd', function()
    M.connect(chat)
  end)
  on({ 'CursorMoved', 'BufEnter' }, function()
    vim.bo[chat.buf].modifiable = vim.api.nvim_win_get_cursor(0)[1] > chat.page.top
  end)
  on({ 'CursorMoved', 'WinScrolled' }, function()
    require('rejoinder.chat.earlier').seen(chat)
  end)
  on('BufUnload', function()
    M._closed(chat)
  end)
end

---@param chat rejoinder.Chat
function M._closed(chat)
  draft.part(chat)
  require('rejoinder.chat.pace').stop(chat.page)
  chats[chat.buf] = nil
  if chat.client and chat.session and not chat.client:is_stopped() then
    ---@type rejoinder.SessionParams
    local which = { sessionId = chat.session.sessionId }
    client_of.request(chat.client, require('rejoinder.protocol').methods.SESSION_CLOSE, which, function() end)
  end
end

vim.api.nvim_create_autocmd('ExitPre', {
  group = group,
  callback = function()
    draft.flush(vim.tbl_values(chats))
  end,
})

vim.api.nvim_create_autocmd('VimResized', {
  group = group,
  callback = function()
    for buf, chat in pairs(chats) do
      require('rejoinder.chat.window').resized(buf)
      if chat.welcoming then
        require('rejoinder.chat.notes').idle(chat)
      end
    end
  end,
})

return M
