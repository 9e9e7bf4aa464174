--- What becomes of a code block of an answer: yanked, put into a file, or opened by itself.
local client_of = require('rejoinder.client')
local lookup = require('rejoinder.chat.lookup')

local M = {}

local WAYS = { 'yank', 'insert', 'replace', 'open' }

--- The block under the cursor, or the only one of a chat's message there.
---@param buf integer
---@return rejoinder.Block?
function M.meant(buf)
  local blocks, chat = require('rejoinder.blocks'), require('rejoinder.chat').of_buffer(buf)
  local first, last ---@type integer?, integer?
  if chat then
    local entry = lookup.entry_at(chat.page, vim.api.nvim_win_get_cursor(0)[1] - 1)
    first, last = entry and entry.row or chat.page.top, entry and lookup.end_of(chat.page, entry) or nil
  end
  local all = blocks.of(buf, first, last)
  local block = blocks.under_cursor(buf, first, last) or #all == 1 and all[1] or nil
  if not block then
    local none = #all == 0 and 'There is no code block here.' or 'Put the cursor into one of the code blocks first.'
    client_of.say(none)
  end
  return block
end

--- Do one of the ways with the block that is meant.
---@param way string empty: yank it
function M.run(way)
  way = way == '' and 'yank' or way
  if not vim.list_contains(WAYS, way) then
    client_of.tell((':Rejoinder block takes %s.'):format(table.concat(WAYS, ', ')))
    return
  end
  local block = M.meant(vim.api.nvim_get_current_buf())
  if block then
    M[way](block)
  end
end

---@param count integer
---@param done string
local function told(count, done)
  vim.api.nvim_echo({ { require('rejoinder.names').counted(count, 'line') .. ' ' .. done } }, false, {})
end

---@param block rejoinder.Block
function M.yank(block)
  vim.fn.setreg(vim.v.register, block.lines, 'V')
  told(#block.lines, 'yanked')
end

--- The window of the file last used.
---@return integer?
local function target()
  local win = require('rejoinder.places').file_window()
  if not win then
    client_of.say('There is no window with a file.')
  end
  return win
end

--- Put a block's lines below the cursor of the file last used; an empty line makes room for them.
---@param block rejoinder.Block
function M.insert(block)
  local win = target()
  if not win then
    return
  end
  local buf, row = vim.api.nvim_win_get_buf(win), vim.api.nvim_win_get_cursor(win)[1]
  local blank = vim.fn.getbufoneline(buf, row) == ''
  local first = blank and row - 1 or row
  vim.api.nvim_buf_set_lines(buf, first, row, false, block.lines)
  M._shown(win, first + 1, #block.lines, 'inserted')
end

--- Put a block's lines in the place of what was selected last in the file last used.
---@param block rejoinder.Block
function M.replace(block)
  local win = target()
  if not win then
    return
  end
  local buf = vim.api.nvim_win_get_buf(win)
  local from, to = vim.api.nvim_buf_get_mark(buf, '<'), vim.api.nvim_buf_get_mark(buf, '>')
  if from[1] == 0 or to[1] < from[1] or to[1] > vim.api.nvim_buf_line_count(buf) then
    client_of.say('Nothing was selected in that file.')
    return
  end
  vim.api.nvim_buf_set_lines(buf, from[1] - 1, to[1], false, block.lines)
  M._shown(win, from[1], #block.lines, 'put in the place of the selection')
end

--- Open a block in a buffer of its own, in its language.
---@param block rejoinder.Block
function M.open(block)
  local win = require('rejoinder.places').file_window()
  if win then
    vim.api.nvim_set_current_win(win)
    vim.cmd.new()
  else
    vim.cmd('topleft vnew')
  end
  vim.api.nvim_buf_set_lines(0, 0, -1, false, block.lines)
  local language = block.language:lower():match('^[%w_+#-]+') or ''
  vim.bo.filetype = vim.filetype.match({ filename = 'block.' .. language }) or language
end

--- Show where lines were put.
---@param win integer
---@param first integer from 1
---@param count integer
---@param done string
function M._shown(win, first, count, done)
  vim.api.nvim_win_set_cursor(win, { math.max(first, 1), 0 })
  local range = { start = { line = first - 1, character = 0 }, ['end'] = { line = first + count - 2, character = 0 } }
  require('rejoinder.places').flash(vim.api.nvim_win_get_buf(win), range)
  told(count, done .. '; u in the file takes that back')
end

return M
