--- Subcommands of `:Rejoinder` that change files, or look after conversations and the index. Loaded when they are used.
local M = {}

---@param module string
---@param name string
---@return fun(call: rejoinder.Call)
local function to(module, name)
  return function(call)
    require('rejoinder.' .. module)[name](call)
  end
end

---@param module string
---@return fun(lead: string, line: string): string[]
local function completed_by(module)
  return function(lead, line)
    return require('rejoinder.' .. module).complete(lead, line)
  end
end

---@param lead string
---@return string[]
local function all(lead)
  return vim.startswith('all', lead) and { 'all' } or {}
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
      require('rejoinder.client').tell(('No change waits %s.'):format(where), vim.log.levels.INFO)
    end
  end
end

--- All that the answer under the cursor changes, or else the last one.
local function apply_all()
  local chat = require('rejoinder.chat').of_buffer() or require('rejoinder.chat').current()
  local found ---@type rejoinder.Message?
  local row = chat and vim.api.nvim_get_current_buf() == chat.buf and vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, entry in ipairs(chat and chat.page.entries or {}) do
    local message = entry.message
    if message and message.role == 'assistant' and (not row or not found or entry.row <= row) then
      found = message
    end
  end
  if chat and chat.client and found then
    require('rejoinder.apply').all(chat.client, found.messageId, chat.session.sessionId)
  else
    require('rejoinder.client').tell('There is no answer here to apply.', vim.log.levels.INFO)
  end
end

---@type table<string, rejoinder.Subcommand>
M.all = {
  change = { help = 'write at the cursor, or change the lines of a range, as you say', run = to('inline', 'ask') },
  accept = { help = 'take the change under the cursor, or all', run = decide('take'), complete = all },
  reject = { help = 'leave the change under the cursor, or all', run = decide('leave'), complete = all },
  applyall = { help = 'show all that an answer changes, in all files', run = apply_all },
  undo = { help = 'take back what was taken last, in all files', run = to('checkpoint', 'undo') },
  session = {
    help = 'open, pin, archive, fork, export or delete a conversation',
    run = to('session_actions', 'run'),
    complete = completed_by('session_actions'),
  },
  find = {
    help = 'search the files, into the quickfix list',
    run = function(call)
      require('rejoinder.search').files(call.text)
    end,
  },
  index = {
    help = 'status, pause, resume, rebuild, explain why a file is found or not',
    run = to('index', 'run'),
    complete = completed_by('index'),
  },
  commit = { help = 'write a commit message for what has changed', run = to('commit', 'run') },
}

return M
