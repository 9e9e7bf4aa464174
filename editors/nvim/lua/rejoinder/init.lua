--- What other Lua code may call. All of it is also on `:Rejoinder`.
local M = {}

--- Show the conversation of the current project.
---@param options? rejoinder.OpenOptions
function M.chat(options)
  require('rejoinder.chat').open(options)
end

--- Ask about lines of the current buffer; the answer comes in a float.
---@param options rejoinder.AskOptions
function M.ask(options)
  require('rejoinder.ask').open(options)
end

--- Choose a conversation.
function M.sessions()
  require('rejoinder.sessions').pick()
end

--- Session, running turn, model and index in one line, for a statusline.
---@return string
function M.status()
  return require('rejoinder.status').line()
end

return M
