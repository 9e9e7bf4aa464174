--- What can be done with a conversation besides talking: `:Rejoinder session …`.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local sessions = require('rejoinder.sessions')

local M = {}

---@class rejoinder.SessionAction
---@field name string
---@field help string
---@field run fun(client: vim.lsp.Client, session: rejoinder.Session, text: string)
---@field fits? fun(session: rejoinder.Session): boolean

---@param changes rejoinder.SessionUpdateParams
---@param told string
---@return fun(client: vim.lsp.Client, session: rejoinder.Session)
local function updating(changes, told)
  return function(client, session)
    local params = vim.tbl_extend('force', { sessionId = session.sessionId }, changes)
    client_of.call(client, methods.SESSION_UPDATE, params, function(updated)
      local chat = require('rejoinder.chat').of_session(client.id, session.sessionId)
      if chat then
        chat.session = updated
      end
      client_of.say(told:format(M.name(session)))
    end)
  end
end

---@param client vim.lsp.Client
---@param session rejoinder.Session
---@param name string
local function fork(client, session, name)
  ---@type rejoinder.SessionForkParams
  local params = { sessionId = session.sessionId, name = name ~= '' and name or nil }
  client_of.call(client, methods.SESSION_FORK, params, function(copy)
    sessions.switch(client, copy.sessionId)
  end)
end

---@param client vim.lsp.Client
---@param session rejoinder.Session
---@param path string
local function export(client, session, path)
  local full = path ~= '' and vim.fn.fnamemodify(vim.fn.expand(path), ':p') or ''
  if full ~= '' and vim.uv.fs_stat(full) then
    client_of.tell(full .. ' is there already. Name another file.')
    return
  end
  local format = full:match('%.json$') and 'json' or 'markdown'
  local params = { format = format, sessionIds = { session.sessionId } } ---@type rejoinder.SessionExportParams
  client_of.call(client, methods.SESSION_EXPORT, params, function(result)
    local lines = require('rejoinder.turns').lines(result.content)
    if full == '' then
      vim.cmd.new()
      vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
      vim.bo.filetype = 'markdown'
      vim.bo.modified = false
    elseif vim.fn.writefile(lines, full) == 0 then
      client_of.say(('Written to %s.'):format(vim.fn.fnamemodify(full, ':~:.')))
    end
  end)
end

---@param client vim.lsp.Client
---@param session rejoinder.Session
local function open(client, session)
  sessions.switch(client, session.sessionId)
end

---@param key 'pinned'|'archived'
---@param value boolean
---@return fun(session: rejoinder.Session): boolean
local function is(key, value)
  return function(session)
    return (session[key] or false) == value
  end
end

---@type rejoinder.SessionAction[]
M.all = {
  { name = 'open', help = 'show it', run = open },
  { name = 'pin', help = 'keep it on top', run = updating({ pinned = true }, '%s is pinned.'), fits = is('pinned', false) },
  { name = 'unpin', help = 'on top no more', run = updating({ pinned = false }, '%s is pinned no more.'), fits = is('pinned', true) },
  {
    name = 'archive',
    help = 'out of the list; `unarchive` brings it back',
    run = updating({ archived = true }, '%s is archived. :Rejoinder session unarchive brings it back.'),
    fits = is('archived', false),
  },
  {
    name = 'unarchive',
    help = 'back into the list',
    run = updating({ archived = false }, '%s is in the list again.'),
    fits = is('archived', true),
  },
  { name = 'fork', help = 'go on in a copy', run = fork },
  { name = 'export', help = 'as Markdown, or as JSON into FILE.json', run = export },
  { name = 'delete', help = 'delete it; `:Rejoinder restore` takes that back', run = sessions.delete_one },
}

--- Do what follows `:Rejoinder session`: with the conversation that is open, or with one that is chosen.
---@param call rejoinder.Call
function M.run(call)
  local name, text = call.text:match('^(%S*)%s*(.-)$')
  local action = vim.iter(M.all):find(function(one)
    return one.name == name
  end)
  if name ~= '' and not action then
    client_of.tell((':Rejoinder session takes %s.'):format(table.concat(M.names(), ', ')))
    return
  end
  local chat = require('rejoinder.chat').of_buffer()
  if action and name ~= 'open' and name ~= 'unarchive' and chat and chat.session and chat.client then
    action.run(chat.client, chat.session, text)
    return
  end
  sessions.list({ archived = name == 'unarchive' or nil }, function(client, found)
    local prompt = action and ('Which one? (%s)'):format(name) or 'Which conversation?'
    sessions.choose(client, found, prompt, function(session)
      if action then
        action.run(client, session, text)
      else
        M._choose(client, session)
      end
    end)
  end)
end

--- Choose what to do with a conversation.
---@param client vim.lsp.Client
---@param session rejoinder.Session
function M._choose(client, session)
  local fitting = vim.tbl_filter(function(action)
    return not action.fits or action.fits(session)
  end, M.all)
  local options = { prompt = M.name(session), kind = 'rejoinder.session_action' } ---@type rejoinder.PickOptions
  function options.format_item(action)
    return ('%-9s  %s'):format(action.name, action.help)
  end
  require('rejoinder.picker').choose(fitting, options, function(action)
    action.run(client, session, '')
  end)
end

---@param session rejoinder.Session
---@return string
function M.name(session)
  return session.name ~= '' and ('“%s”'):format(session.name) or 'The conversation'
end

---@return string[]
function M.names()
  return vim.tbl_map(function(action)
    return action.name
  end, M.all)
end

--- What `:Rejoinder session` is completed with.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if line:match('session%s+export%s') then
    return vim.fn.getcompletion(lead, 'file')
  end
  return line:match('session%s+%S+%s') and {} or require('rejoinder.names').starting(M.names(), lead)
end

return M
