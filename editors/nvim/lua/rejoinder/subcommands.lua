--- What `:Rejoinder` can do: the help says what each is for. The modules are loaded when they are used.
local client_of = require('rejoinder.client')
local names = require('rejoinder.names')

---@class rejoinder.Call
---@field text string what follows the subcommand
---@field first? integer lines of the range, from 1
---@field last? integer

---@class rejoinder.Subcommand
---@field [1] fun(call: rejoinder.Call)
---@field [2]? string|fun(lead: string, line: string): string[] what its text is completed with, as |getcompletion()| names it

--- A function of a module, which gets the call.
---@param module string
---@param name string
---@return fun(call: rejoinder.Call)
local function to(module, name)
  return function(call)
    require('rejoinder.' .. module)[name](call)
  end
end

--- The same, which gets the text, and what else is given.
---@param module string
---@param name string
---@param more? any
---@return fun(call: rejoinder.Call)
local function saying(module, name, more)
  return function(call)
    require('rejoinder.' .. module)[name](call.text, more)
  end
end

--- The same, which gets nothing.
---@param module string
---@param name string
---@return fun(call: rejoinder.Call)
local function plainly(module, name)
  return function()
    require('rejoinder.' .. module)[name]()
  end
end

--- A function of a module, which gets the chat of this buffer, or the one that is opened, and the text.
---@param module string
---@param name string
---@return fun(call: rejoinder.Call)
local function with_chat(module, name)
  return function(call)
    local chat = require('rejoinder.chat').of_buffer() or require('rejoinder.chat').open()
    require('rejoinder.chat.' .. module)[name](chat, call.text)
  end
end

---@param module string
---@return fun(lead: string, line: string): string[]
local function completed_by(module)
  return function(lead, line)
    return require('rejoinder.' .. module).complete(lead, line)
  end
end

---@param words string[]
---@return fun(lead: string): string[]
local function among(words)
  return function(lead)
    return names.starting(words, lead)
  end
end

---@param action? rejoinder.AskAction
---@return fun(call: rejoinder.Call)
local function asking(action)
  return function(call)
    local first, last = call.first, call.last
    if action and not first then
      -- without a selection the whole buffer is meant
      first, last = 1, vim.api.nvim_buf_line_count(0)
    end
    require('rejoinder.ask').open({ action = action, text = call.text, first = first, last = last })
  end
end

---@param call rejoinder.Call
local function chat(call)
  local open = require('rejoinder.chat').open
  local text = call.text ~= '' and call.text or nil
  if not call.first then
    open({ text = text })
    return
  end
  local buf = vim.api.nvim_get_current_buf()
  client_of.require(require('rejoinder.server').root(buf), function(client)
    client_of.attach(client, buf)
    local lines = require('rejoinder.context').lines(buf, call.first, call.last, client.offset_encoding)
    open({ text = text, attachments = { lines } })
  end)
end

---@param call rejoinder.Call
local function attach(call)
  if call.first then
    chat({ text = '', first = call.first, last = call.last })
  else
    require('rejoinder.pictures').attach(call.text)
  end
end

local function stop()
  local current = require('rejoinder.chat').current()
  local running = current and current.running
  if running and current then
    current:stop()
  end
  local others = { require('rejoinder.ask').stop_all(), require('rejoinder.knowledge').stop_all() }
  others[#others + 1] = require('rejoinder.inline').stop_all()
  if not running and not vim.list_contains(others, true) then
    client_of.say('No answer is coming in.')
  end
end

local function apply()
  local current = require('rejoinder.chat').of_buffer()
  if current then
    require('rejoinder.chat.keys').act('apply', current)
  else
    client_of.say('Put the cursor into a code block of the chat first.')
  end
end

--- All that the answer under the cursor changes, or else the last one.
local function apply_all()
  local current = require('rejoinder.chat').current()
  local found ---@type rejoinder.Message?
  local row = current and vim.api.nvim_get_current_buf() == current.buf and vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, entry in ipairs(current and current.page.entries or {}) do
    local message = entry.message
    if message and message.role == 'assistant' and (not row or not found or entry.row <= row) then
      found = message
    end
  end
  if current and current.client and found then
    require('rejoinder.apply').all(current.client, found.messageId, current.session.sessionId)
  else
    client_of.say('There is no answer here to apply.')
  end
end

---@param way 'take'|'leave'
---@return fun(call: rejoinder.Call)
local function decide(way)
  return function(call)
    local proposal, buf = require('rejoinder.proposal'), vim.api.nvim_get_current_buf()
    if call.text == 'all' and proposal.waits() then
      proposal.all(way)
    elseif proposal.waits(buf) then
      proposal[way](buf, proposal.here(buf))
    else
      local where = proposal.waits() and 'in this file' or 'anywhere'
      client_of.say(('No change waits %s.'):format(where))
    end
  end
end

---@param lead string
---@return string[]
local function models(lead)
  local current = require('rejoinder.chat').current()
  local known = current and current.client and require('rejoinder.status').models(current.client) or {}
  return names.starting(known, lead)
end

local function restart()
  for _, client in ipairs(vim.lsp.get_clients({ name = require('rejoinder.server').NAME })) do
    client_of.restart(client)
  end
  local current = require('rejoinder.chat').current()
  if current and not current.client then
    require('rejoinder.chat').connect(current)
  end
end

local WAYS = { 'yank', 'insert', 'replace', 'open' }
local LEVELS = { 'minimal', 'low', 'medium', 'high', 'default' }

---@type table<string, rejoinder.Subcommand>
return {
  chat = { chat },
  ask = { asking() },
  explain = { asking('explain') },
  fix = { asking('fix') },
  test = { asking('test') },
  document = { asking('document') },
  attach = { attach, 'file' },
  edit = { with_chat('branches', 'edit') },
  regenerate = { with_chat('branches', 'regenerate'), models },
  branch = { with_chat('branches', 'switch'), among({ 'next', 'previous' }) },
  agent = { saying('agents', 'choose') },
  model = { saying('models', 'choose') },
  effort = { with_chat('effort', 'choose'), among(LEVELS) },
  prompt = { with_chat('prompt', 'show') },
  decide = { plainly('approvals', 'decide') },
  stop = { stop },
  block = { saying('chat.blocks', 'run'), among(WAYS) },
  apply = { apply },
  applyall = { apply_all },
  change = { to('inline', 'ask') },
  accept = { decide('take'), among({ 'all' }) },
  reject = { decide('leave'), among({ 'all' }) },
  undo = { plainly('checkpoint', 'undo') },
  commit = { to('commit', 'run') },
  sessions = { saying('sessions', 'pick') },
  session = { to('session_actions', 'run'), completed_by('session_actions') },
  new = { saying('sessions', 'new') },
  rename = { saying('sessions', 'rename') },
  delete = { plainly('sessions', 'delete') },
  restore = { plainly('sessions', 'restore') },
  search = { saying('search', 'run', false) },
  searchall = { saying('search', 'run', true) },
  find = { saying('search', 'files') },
  index = { to('index', 'run'), completed_by('index') },
  remember = { to('memory', 'remember') },
  memory = { plainly('memory', 'list') },
  knowledge = { to('knowledge', 'run'), 'file' },
  restart = { restart },
}
