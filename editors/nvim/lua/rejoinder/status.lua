--- A line about the conversation: session, model, running turn, index. For the chat's winbar and any statusline.
local M = {}

---@class rejoinder.Connected what is known of a client's server
---@field model string? in use
---@field offers rejoinder.ModelInfo[]? what could be used after a yes; nil: not asked for yet
---@field index rejoinder.IndexStatus?
---@field models string[]? that can be named

local LEAST_NAME = 20 -- columns

local known = {} ---@type table<integer, rejoinder.Connected> by client ID

--- A client has connected: ask what model and index there are.
---@param client vim.lsp.Client
function M.connected(client)
  local methods, client_of = require('rejoinder.protocol').methods, require('rejoinder.client')
  known[client.id] = known[client.id] or {}
  M.ask_index(client)
  if client_of.serves(client, methods.MODELS) then
    client_of.request(client, methods.MODELS, {}, function(err, result)
      known[client.id].models = not err and vim.tbl_map(function(model)
        return model.id
      end, result.models) or nil
      M.model_changed(client.id, not err and result.current or nil)
    end)
  end
end

--- Another model may be in use.
---@param client_id integer
---@param model string?
function M.model_changed(client_id, model)
  known[client_id] = known[client_id] or {}
  known[client_id].model = model
  require('rejoinder.chat').refresh(client_id)
  vim.cmd.redrawstatus()
end

--- The first of what could be used after a yes and was not offered before. Asked for once, when there is somebody to
--- see it; who waits is drawn anew when it is known.
---@param client vim.lsp.Client
---@return rejoinder.ModelInfo?
function M.offer(client)
  local connected = known[client.id]
  if connected and connected.model and not connected.offers then
    connected.offers = {}
    local params = { offer = true } ---@type rejoinder.ModelsParams
    require('rejoinder.client').request(client, require('rejoinder.protocol').methods.MODELS, params, function(err, result)
      connected.offers = not err and result.offers or {}
      require('rejoinder.chat').refresh(client.id)
    end)
  end
  return connected and connected.offers and connected.offers[1] or nil
end

--- Ask for the index, unless it is known to be ready.
---@param client vim.lsp.Client
function M.ask_index(client)
  local methods, client_of = require('rejoinder.protocol').methods, require('rejoinder.client')
  local index = known[client.id] and known[client.id].index
  if (not index or index.state ~= 'ready') and client_of.serves(client, methods.INDEX_STATUS) then
    client_of.request(client, methods.INDEX_STATUS, {}, function(err, status)
      M.index_changed(client.id, not err and status or nil)
    end)
  end
end

--- The model that is set, as far as it is known.
---@param client vim.lsp.Client
---@return string?
function M.model(client)
  local model = M.current(client)
  return model ~= 'extractive' and model or nil
end

--- The models that are known by name.
---@param client vim.lsp.Client
---@return string[]
function M.models(client)
  return known[client.id] and known[client.id].models or {}
end

--- What answers, be it a model or not.
---@param client vim.lsp.Client
---@return string?
function M.current(client)
  return known[client.id] and known[client.id].model
end

---@param client_id integer
---@param status rejoinder.IndexStatus?
function M.index_changed(client_id, status)
  known[client_id] = known[client_id] or {}
  known[client_id].index = status
  vim.cmd.redrawstatus()
end

--- The index in a few words.
---@param client_id integer
---@return string?
function M.index(client_id)
  local status = known[client_id] and known[client_id].index
  if not status then
    return
  end
  if status.state == 'ready' then
    return require('rejoinder.names').counted(status.files, 'file')
  end
  if status.state == 'starting' then
    return
  end
  local progress = status.total > 0 and (' %d%%'):format(100 * status.done / status.total) or ''
  return status.state .. progress
end

--- The parts of the line for a chat.
---@param chat rejoinder.Chat
---@return string[]
function M.parts(chat)
  local session, client = chat.session, chat.client
  local parts = { session and (session.name ~= '' and session.name or 'New conversation') or 'Rejoinder' }
  if chat.running then
    local waits = require('rejoinder.approvals').first(chat)
    parts[#parts + 1] = waits and '? waiting for you' or '● answering'
  end
  if client then
    local model = session and session.model or M.model(client)
    parts[#parts + 1] = model and model:gsub('^[%w-]+:', '') or 'no model'
    if chat.agent then
      parts[#parts] = ('%s (%s)'):format(chat.agent, parts[#parts])
    end
    parts[#parts] = chat.effort and ('%s, %s effort'):format(parts[#parts], chat.effort) or parts[#parts]
    parts[#parts + 1] = M.index(client.id)
  end
  return parts
end

--- For the chat's 'winbar'. Evaluated for the window that it stands in.
---@return string
function M.winbar()
  local win = vim.g.statusline_winid or vim.api.nvim_get_current_win()
  local chat = require('rejoinder.chat').of_buffer(vim.api.nvim_win_get_buf(win))
  if not chat then
    return ''
  end
  local parts = M.parts(chat)
  local state = table.concat(parts, ' · ', 2)
  local room = vim.api.nvim_win_get_width(win) - vim.fn.strdisplaywidth(state) - 4
  if room < LEAST_NAME and #parts > 3 then
    -- a name is worth more than the count of files
    state = table.concat(parts, ' · ', 2, 3)
    room = vim.api.nvim_win_get_width(win) - vim.fn.strdisplaywidth(state) - 4
  end
  local name = parts[1]
  if vim.fn.strdisplaywidth(name) > room then
    name = vim.fn.strcharpart(name, 0, math.max(room - 1, 0)) .. '…'
  end
  local line = ('%%#RejoinderSession# %s %%=%%#RejoinderState# %s ')
  return line:format(name:gsub('%%', '%%%%'), (state:gsub('%%', '%%%%')))
end

--- For the chat's 'statusline': how full the context is, and what the conversation has used.
---@return string
function M.statusline()
  local win = vim.g.statusline_winid or vim.api.nvim_get_current_win()
  local chat = require('rejoinder.chat').of_buffer(vim.api.nvim_win_get_buf(win))
  local words = chat and require('rejoinder.chat.usage').words(chat) or {}
  local line = #words > 0 and table.concat(words, ' · ') or 'Rejoinder'
  return (' %s%%=%%l,%%c  %%P '):format((line:gsub('%%', '%%%%')))
end

--- For a statusline of one's own: what goes on in this folder's conversation, empty when there is none.
---@return string
function M.line()
  local chat = require('rejoinder.chat').current()
  local parts = chat and M.parts(chat) or {}
  return table.concat(chat and vim.list_extend(parts, require('rejoinder.chat.usage').words(chat)) or parts, ' · ')
end

return M
