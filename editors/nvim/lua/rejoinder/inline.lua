--- A change that is asked for at the cursor or about lines: what comes is shown in the file, to be taken or left.
local client_of = require('rejoinder.client')

local M = {}

local waiting = vim.api.nvim_create_namespace('rejoinder.inline')
local asked = {} ---@type table<integer, { client: vim.lsp.Client, id: integer }> what is waited for, by buffer

--- Ask for a change of lines, or at the cursor; without an instruction one is asked for.
---@param call rejoinder.Call
function M.ask(call)
  local buf = vim.api.nvim_get_current_buf()
  if vim.bo[buf].buftype ~= '' or vim.api.nvim_buf_get_name(buf) == '' then
    client_of.say('This buffer is no file: write it first, then ask for a change of it.')
    return
  end
  if call.text == '' then
    local prompt = call.first and 'Change the lines: ' or 'Write here: '
    require('rejoinder.picker').input({ prompt = prompt, scope = 'cursor' }, function(text)
      M.ask({ text = text, first = call.first, last = call.last })
    end)
    return
  end
  local at = vim.api.nvim_win_get_cursor(0)
  client_of.require(require('rejoinder.server').root(buf), function(client)
    client_of.attach(client, buf)
    M._send(client, buf, call, at)
  end)
end

---@param client vim.lsp.Client
---@param buf integer
---@param call rejoinder.Call
---@param at [integer, integer]
function M._send(client, buf, call, at)
  M.stop(buf)
  ---@type rejoinder.EditParams
  local params = {
    uri = vim.uri_from_bufnr(buf),
    version = vim.lsp.util.buf_versions[buf],
    range = M._range(buf, call, at, client.offset_encoding),
    instruction = call.text,
  }
  M._wait(buf, call.first and call.last or at[1])
  local id
  id = client_of.request(client, require('rejoinder.protocol').methods.EDIT, params, function(err, result)
    if not asked[buf] or asked[buf].id ~= id then
      return
    end
    asked[buf] = nil
    if not vim.api.nvim_buf_is_valid(buf) then
      return
    end
    vim.api.nvim_buf_clear_namespace(buf, waiting, 0, -1)
    if err then
      client_of.tell(client_of.message(err))
    else
      require('rejoinder.apply').propose(client, result)
    end
  end)
  asked[buf] = id and { client = client, id = id } or nil
end

---@param buf integer
---@param call rejoinder.Call
---@param at [integer, integer]
---@param encoding string
---@return rejoinder.Range
function M._range(buf, call, at, encoding)
  if call.first then
    return require('rejoinder.context').lines(buf, call.first, call.last, encoding).range
  end
  local here = { line = at[1] - 1, character = vim.str_utfindex(vim.fn.getbufoneline(buf, at[1]), encoding, at[2], false) }
  return { start = here, ['end'] = here }
end

---@param buf integer
---@param row integer
function M._wait(buf, row)
  require('rejoinder.colours').set()
  vim.api.nvim_buf_set_extmark(buf, waiting, row - 1, 0, {
    virt_text = { { '  ● writing… :Rejoinder stop', 'RejoinderWorking' } },
    strict = false,
  })
end

--- Wait for a change of a buffer no more.
---@param buf integer
---@return boolean whether there was one
function M.stop(buf)
  local request = asked[buf]
  asked[buf] = nil
  if request then
    request.client:cancel_request(request.id)
  end
  if vim.api.nvim_buf_is_valid(buf) then
    vim.api.nvim_buf_clear_namespace(buf, waiting, 0, -1)
  end
  return request ~= nil
end

--- Wait for no change any more.
---@return boolean whether there was one
function M.stop_all()
  local any = false
  for _, buf in ipairs(vim.tbl_keys(asked)) do
    any = M.stop(buf) or any
  end
  return any
end

return M
