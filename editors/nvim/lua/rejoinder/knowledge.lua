--- Documents, folders and pages that are looked up in every turn: added with progress, listed, removed.
local chats = require('rejoinder.chat')
local client_of = require('rejoinder.client')
local counted = require('rejoinder.names').counted
local protocol = require('rejoinder.protocol')
local methods, errors = protocol.methods, protocol.errors

local M = {}

---@class rejoinder.Adding
---@field client vim.lsp.Client
---@field request integer?
---@field name string

local adding = {} ---@type table<string, rejoinder.Adding> by the token of its progress

--- Add a file, a folder or a page; without one, list what was added.
---@param call rejoinder.Call
function M.run(call)
  local source = call.text
  client_of.require(chats.root(), function(client)
    if source == '' then
      M.list(client)
    elseif source:match('^https?://') then
      M._add(client, { source = source, kind = 'url' })
    else
      -- whoever names a file means it, wherever it lies
      M._add(client, { source = vim.fn.fnamemodify(vim.fn.expand(source), ':p'), allowOutside = true })
    end
  end)
end

---@param client vim.lsp.Client
---@param params rejoinder.KnowledgeAddParams
function M._add(client, params)
  local token = client_of.new_id()
  params.workDoneToken = token
  local name = vim.fs.basename((params.source:gsub('[/\\]$', '')))
  adding[token] = { client = client, name = name }
  M._watch()
  M._say(('Adding %s… (:Rejoinder stop stops)'):format(name))
  adding[token].request = client_of.request(client, methods.KNOWLEDGE_ADD, params, function(err, item)
    adding[token] = nil
    if err and err.code == errors.NOT_TRUSTED and not params.allowPrivate then
      M._ask_anyway(client, params, err)
    elseif err then
      client_of.tell(client_of.message(err))
    elseif item.error then
      client_of.tell(('%s: %s'):format(item.title, item.error), vim.log.levels.WARN)
    else
      client_of.say(('Added %s: %s.'):format(item.title, counted(item.chunks, 'passage')))
    end
  end)
end

--- The server does not follow an address into the user's own network by itself; it says so, and the user decides.
---@param client vim.lsp.Client
---@param params rejoinder.KnowledgeAddParams
---@param err lsp.ResponseError
function M._ask_anyway(client, params, err)
  local question = err.message .. ' Fetch it only if you know this address.'
  if vim.fn.confirm(question, '&Fetch it anyway\n&Leave it', 2, 'Question') == 1 then
    M._add(client, vim.tbl_extend('force', params, { allowPrivate = true }))
  end
end

--- Stop all that is being added.
---@return boolean stopped whether there was any
function M.stop_all()
  local any = false
  for token, one in pairs(adding) do
    any, adding[token] = true, nil
    if one.request then
      -- Neovim calls nobody back for a request that was cancelled
      one.client:cancel_request(one.request)
    end
    client_of.say(('%s was not added.'):format(one.name))
  end
  return any
end

--- Tell how far it is, in the place of what was told before.
---@param text string
function M._say(text)
  vim.cmd.redraw()
  vim.api.nvim_echo({ { text } }, false, {})
end

function M._watch()
  vim.api.nvim_create_autocmd('LspProgress', {
    group = vim.api.nvim_create_augroup('rejoinder.knowledge', {}),
    callback = function(event)
      local params = event.data and event.data.params or {}
      local one, value = adding[params.token], params.value or {}
      if one and value.kind == 'report' then
        local percent = value.percentage and (' %d%%'):format(value.percentage) or ''
        M._say(('Adding %s…%s %s'):format(one.name, percent, value.message or ''))
      end
    end,
  })
end

--- Choose something that was added, and what becomes of it.
---@param client vim.lsp.Client
function M.list(client)
  client_of.call(client, methods.KNOWLEDGE_LIST, {}, function(result)
    if #result.knowledge == 0 then
      local how = ':Rejoinder knowledge PATH, or the address of a page, adds some.'
      client_of.say('Nothing was added yet: ' .. how)
      return
    end
    local options = { prompt = 'Knowledge', format_item = M.line, kind = 'rejoinder.knowledge' }
    require('rejoinder.picker').choose(result.knowledge, options, function(item)
      M._decide(client, item)
    end)
  end)
end

--- An item as a line of a list.
---@param item rejoinder.Knowledge
---@return string
function M.line(item)
  local state = item.error or counted(item.chunks, 'passage')
  local where = item.source ~= item.title and ' · ' .. item.source or ''
  return ('%s %s  %s%s'):format(item.error and '!' or ' ', item.title, state, where)
end

---@param client vim.lsp.Client
---@param item rejoinder.Knowledge
function M._decide(client, item)
  local choices = (item.kind == 'file' or item.kind == 'url') and { 'Open', 'Remove' } or { 'Remove' }
  vim.ui.select(choices, { prompt = item.title, kind = 'rejoinder.knowledge.action' }, function(choice)
    if choice == 'Open' then
      -- what lies in the project is named by its path there
      local path = vim.fs.normalize(vim.fs.joinpath(client.root_dir or '', item.source))
      local full = vim.startswith(item.source, '/') and item.source or path
      local uri = item.kind == 'url' and item.source or vim.uri_from_fname(full)
      require('rejoinder.places').open({ uri = uri }, client)
    elseif choice == 'Remove' then
      M._remove(client, item)
    end
  end)
end

---@param client vim.lsp.Client
---@param item rejoinder.Knowledge
function M._remove(client, item)
  local question = ('Remove %s from the knowledge?'):format(item.title)
  if vim.fn.confirm(question, '&Remove\n&Keep', 2, 'Question') == 1 then
    local params = { knowledgeId = item.knowledgeId } ---@type rejoinder.KnowledgeRemoveParams
    client_of.call(client, methods.KNOWLEDGE_REMOVE, params, function()
      client_of.say(('%s was removed.'):format(item.title))
    end)
  end
end

return M
