--- `:checkhealth rejoinder`: what is there, what is missing, and one thing to do about it.
local M = {}

local health = vim.health

function M.check()
  M._neovim()
  local found = M._server()
  if found then
    M._connection()
  end
  M._options()
end

function M._neovim()
  health.start('Neovim')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim ' .. tostring(vim.version()) .. ' is too old.', 'Install Neovim 0.11 or newer.')
  end
  if pcall(vim.treesitter.language.inspect, 'markdown') then
    health.ok('Markdown is highlighted by treesitter')
  else
    health.info('No treesitter parser for Markdown: answers are highlighted less.')
  end
end

---@return rejoinder.Found?
function M._server()
  health.start('Server')
  local found = require('rejoinder.server').find()
  if not found then
    local cmd = require('rejoinder.config').get().cmd
    if cmd then
      health.error(('vim.g.rejoinder.cmd is %q, which is no program.'):format(cmd[1]), 'Correct it, or leave it out.')
    else
      health.error(
        'The server was not found: neither in the active virtual environment, nor on PATH, nor in ~/.local/bin.',
        'Install it: pipx install rejoinder (or: uv tool install rejoinder)'
      )
    end
    return
  end
  health.ok(('Found by %s: %s'):format(found.from, table.concat(found.cmd, ' ')))
  local version = vim.list_extend(vim.list_slice(found.cmd, 1, #found.cmd - 1), { '--version' })
  local ok, run = pcall(function()
    return vim.system(version, { text = true }):wait(10000)
  end)
  if ok and run.code == 0 then
    health.ok(vim.trim(run.stdout))
  else
    local said = ok and vim.trim(run.stderr or '') or tostring(run)
    health.error('It does not start: ' .. said:gsub('.*\n', ''), 'Install it anew: pipx reinstall rejoinder')
  end
  return found
end

function M._connection()
  health.start('Connection')
  local clients = vim.lsp.get_clients({ name = require('rejoinder.server').NAME })
  if #clients == 0 then
    health.info('Not connected yet: :Rejoinder chat starts the server.')
  end
  for _, client in ipairs(clients) do
    local offered = vim.tbl_get(client.server_capabilities or {}, 'experimental', 'rejoinder') or {}
    local version = require('rejoinder.protocol').version
    local where = client.root_dir or 'no folder'
    if offered.protocolVersion == version then
      health.ok(('Connected for %s, protocol %d'):format(where, version))
    elseif client.initialized then
      local speaks = tostring(offered.protocolVersion)
      health.error(('The server for %s speaks protocol %s, not %d.'):format(where, speaks, version), 'Update both.')
    else
      health.info('Connecting for ' .. where)
    end
    local model = require('rejoinder.status').model(client)
    if model then
      health.ok('Model: ' .. model)
    else
      health.info('No model is set: answers quote the passages that fit best. :help rejoinder-model')
    end
  end
end

function M._options()
  health.start('Options')
  local problems = require('rejoinder.config').problems()
  for _, problem in ipairs(problems) do
    health.warn(problem, 'See :help rejoinder-options')
  end
  if #problems == 0 then
    health.ok('vim.g.rejoinder is in order')
  end
end

return M
