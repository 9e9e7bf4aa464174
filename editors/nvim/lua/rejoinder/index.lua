--- The index of the project's files: how far it is, and why a file is found or not.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local names = require('rejoinder.names')

local M = {}

---@type table<string, string>
M.actions = {
  status = 'how far it is, and what could not be read',
  pause = 'read no more for now',
  resume = 'go on',
  rebuild = 'read all anew, or one file',
  explain = 'why a file is found or not',
}

--- Do what follows `:Rejoinder index`.
---@param call rejoinder.Call
function M.run(call)
  local action, rest = call.text:match('^(%S*)%s*(.-)$')
  action = action == '' and 'status' or action
  if not M.actions[action] then
    client_of.tell((':Rejoinder index takes %s.'):format(table.concat(names.of(M.actions), ', ')))
    return
  end
  local path = rest ~= '' and vim.fn.fnamemodify(vim.fn.expand(rest), ':p') or vim.api.nvim_buf_get_name(0)
  client_of.require(require('rejoinder.chat').root(), function(client)
    M['_' .. action](client, path, rest ~= '')
  end)
end

--- What `:Rejoinder index` is completed with.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if line:match('index%s+%S+%s') then
    return vim.fn.getcompletion(lead, 'file')
  end
  return names.starting(names.of(M.actions), lead)
end

---@param client vim.lsp.Client
function M._status(client)
  client_of.call(client, methods.INDEX_STATUS, {}, function(status)
    require('rejoinder.float').text(' Index ', M.lines(status))
  end)
end

--- What is told of an index.
---@param status rejoinder.IndexStatus
---@return string[]
function M.lines(status)
  local share = status.total > 0 and ('  %d of %d'):format(status.done, status.total) or ''
  local lines = {
    ('%-10s %s%s'):format('state', status.state, share),
    ('%-10s %d, as %d passages'):format('files', status.files, status.chunks),
    ('%-10s %s'):format('found by', status.model ~= '' and 'words and ' .. status.model or 'words'),
    ('%-10s %s'):format('on disk', M._size(status.bytes)),
  }
  for _, fault in ipairs(status.errors) do
    lines[#lines + 1] = ('%-10s %s: %s'):format('not read', require('rejoinder.places').label(fault), fault.reason)
  end
  return lines
end

---@param bytes integer
---@return string
function M._size(bytes)
  return bytes < 1e5 and ('%.0f kB'):format(bytes / 1e3) or ('%.1f MB'):format(bytes / 1e6)
end

---@param method string
---@param told string
---@return fun(client: vim.lsp.Client)
local function doing(method, told)
  return function(client)
    client_of.call(client, method, {}, function()
      client_of.say(told)
    end)
  end
end

M._pause = doing(methods.INDEX_PAUSE, 'The index is paused: :Rejoinder index resume goes on.')
M._resume = doing(methods.INDEX_RESUME, 'The index goes on.')

---@param client vim.lsp.Client
---@param path string
---@param named boolean
function M._rebuild(client, path, named)
  local params = { uri = named and vim.uri_from_fname(path) or nil } ---@type rejoinder.IndexRebuildParams
  client_of.call(client, methods.INDEX_REBUILD, params, function()
    client_of.say(named and 'The file is read anew.' or 'All files are read anew.')
  end)
end

---@param client vim.lsp.Client
---@param path string
function M._explain(client, path)
  if path == '' then
    client_of.say('This buffer is no file: name one.')
    return
  end
  local params = { uri = vim.uri_from_fname(path) } ---@type rejoinder.IndexExplainParams
  client_of.call(client, methods.INDEX_EXPLAIN, params, function(found)
    local name = vim.fn.fnamemodify(path, ':~:.')
    local state = found.indexed and ('is found (%s)'):format(names.counted(found.chunks, 'passage')) or 'is not found'
    client_of.say(('%s %s: %s'):format(name, state, found.reason))
  end)
end

return M
