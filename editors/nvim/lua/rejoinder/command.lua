--- `:Rejoinder` and its subcommands.
local names = require('rejoinder.names')
local subcommands = require('rejoinder.subcommands')

local M = {}

---@param call vim.api.keyset.create_user_command.command_args
function M.run(call)
  local name, text = call.args:match('^(%S*)%s*(.-)%s*$')
  local subcommand = subcommands[name == '' and 'chat' or name]
  if not subcommand then
    require('rejoinder.client').tell((':Rejoinder %s is not known. See :help :Rejoinder'):format(name))
    return
  end
  local given = call.range > 0
  subcommand[1]({ text = text, first = given and call.line1 or nil, last = given and call.line2 or nil })
end

---@param lead string
---@param line string
---@param at integer
---@return string[]
function M.complete(lead, line, at)
  if line:sub(1, at):match('Rejoinder!?%s+%S*$') then
    return names.starting(names.of(subcommands), lead)
  end
  local subcommand = subcommands[line:match('Rejoinder!?%s+(%S+)')]
  local complete = subcommand and subcommand[2]
  if type(complete) == 'function' then
    return complete(lead, line)
  end
  return complete and vim.fn.getcompletion(lead, complete) or {}
end

return M
