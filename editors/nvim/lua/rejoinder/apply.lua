--- From an answer to the changes that it means, shown within their files before anything is taken.
local client_of = require('rejoinder.client')
local places = require('rejoinder.places')

local M = {}

--- Ask the server for the edit that a block of an answer means, and show it.
---@param client vim.lsp.Client
---@param message_id string
---@param block integer from 0
---@param uri? string the file that is meant; unset: the one last used
function M.block(client, message_id, block, uri)
  local buf = uri and vim.uri_to_bufnr(uri) or M._file()
  if buf then
    vim.fn.bufload(buf)
    client_of.attach(client, buf)
  end
  ---@type rejoinder.EditParams
  local params = {
    messageId = message_id,
    block = block,
    uri = buf and vim.uri_from_bufnr(buf),
    version = buf and vim.lsp.util.buf_versions[buf],
  }
  client_of.call(client, require('rejoinder.protocol').methods.EDIT, params, function(result)
    M.propose(client, result)
  end)
end

--- Ask for all that an answer changes, in as many files as it names, and show it there.
---@param client vim.lsp.Client
---@param message_id string
---@param session_id? string
function M.all(client, message_id, session_id)
  local params = { messageId = message_id, sessionId = session_id } ---@type rejoinder.EditParams
  client_of.call(client, require('rejoinder.protocol').methods.EDIT, params, function(result)
    M.propose(client, result)
  end)
end

--- Show an edit within its files, to be taken or left part by part. What is taken can be taken back as a whole.
---@param client vim.lsp.Client
---@param result rejoinder.EditResult
function M.propose(client, result)
  require('rejoinder.colours').set()
  local changes = M._changes(client, result)
  local bufs = vim.tbl_map(function(change)
    return change.buf
  end, changes)
  local taken = require('rejoinder.checkpoint').keep(bufs)
  local count, shown = 0, {} ---@type integer, integer[]
  for _, change in ipairs(changes) do
    local parts = require('rejoinder.proposal').show(change.buf, change.edits, client.offset_encoding, taken)
    count = count + parts
    if parts > 0 then
      shown[#shown + 1] = change.buf
    end
  end
  if count > 0 then
    M._go(shown, result.explanation)
  elseif #changes > 0 then
    client_of.say('The file has this already.')
  end
end

--- Show the first of the files, and a list of all parts when there are several files.
---@param bufs integer[]
---@param explanation string
function M._go(bufs, explanation)
  if not vim.list_contains(bufs, vim.api.nvim_get_current_buf()) then
    places.to_file_window()
    vim.cmd.buffer(bufs[1])
  end
  local entries = require('rejoinder.proposal').entries()
  if #bufs > 1 then
    local win = vim.api.nvim_get_current_win()
    vim.fn.setqflist({}, ' ', { title = 'Rejoinder: changes', items = entries })
    vim.cmd(('botright copen %d'):format(math.min(#entries + 1, 8)))
    vim.api.nvim_set_current_win(win)
    local told = ('%d changes in %d files. :Rejoinder accept all takes them, :Rejoinder undo takes them back.')
    client_of.say(told:format(#entries, #bufs))
  elseif explanation ~= '' then
    vim.api.nvim_echo({ { explanation:gsub('\n.*', ''):sub(1, vim.o.columns - 20) } }, false, {})
  end
  for _, entry in ipairs(entries) do
    if entry.bufnr == vim.api.nvim_get_current_buf() then
      vim.api.nvim_win_set_cursor(0, { entry.lnum, 0 })
      return
    end
  end
end

--- The documents of an edit that are as the server knows them, loaded.
---@param client vim.lsp.Client
---@param result rejoinder.EditResult
---@return { buf: integer, edits: rejoinder.TextEdit[] }[]
function M._changes(client, result)
  local changes = {}
  for _, change in ipairs(result.edit.documentChanges) do
    -- a file that is made is an empty buffer until it is written
    local document = change.textDocument
    if document then
      local buf = vim.uri_to_bufnr(document.uri)
      vim.fn.bufload(buf)
      vim.bo[buf].buflisted = true
      local version, known = document.version, vim.lsp.util.buf_versions[buf]
      if version and version ~= vim.NIL and known and known ~= version then
        client_of.tell(vim.fn.bufname(buf) .. ' has changed since. Ask for it again.')
      else
        changes[#changes + 1] = { buf = buf, edits = change.edits }
      end
    end
  end
  return changes
end

--- The file last used.
---@return integer?
function M._file()
  local win = places.file_window()
  local buf = win and vim.api.nvim_win_get_buf(win)
  if buf and vim.api.nvim_buf_get_name(buf) ~= '' then
    return buf
  end
  local recent = require('rejoinder.context').recent()
  return recent[1]
end

return M
