--- The connection: one LSP client for each project folder, started when it is needed and again when it dies.
local server = require('rejoinder.server')

local M = {}

local MOST_RESTARTS = 3 -- within RESTART_WINDOW
local RESTART_WINDOW = 60 -- seconds

--- The code that the server's process ended with; set just before Neovim reports the end.
M.exit_code = 0
--- Why the server's process that ends next could not serve.
M.refusal = nil ---@type lsp.ResponseError?

local waiting = {} ---@type table<integer, (fun(client: vim.lsp.Client))[]> by client ID
local restarting = {} ---@type table<integer, boolean> clients that the user wants started again
local deaths = {} ---@type number[] when the server died, in seconds

--- Whether the server died so often that it is not started by itself any more.
---@return boolean
function M.given_up()
  return #deaths > MOST_RESTARTS
end

--- The running client of a folder.
---@param root string?
---@return vim.lsp.Client?
function M.find(root)
  for _, client in ipairs(vim.lsp.get_clients({ name = server.NAME })) do
    if client.root_dir == root and not client:is_stopped() then
      return client
    end
  end
end

---@class rejoinder.Problem
---@field message string what happened
---@field data? { hint: string } one thing to do

--- The client of a folder, started if it is not there; `use` gets it when the handshake is done.
---@param root string?
---@param use fun(client: vim.lsp.Client)
---@return rejoinder.Problem? problem why there is none
function M.with(root, use)
  local client = M.find(root)
  if client and client.initialized then
    use(client)
    return
  end
  if not server.find() then
    return server.MISSING
  end
  deaths = M.given_up() and {} or deaths
  local id = client and client.id or M.start(root)
  if not id then
    return { message = 'The server does not start.', data = { hint = 'See :checkhealth rejoinder.' } }
  end
  waiting[id] = waiting[id] or {}
  table.insert(waiting[id], use)
end

--- The same for a command: a problem is told.
---@param root string?
---@param use fun(client: vim.lsp.Client)
function M.require(root, use)
  local problem = M.with(root, use)
  if problem then
    M.tell(M.message(problem))
  end
end

--- Start a client. All files of the folder are attached, so that what is not saved yet counts.
---@param root string?
---@return integer? client_id
function M.start(root)
  if not vim.lsp.is_enabled(server.NAME) then
    vim.lsp.enable(server.NAME)
  end
  local config = vim.deepcopy(vim.lsp.config[server.NAME])
  config.root_dir = root
  return vim.lsp.start(config, {
    attach = false,
    reuse_client = function(client)
      return client.name == server.NAME and client.root_dir == root and not client:is_stopped()
    end,
  })
end

--- Attach a file's buffer, so that the server reads what is on the screen.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  local is_file = vim.bo[bufnr].buftype == '' and vim.api.nvim_buf_get_name(bufnr) ~= ''
  if is_file and not vim.lsp.buf_is_attached(bufnr, client.id) then
    vim.lsp.buf_attach_client(bufnr, client.id)
  end
end

--- Send a request. `reply` is called on the main loop; a reply that comes after the client's end never does.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param reply fun(err?: lsp.ResponseError, result?: any)
---@return integer? id with which it can be cancelled
function M.request(client, method, params, reply)
  local _, id = client:request(method, next(params) and params or vim.empty_dict(), function(err, result)
    reply(err, result)
  end)
  return id
end

--- A request whose failure is told to the user.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param use fun(result: any)
function M.call(client, method, params, use)
  M.request(client, method, params, function(err, result)
    if err then
      M.tell(M.message(err))
    else
      use(result)
    end
  end)
end

--- Whether the server serves a method.
---@param client vim.lsp.Client
---@param method string
---@return boolean
function M.serves(client, method)
  local offered = vim.tbl_get(client.server_capabilities or {}, 'experimental', 'rejoinder', 'methods') or {}
  return vim.list_contains(offered, method) or vim.list_contains(offered, (method:gsub('^rejoinder/', '')))
end

--- What happened, and the one thing to do.
---@param err lsp.ResponseError|rejoinder.ErrorInfo|rejoinder.Problem
---@return string
function M.message(err)
  local hint = type(err.data) == 'table' and err.data.hint or nil
  return hint and (err.message .. ' ' .. hint) or err.message
end

--- Tell the user what went wrong.
---@param message string
---@param level? integer
function M.tell(message, level)
  vim.notify(message, level or vim.log.levels.ERROR, { title = 'Rejoinder' })
end

--- Tell the user what is no fault.
---@param message string
function M.say(message)
  M.tell(message, vim.log.levels.INFO)
end

--- An identifier for a turn.
---@return string
function M.new_id()
  return (vim.uv.random(16):gsub('.', function(byte)
    return ('%02x'):format(byte:byte())
  end))
end

--- The handshake is done: whoever waited goes on.
---@param client vim.lsp.Client
function M.initialized(client)
  M.refusal = nil
  vim.schedule(function()
    for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].buflisted and server.root(bufnr) == client.root_dir then
        M.attach(client, bufnr)
      end
    end
    local waiters = waiting[client.id] or {}
    waiting[client.id] = nil
    for _, use in ipairs(waiters) do
      use(client)
    end
    require('rejoinder.status').connected(client)
  end)
end

--- Start a client's server again, as if it had died.
---@param client vim.lsp.Client
function M.restart(client)
  restarting[client.id] = true
  deaths = {}
  client:stop()
end

--- A client's process has ended. Unless that was wished, it is started again and its conversations are taken up.
---@param client_id integer
function M.exited(client_id)
  local wished, code = M.exit_code == 0 and not restarting[client_id], M.exit_code
  restarting[client_id] = nil
  local client = vim.lsp.get_client_by_id(client_id)
  local root, asked_for = client and client.root_dir, waiting[client_id] or {}
  waiting[client_id] = nil
  M.exit_code = 0
  vim.schedule(function()
    local refusal = M.refusal
    M.refusal = nil
    local chats = require('rejoinder.chat').lost(client_id)
    require('rejoinder.ask').lost(client_id)
    if wished or vim.v.exiting ~= vim.NIL then
      return
    end
    if refusal then
      if not require('rejoinder.chat').gone(root --[[@as string?]], refusal) then
        M.tell(M.message(refusal))
      end
      return
    end
    local now = vim.uv.hrtime() / 1e9
    deaths = vim.tbl_filter(function(at)
      return now - at < RESTART_WINDOW
    end, deaths)
    deaths[#deaths + 1] = now
    if M.given_up() then
      -- a second client of the folder may end at the same moment
      if #deaths == MOST_RESTARTS + 1 then
        local times = ("Rejoinder's server stopped %d times (exit code %d)."):format(#deaths, code)
        M.tell(times .. ' See :checkhealth rejoinder.')
      end
      local given_up = { message = 'The server stopped several times.', data = { hint = ':checkhealth rejoinder' } }
      require('rejoinder.chat').gone(root --[[@as string?]], given_up)
      return
    end
    M.require(root --[[@as string?]], function(again)
      for _, chat in ipairs(chats) do
        chat:reattach(again)
      end
      for _, use in ipairs(asked_for) do
        use(again)
      end
    end)
  end)
end

return M
