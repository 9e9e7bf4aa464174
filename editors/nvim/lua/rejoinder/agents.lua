--- Which agent answers. Which there are, the server says.
local chats = require('rejoinder.chat')
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods

local M = {}

local NONE = { name = '', role = 'the model answers as it is' }

--- Choose the agent that answers in the current conversation from now on.
---@param name string empty: it is asked for
function M.choose(name)
  local chat = chats.current() or chats.open()
  client_of.require(chat.root, function(client)
    local params = { sessionId = chat.session and chat.session.sessionId } ---@type rejoinder.AgentsListParams
    client_of.call(client, methods.AGENTS_LIST, params, function(result)
      if name ~= '' then
        M._named(chat, result.agents, name)
        return
      end
      if #result.agents == 0 then
        local note = result.notes and result.notes[1] or 'No agent is set up yet: see :help rejoinder-agents'
        client_of.say(note)
        return
      end
      local options = { prompt = 'Choose an agent', kind = 'rejoinder.agent' }
      options.format_item = function(agent)
        return M.line(agent, chat.agent)
      end
      require('rejoinder.picker').choose(vim.list_extend({ NONE }, result.agents), options, function(agent)
        M._use(chat, agent.name)
      end)
    end)
  end)
end

--- An agent as a line of a list.
---@param agent rejoinder.AgentInfo
---@param current string?
---@return string
function M.line(agent, current)
  local mark = agent.name == (current or '') and '●' or ' '
  local name = agent.name ~= '' and agent.name or 'No agent'
  return (('%s %s  %s'):format(mark, name, agent.role or ''):gsub('%s+$', ''))
end

---@param chat rejoinder.Chat
---@param agents rejoinder.AgentInfo[]
---@param name string
function M._named(chat, agents, name)
  for _, agent in ipairs(agents) do
    if agent.name == name then
      M._use(chat, name)
      return
    end
  end
  client_of.tell(('There is no agent %s here. :Rejoinder agent lists them.'):format(name))
end

---@param chat rejoinder.Chat
---@param name string
function M._use(chat, name)
  chat.agent = name ~= '' and name or nil
  vim.cmd.redrawstatus()
end

return M
