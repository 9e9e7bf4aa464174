--- A commit message for what has changed, written where one is being written.
local client_of = require('rejoinder.client')

local M = {}

local running = false

--- Have one written: into a buffer of `git commit`, else into one of its own.
---@param call rejoinder.Call
function M.run(call)
  if running then
    client_of.say('A commit message is being written already.')
    return
  end
  local buf = vim.api.nvim_get_current_buf()
  local root = vim.bo[buf].filetype == 'gitcommit' and vim.fs.root(vim.fn.getcwd(), '.git')
    or require('rejoinder.server').root(buf)
  client_of.require(root, function(client)
    ---@type rejoinder.AskParams
    local params = { text = call.text, action = 'commit', ephemeral = true, turnId = client_of.new_id() }
    running = true
    client_of.say('Writing the message…')
    client_of.request(client, require('rejoinder.protocol').methods.ASK, params, function(err, result)
      running = false
      if err then
        client_of.tell(client_of.message(err))
      else
        M._put(buf, M.message(result.text or ''))
      end
    end)
  end)
end

--- The message alone: a model may put it between fences.
---@param text string
---@return string[]
function M.message(text)
  local lines = require('rejoinder.turns').lines(vim.trim(text))
  if #lines > 2 and lines[1]:match('^```') and lines[#lines]:match('^```%s*$') then
    lines = vim.list_slice(lines, 2, #lines - 1)
  end
  return lines
end

---@param buf integer
---@param lines string[]
function M._put(buf, lines)
  if vim.api.nvim_buf_is_valid(buf) and vim.bo[buf].filetype == 'gitcommit' and vim.bo[buf].modifiable then
    local old = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
    local last = 0
    while last < #old and not old[last + 1]:match('^#') do
      last = last + 1
    end
    -- what git says below stays
    vim.api.nvim_buf_set_lines(buf, 0, last, false, vim.list_extend(vim.list_slice(lines), { '' }))
    return
  end
  vim.cmd('botright 12new')
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile, vim.bo.filetype = 'nofile', 'wipe', false, 'gitcommit'
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.fn.setreg('"', lines, 'V')
  vim.api.nvim_echo({ { 'The message is yanked, too.' } }, false, {})
end

return M
