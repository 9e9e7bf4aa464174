--- `:Rejoinder` and its subcommands.
local client_of = require('rejoinder.client')

local M = {}

---@class rejoinder.Call
---@field text string what follows the subcommand
---@field first? integer lines of the range, from 1
---@field last? integer

---@class rejoinder.Subcommand
---@field help string
---@field run fun(call: rejoinder.Call)
---@field complete? string|fun(lead: string, line: string): string[] what its text is completed with, as |getcompletion()| names it

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
  if not call.first then
    open({ text = call.text ~= '' and call.text or nil })
    return
  end
  local buf = vim.api.nvim_get_current_buf()
  client_of.require(require('rejoinder.server').root(buf), function(client)
    client_of.attach(client, buf)
    local lines = require('rejoinder.context').lines(buf, call.first, call.last, client.offset_encoding)
    open({ text = call.text ~= '' and call.text or nil, attachments = { lines } })
  end)
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
    client_of.tell('No answer is coming in.', vim.log.levels.INFO)
  end
end

local function apply()
  local current = require('rejoinder.chat').of_buffer()
  if current then
    require('rejoinder.chat.keys').act('apply', current)
  else
    client_of.tell('Put the cursor into a code block of the chat first.', vim.log.levels.INFO)
  end
end

---@param name string
---@return fun(call: rejoinder.Call)
local function of_sessions(name)
  return function(call)
    require('rejoinder.sessions')[name](call.text)
  end
end

---@param call rejoinder.Call
local function remember(call)
  require('rejoinder.memory').remember(call)
end

local function memory()
  require('rejoinder.memory').list()
end

---@param call rejoinder.Call
local function knowledge(call)
  require('rejoinder.knowledge').run(call)
end

---@param everywhere boolean
---@return fun(call: rejoinder.Call)
local function search(everywhere)
  return function(call)
    require('rejoinder.search').run(call.text, everywhere)
  end
end

---@param call rejoinder.Call
local function attach(call)
  if call.first then
    chat({ text = '', first = call.first, last = call.last })
  else
    require('rejoinder.pictures').attach(call.text)
  end
end

---@param call rejoinder.Call
local function agent(call)
  require('rejoinder.agents').choose(call.text)
end

local function decide()
  require('rejoinder.approvals').decide()
end

---@param call rejoinder.Call
local function model(call)
  require('rejoinder.models').choose(call.text)
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

---@type table<string, rejoinder.Subcommand>
M.subcommands = {
  chat = { help = 'the conversation of this project; lines of a range come along', run = chat },
  ask = { help = 'a question, about the lines of a range', run = asking() },
  explain = { help = 'explain the lines, or the file', run = asking('explain') },
  fix = { help = 'find what is wrong and mend it', run = asking('fix') },
  test = { help = 'write tests', run = asking('test') },
  document = { help = 'write documentation', run = asking('document') },
  sessions = { help = 'choose a conversation', run = of_sessions('pick') },
  new = { help = 'begin a conversation', run = of_sessions('new') },
  rename = { help = 'name this conversation', run = of_sessions('rename') },
  delete = { help = 'delete this conversation', run = of_sessions('delete') },
  restore = { help = 'take the last deletion back', run = of_sessions('restore') },
  search = { help = 'search what was said here; the quickfix list has it too', run = search(false) },
  searchall = { help = 'search what was said in all projects', run = search(true) },
  attach = { help = 'attach lines, a file, a folder or a picture to the next message', run = attach, complete = 'file' },
  agent = { help = 'choose the agent that answers', run = agent },
  decide = { help = 'decide on the tool call that waits', run = decide },
  remember = { help = 'remember lines, a message, or what is typed', run = remember },
  memory = { help = 'what is remembered: open its origin, correct, forget', run = memory },
  knowledge = { help = 'add a file, folder or page; list what was added', run = knowledge, complete = 'file' },
  model = { help = 'choose the model that answers', run = model },
  stop = { help = 'stop the answer', run = stop },
  apply = { help = 'apply the code block under the cursor', run = apply },
  restart = { help = 'start the server again', run = restart },
}

for _, module in ipairs({ 'rejoinder.chat.commands', 'rejoinder.work_commands' }) do
  for name, subcommand in pairs(require(module).all) do
    M.subcommands[name] = subcommand
  end
end

---@param call vim.api.keyset.create_user_command.command_args
function M.run(call)
  local name, text = call.args:match('^(%S*)%s*(.-)%s*$')
  local subcommand = M.subcommands[name == '' and 'chat' or name]
  if not subcommand then
    client_of.tell((':Rejoinder %s is not known. See :help :Rejoinder'):format(name))
    return
  end
  local given = call.range > 0
  subcommand.run({ text = text, first = given and call.line1 or nil, last = given and call.line2 or nil })
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(M.subcommands)
  table.sort(names)
  return names
end

---@param lead string
---@param line string
---@param at integer
---@return string[]
function M.complete(lead, line, at)
  if line:sub(1, at):match('Rejoinder!?%s+%S*$') then
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, M.names())
  end
  local subcommand = M.subcommands[line:match('Rejoinder!?%s+(%S+)')]
  local complete = subcommand and subcommand.complete
  if type(complete) == 'function' then
    return complete(lead, line)
  end
  return complete and vim.fn.getcompletion(lead, complete) or {}
end

return M
