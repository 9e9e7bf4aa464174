--- How much the model may think before it answers, for what is sent from here.
local M = {}

local NONE = 'default'
local LEVELS = { NONE, 'minimal', 'low', 'medium', 'high' }

--- Choose it for a conversation, from now on.
---@param chat rejoinder.Chat
---@param level string empty: it is asked for
function M.choose(chat, level)
  if level ~= '' then
    M._use(chat, level)
    return
  end
  local options = { prompt = 'How much may the model think?', kind = 'rejoinder.effort' }
  options.format_item = function(item)
    local name = item == NONE and 'as it is set, or as the model has it' or item
    return ('%s %s'):format(item == (chat.effort or NONE) and '●' or ' ', name)
  end
  vim.ui.select(LEVELS, options, function(item)
    if item then
      M._use(chat, item)
    end
  end)
end

---@param chat rejoinder.Chat
---@param level string
function M._use(chat, level)
  if not vim.list_contains(LEVELS, level) then
    require('rejoinder.client').tell((':Rejoinder effort takes %s.'):format(table.concat(LEVELS, ', ')))
    return
  end
  chat.effort = level ~= NONE and level or nil
  vim.cmd.redrawstatus()
end

return M
