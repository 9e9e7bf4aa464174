--- What the user typed and did not send is the session's draft: it is there again in any editor, at any time.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods

local M = {}

local PAUSE = 400 -- milliseconds without typing
local LINGER = 3000 -- milliseconds that a closed chat's draft is kept here after the server has it

local timers = {} ---@type table<rejoinder.Chat, uv.uv_timer_t>
local kept = setmetatable({}, { __mode = 'k' }) ---@type table<rejoinder.Chat, string> what the server has
local parting = {} ---@type table<string, string> drafts of closed chats that the server may not have yet

--- The user typed something.
---@param chat rejoinder.Chat
function M.typed(chat)
  local timer = timers[chat] or assert(vim.uv.new_timer())
  timers[chat] = timer
  timer:start(PAUSE, 0, vim.schedule_wrap(function()
    M.save(chat)
  end))
end

--- Tell the server of the draft, if it does not know it.
---@param chat rejoinder.Chat
---@param done? fun()
---@return boolean sent
function M.save(chat, done)
  M._stop(chat)
  local text = chat.page.own
  text = vim.trim(text) == '' and '' or text
  local session, client = chat.session, chat.client
  if not session or not client or client:is_stopped() or text == (kept[chat] or session.draft or '') then
    return false
  end
  kept[chat] = text
  ---@type rejoinder.SessionUpdateParams
  local params = { sessionId = session.sessionId, draft = text }
  client_of.request(client, methods.SESSION_UPDATE, params, function(err)
    if err then
      kept[chat] = nil
    end
    if done then
      done()
    end
  end)
  return true
end

--- Without a server the text stands in this buffer alone: then Neovim is not left without a warning, as with any file
--- that is not written, and `:write` looks for the server again.
---@param chat rejoinder.Chat
function M.hold(chat)
  local served = chat.session and chat.client and not chat.client:is_stopped()
  local alone = not served and vim.trim(chat.page.own) ~= ''
  vim.bo[chat.buf].buftype = alone and 'acwrite' or 'nofile'
  vim.bo[chat.buf].modified = alone
  if alone and vim.api.nvim_buf_get_name(chat.buf) == '' then
    -- what has no name is not written
    vim.api.nvim_buf_set_name(chat.buf, ('rejoinder://%d'):format(chat.buf))
  end
end

--- A text was sent: the server keeps it as the draft until the turn is stored.
---@param chat rejoinder.Chat
---@param text string
function M.sent(chat, text)
  M._stop(chat)
  kept[chat] = ''
  parting[chat.session.sessionId] = nil
  chat.session.draft = text
end

--- A chat's buffer goes away: its text is kept here until the server has it.
---@param chat rejoinder.Chat
function M.part(chat)
  local session = chat.session
  chat.page.own = chat.page:input()
  if session then
    parting[session.sessionId] = chat.page.own
    local sent = M.save(chat, function()
      -- a session that was asked for at the same moment may come without it, and after this reply
      vim.defer_fn(function()
        parting[session.sessionId] = nil
      end, LINGER)
    end)
    if not sent and chat.client and not chat.client:is_stopped() then
      parting[session.sessionId] = nil
    end
  end
  M._stop(chat)
end

--- The draft of a session whose chat was closed a moment ago.
---@param session_id string
---@return string?
function M.parted(session_id)
  return parting[session_id]
end

--- Neovim is about to leave: drafts are sent before the connection is closed.
---@param chats rejoinder.Chat[]
function M.flush(chats)
  local open = 0
  for _, chat in ipairs(chats) do
    if vim.api.nvim_buf_is_loaded(chat.buf) then
      chat.page:seen()
    end
    local sent = M.save(chat, function()
      open = open - 1
    end)
    open = open + (sent and 1 or 0)
  end
  vim.wait(1000, function()
    return open == 0
  end, 5)
end

---@param chat rejoinder.Chat
function M._stop(chat)
  local timer = timers[chat]
  if timer then
    timer:stop()
    timer:close()
    timers[chat] = nil
  end
end

return M
