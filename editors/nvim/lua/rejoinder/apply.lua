--- An edit that is shown as a diff before it is taken: on the left the file, on the right how it would be.
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
    M.show(client, result)
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
    client_of.tell('The file has this already.', vim.log.levels.INFO)
  end
end

--- Show the first of the files, and a list of all parts when there are several files.
---@param bufs integer[]
---@param explanation string
function M._go(bufs, explanation)
  if not vim.list_contains(bufs, vim.api.nvim_get_current_buf()) then
    local win = places.file_window()
    if win then
      vim.api.nvim_set_current_win(win)
    else
      vim.cmd('topleft vsplit')
    end
    vim.cmd.buffer(bufs[1])
  end
  local entries = require('rejoinder.proposal').entries()
  if #bufs > 1 then
    local win = vim.api.nvim_get_current_win()
    vim.fn.setqflist({}, ' ', { title = 'Rejoinder: changes', items = entries })
    vim.cmd(('botright copen %d'):format(math.min(#entries + 1, 8)))
    vim.api.nvim_set_current_win(win)
    local told = ('%d changes in %d files. :Rejoinder accept all takes them, :Rejoinder undo takes them back.')
    client_of.tell(told:format(#entries, #bufs), vim.log.levels.INFO)
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

--- Show an edit's diffs, one tab for each file.
---@param client vim.lsp.Client
---@param result rejoinder.EditResult
function M.show(client, result)
  for _, change in ipairs(M._changes(client, result)) do
    M._diff(client, change.buf, change.edits, result.explanation)
  end
end

---@param client vim.lsp.Client
---@param buf integer
---@param edits rejoinder.TextEdit[]
---@param explanation string
function M._diff(client, buf, edits, explanation)
  local proposal = vim.api.nvim_create_buf(false, true)
  local before = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  vim.api.nvim_buf_set_lines(proposal, 0, -1, false, before)
  vim.lsp.util.apply_text_edits(edits, proposal, client.offset_encoding)
  if vim.deep_equal(before, vim.api.nvim_buf_get_lines(proposal, 0, -1, false)) then
    vim.api.nvim_buf_delete(proposal, { force = true })
    client_of.tell('The file has this already.', vim.log.levels.INFO)
    return
  end
  vim.bo[proposal].filetype = vim.bo[buf].filetype
  vim.bo[proposal].bufhidden = 'wipe'
  vim.bo[proposal].modified = false
  local from = vim.api.nvim_get_current_win()
  vim.cmd('tab split')
  vim.api.nvim_win_set_buf(0, buf)
  local left = vim.api.nvim_get_current_win()
  M._window(left, ' as it is')
  local right = vim.api.nvim_open_win(proposal, true, { split = 'right', win = left })
  M._window(right, ' proposed · ga accept · gx reject')
  for _, win in ipairs({ left, right }) do
    vim.api.nvim_win_call(win, vim.cmd.diffthis)
  end
  vim.cmd('silent! normal! gg]c')
  M._keys(buf, proposal, { tab = vim.api.nvim_get_current_tabpage(), from = from, tick = vim.b[buf].changedtick })
  if explanation ~= '' then
    vim.api.nvim_echo({ { explanation:gsub('\n.*', ''):sub(1, vim.o.columns - 20) } }, false, {})
  end
end

---@param win integer
---@param title string
function M._window(win, title)
  vim.api.nvim_set_option_value('winbar', title, { scope = 'local', win = win })
  if vim.bo[vim.api.nvim_win_get_buf(win)].buftype ~= '' then
    vim.api.nvim_set_option_value('statusline', ' Rejoinder%=%l,%c  %P ', { scope = 'local', win = win })
  end
end

---@param buf integer
---@param proposal integer
---@param shown { tab: integer, from: integer, tick: integer }
function M._keys(buf, proposal, shown)
  local function done()
    vim.cmd.diffoff({ bang = true })
    if #vim.api.nvim_list_tabpages() > 1 and vim.api.nvim_tabpage_is_valid(shown.tab) then
      vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(shown.tab))
    end
    if vim.api.nvim_win_is_valid(shown.from) then
      vim.api.nvim_set_current_win(shown.from)
    end
  end
  vim.keymap.set('n', 'ga', function()
    local lines = vim.api.nvim_buf_get_lines(proposal, 0, -1, false)
    done()
    local taken = require('rejoinder.checkpoint').keep({ buf })
    M.take(buf, lines)
    taken(buf)
    require('rejoinder.turns').emit('Applied', { buf = buf })
  end, { buffer = proposal, desc = 'Rejoinder: accept' })
  vim.keymap.set('n', 'gx', function()
    done()
  end, { buffer = proposal, desc = 'Rejoinder: reject' })
end

--- Put lines in the place of a buffer's own: only what differs is touched, and one `u` takes all of it back.
---@param buf integer
---@param lines string[]
function M.take(buf, lines)
  local before = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  local function joined(list)
    return table.concat(list, '\n') .. '\n'
  end
  local diff = vim.text.diff or vim.diff
  local hunks = diff(joined(before), joined(lines), { result_type = 'indices' }) --[[@as integer[][] ]]
  for at = #hunks, 1, -1 do
    local from, count, new_from, new_count = unpack(hunks[at])
    local first = count == 0 and from or from - 1
    local new = vim.list_slice(lines, new_from, new_from + new_count - 1)
    vim.api.nvim_buf_set_lines(buf, first, first + count, true, new)
  end
  local many = #hunks == 1 and '1 change' or #hunks .. ' changes'
  vim.api.nvim_echo({ { ('%s in %s; u in it takes that back'):format(many, vim.fn.bufname(buf)) } }, false, {})
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
