--- Which model answers. What there is to choose from, and what a choice still needs, the server says.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local picker = require('rejoinder.picker')

local M = {}

local OTHER = 'Another model, by its name…'

--- Choose a model: what runs on this machine, what is configured, or another by its name.
---@param name? string already known
function M.choose(name)
  client_of.require(require('rejoinder.chat').root(), function(client)
    if name and name ~= '' then
      M._use(client, name)
      return
    end
    local params = { refresh = true, offer = true, again = true } ---@type rejoinder.ModelsParams
    client_of.call(client, methods.MODELS, params, function(result)
      local options = { prompt = 'Choose a model', kind = 'rejoinder.model' }
      options.format_item = function(model)
        return M.line(model, result.current)
      end
      picker.choose(M._all(result), options, function(model)
        if model.configured then
          M._use(client, model.id)
        else
          M._ask_name(client, model.id ~= '' and model.id or result.current)
        end
      end)
    end)
  end)
end

--- A model as a line of a list.
---@param model rejoinder.ModelInfo
---@param current string
---@return string
function M.line(model, current)
  local words = { model['local'] and 'on this machine' or model.provider }
  if model.id == '' then
    words = {}
  elseif model.id == current then
    table.insert(words, 1, 'in use')
  end
  return ('%s %s  %s'):format(model.id == current and '●' or ' ', model.label, table.concat(words, ' · '))
end

--- What the server would use after a yes, then the rest, then any other.
---@param result rejoinder.ModelsResult
---@return rejoinder.ModelInfo[]
function M._all(result)
  local all, seen = {}, {}
  for _, list in ipairs({ result.offers or {}, result.models }) do
    for _, model in ipairs(list) do
      if not seen[model.id] then
        seen[model.id] = true
        all[#all + 1] = model
      end
    end
  end
  all[#all + 1] = { id = '', label = OTHER, provider = '', configured = false } --[[@as rejoinder.ModelInfo]]
  return all
end

---@param client vim.lsp.Client
---@param id string
function M._ask_name(client, id)
  picker.input({ prompt = 'Model: ', default = id }, function(name)
    M._use(client, name)
  end)
end

--- Use a model wherever no setting names one.
---@param client vim.lsp.Client
---@param id string
function M._use(client, id)
  local params = { model = id } ---@type rejoinder.ModelsUseParams
  local before = require('rejoinder.status').current(client)
  client_of.call(client, methods.MODELS_USE, params, function(result)
    require('rejoinder.status').model_changed(client.id, result.current)
    if result.current == before and before ~= id then
      client_of.tell(('A setting names %s and is stronger. See :help rejoinder-model'):format(before), vim.log.levels.WARN)
    else
      client_of.say(('%s answers from now on.'):format(id))
    end
  end)
end

return M
