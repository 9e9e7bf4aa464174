--- Completion of `/`, `@` and `#` below the last heading. What there is to propose, the server knows.
local client_of = require('rejoinder.client')

local M = {}

local asked = 0 -- only the latest answer counts

--- Where the word before the cursor begins, from its mark on; nil when there is none.
---@param before? string the line up to there
---@return integer? column in bytes, from 0
function M._begin(before)
  before = before or vim.api.nvim_get_current_line():sub(1, vim.api.nvim_win_get_cursor(0)[2])
  local word = before:match('[/@#]%S*$')
  local left = word and before:sub(1, #before - #word)
  if word and (left == '' or left:match('%s$')) then
    return #left
  end
end

--- For 'omnifunc': the proposals come by themselves when the server has answered.
---@param find_start 0|1
---@return integer|table
function M.omnifunc(find_start)
  local chat = require('rejoinder.chat').of_buffer()
  if find_start == 1 then
    local column = M._begin()
    if chat and column then
      M.request(chat, column)
    end
    return column and -2 or -3
  end
  return {}
end

--- The user typed: a mark at the beginning of a word asks for proposals.
---@param chat rejoinder.Chat
function M.typed(chat)
  local column = require('rejoinder.config').get().complete and M._begin()
  if column and vim.fn.pumvisible() == 0 then
    M.request(chat, column)
  end
end

---@param chat rejoinder.Chat
---@param column integer
function M.request(chat, column)
  asked = asked + 1
  local mine, at = asked, vim.api.nvim_win_get_cursor(0)
  M.ask(chat, at, function(items)
    local still = mine == asked and vim.api.nvim_get_current_buf() == chat.buf and vim.fn.mode():match('^i')
    if still and vim.deep_equal(at, vim.api.nvim_win_get_cursor(0)) and #items > 0 then
      vim.fn.complete(column + 1, M._items(items))
    end
  end)
end

--- What fits before a position.
---@param chat rejoinder.Chat
---@param at [integer, integer] line from 1, column in bytes from 0
---@param use fun(items: rejoinder.CompletionItem[], column: integer) with where the word before it begins
function M.ask(chat, at, use)
  local methods = require('rejoinder.protocol').methods
  local before = vim.fn.getbufoneline(chat.buf, at[1]):sub(1, at[2])
  local column = M._begin(before)
  if not column or not chat.client or not chat.session or not client_of.serves(chat.client, methods.COMPLETE) then
    use({}, at[2])
    return
  end
  local above = vim.api.nvim_buf_get_lines(chat.buf, chat.page.top, at[1] - 1, false)
  above[#above + 1] = before
  local text = table.concat(above, '\n')
  ---@type rejoinder.CompleteParams
  local params = {
    text = text,
    offset = vim.str_utfindex(text, chat.client.offset_encoding),
    sessionId = chat.session.sessionId,
    uri = chat.uri,
  }
  client_of.request(chat.client, methods.COMPLETE, params, function(err, result)
    use(err and {} or result.items, column)
  end)
end

---@param items rejoinder.CompletionItem[]
---@return table[]
function M._items(items)
  return vim.tbl_map(function(item)
    return { word = item.insertText, abbr = item.label, menu = item.detail, kind = item.kind, dup = 1, icase = 1 }
  end, items)
end

return M
