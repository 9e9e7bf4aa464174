--- The server's process: where it is found, how it is started, which folder it serves.
local protocol = require('rejoinder.protocol')

local M = {}

M.NAME = 'rejoinder'

---@type rejoinder.Problem
M.MISSING = { message = "Rejoinder's server was not found.", data = { hint = 'See :checkhealth rejoinder.' } }

---@class rejoinder.Found
---@field cmd string[] the whole command
---@field from string where it was found, for people

--- The server's command: the option, the active virtual environment, PATH, then where pipx and uv put programs.
---@return rejoinder.Found?
function M.find()
  local cmd = require('rejoinder.config').get().cmd
  if cmd then
    return vim.fn.executable(cmd[1]) == 1 and { cmd = cmd, from = 'vim.g.rejoinder.cmd' } or nil
  end
  local places = { { 'rejoinder', 'PATH' }, { vim.fs.normalize('~/.local/bin/rejoinder'), '~/.local/bin' } }
  if vim.env.VIRTUAL_ENV then
    local scripts = vim.fn.has('win32') == 1 and 'Scripts' or 'bin'
    table.insert(places, 1, { vim.fs.joinpath(vim.env.VIRTUAL_ENV, scripts, 'rejoinder'), 'VIRTUAL_ENV' })
  end
  for _, place in ipairs(places) do
    if vim.fn.executable(place[1]) == 1 then
      return { cmd = { vim.fn.exepath(place[1]), 'serve' }, from = place[2] }
    end
  end
end

--- The project's folder of a buffer: its repository, else the working folder if the file is in it.
--- Home and the root of the file system are nobody's project.
---@param bufnr integer
---@return string?
function M.root(bufnr)
  local name = vim.bo[bufnr].buftype == '' and vim.api.nvim_buf_get_name(bufnr) or ''
  local cwd = vim.fs.normalize(vim.fn.getcwd())
  local root = name ~= '' and vim.fs.root(bufnr, '.git') or nil
  if not root and (name == '' or vim.fs.relpath(cwd, vim.fs.normalize(name))) then
    root = vim.fs.root(cwd, '.git') or cwd
  end
  if root and root ~= vim.fs.normalize('~') and vim.fs.dirname(root) ~= root then
    return root
  end
end

---@param bufnr integer
---@param on_dir fun(root?: string)
local function root_dir(bufnr, on_dir)
  if vim.bo[bufnr].buftype ~= '' or vim.api.nvim_buf_get_name(bufnr) == '' then
    return
  end
  -- files are opened all day: without a server nobody is told at each of them, but when Rejoinder is used
  if M.find() and not require('rejoinder.client').given_up() then
    local root = M.root(bufnr)
    if root then
      on_dir(root)
    end
  end
end

--- Takes the answer to the handshake. Why the server cannot serve is kept for `rejoinder.client`, which tells it when
--- the process has ended; what Neovim would say of it is its own code.
---@param callback fun(err?: lsp.ResponseError, result?: any)
---@return fun(err?: lsp.ResponseError, result?: any)
local function told_of_refusal(callback)
  return function(err, result)
    if err then
      require('rejoinder.client').refusal = err
    else
      callback(err, result)
    end
  end
end

--- Start the process. An exit that nobody wished is told to `rejoinder.client`, which starts it again; Neovim's own
--- message about it, which waits for a key, is not shown then.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
local function start(dispatchers)
  local found = M.find()
  if not found then
    error(M.MISSING.message, 0)
  end
  local on_exit = dispatchers.on_exit
  dispatchers.on_exit = function(code, signal)
    require('rejoinder.client').exit_code = code
    on_exit(0, 0)
  end
  local rpc = vim.lsp.rpc.start(found.cmd, dispatchers)
  local request = rpc.request
  rpc.request = function(method, params, callback, ...)
    return request(method, params, method == 'initialize' and told_of_refusal(callback) or callback, ...)
  end
  return rpc
end

--- The settings go along with the handshake too: those that must not come from a workspace count only there, and a
--- user's own Lua is not the workspace's.
---@param params table LSP's InitializeParams
---@param config vim.lsp.ClientConfig
local function before_init(params, config)
  local settings = vim.tbl_get(config, 'settings', 'rejoinder') or {}
  params.initializationOptions = vim.tbl_extend('keep', params.initializationOptions or {}, settings, { trusted = true })
end

--- The answers to what the server sends.
---@return table<string, lsp.Handler>
local function handlers()
  local methods = protocol.methods
  return {
    [methods.CHAT_UPDATE] = function(_, params, ctx)
      require('rejoinder.turns').update(ctx.client_id, params)
    end,
    [methods.SESSION_CHANGED] = function(_, params, ctx)
      require('rejoinder.chat').session_changed(ctx.client_id, params)
    end,
    [methods.INDEX_CHANGED] = function(_, params, ctx)
      require('rejoinder.status').index_changed(ctx.client_id, params)
    end,
    [methods.EDITOR_CONTEXT] = function(_, params, ctx)
      return require('rejoinder.context').answer(params, ctx.client_id)
    end,
  }
end

--- What `lsp/rejoinder.lua` answers.
---@return vim.lsp.Config
function M.lsp_config()
  return {
    cmd = start,
    root_dir = root_dir,
    before_init = before_init,
    capabilities = {
      experimental = {
        rejoinder = { protocolVersion = protocol.version, ui = true, features = { protocol.editor_context_feature } },
      },
    },
    handlers = handlers(),
    exit_timeout = 1000,
    on_init = function(client)
      require('rejoinder.client').initialized(client)
    end,
    on_exit = function(_, _, client_id)
      require('rejoinder.client').exited(client_id)
    end,
  }
end

return M
