--- The words around a conversation: at the right of headings, and what goes on or went wrong.
local keys = require('rejoinder.chat.keys')

local M = {}

local STOPPED = { cancelled = 'stopped', max_tokens = 'cut at the limit of tokens', limit = 'limit reached' }
STOPPED.refusal = 'refused'

--- What stands at the right of a message's heading.
---@param message table a rejoinder.Message, or what is known of it
---@return string
function M.of_message(message)
  local words = { require('rejoinder.chat.branches').place(message) }
  if message.source == 'ask' then
    words[#words + 1] = 'ask'
  end
  if message.role == 'assistant' then
    words[#words + 1] = message.model and message.model:gsub('^[%w-]+:', '') or nil
    local seconds = message.usage and message.usage.seconds or 0
    words[#words + 1] = seconds >= 0.05 and ('%.1f s'):format(seconds) or nil
    words[#words + 1] = STOPPED[message.stopReason]
  end
  return table.concat(words, ' · ')
end

--- Something goes on.
---@param chat rejoinder.Chat
---@param what string
function M.working(chat, what)
  local stop = keys.shown('stop')
  local line = { { '● ', 'RejoinderWorking' }, { what .. (what:match('[.…]$') and '' or '…'), 'RejoinderWorking' } }
  if stop then
    line[#line + 1] = { ('   %s stops'):format(stop), 'RejoinderNote' }
  end
  chat.page:notice({ line })
end

--- Nothing goes on: an empty conversation says how to begin.
---@param chat rejoinder.Chat
function M.idle(chat)
  M.hint(chat)
  if chat.running then
    return
  end
  local empty = M._is_empty(chat)
  chat.page:notice(empty and M._welcome(chat) or nil)
  chat.welcoming = empty
end

--- The user typed: what an empty conversation says makes room, and comes back with emptiness.
---@param chat rejoinder.Chat
function M.typed(chat)
  local welcomed = chat.welcoming or chat.page.noticed == nil
  if welcomed and not chat.running and chat.welcoming ~= M._is_empty(chat) then
    M.idle(chat)
  end
end

---@param chat rejoinder.Chat
---@return boolean
function M._is_empty(chat)
  return chat.session ~= nil and #chat.messages == 0 and chat.page.top == 2 and chat.page.own == ''
end

--- The server is on its way.
---@param chat rejoinder.Chat
function M.starting(chat)
  M.hint(chat)
  chat.page:notice({ { { 'Starting…', 'RejoinderNote' } } })
end

--- Something went wrong: what it was, and one thing to do.
---@param chat rejoinder.Chat
---@param err lsp.ResponseError|rejoinder.ErrorInfo|{message: string, data?: {hint: string}}
function M.failed(chat, err)
  chat.welcoming = false
  local lines = M._marked(chat, '✗', err.message, 'DiagnosticError')
  local hint = type(err.data) == 'table' and err.data.hint
  if hint then
    vim.list_extend(lines, M._wrapped(chat, '  ' .. hint, 'Normal'))
  end
  chat.page:notice(lines)
  M.hint(chat)
end

--- The engine died while it answered.
---@param chat rejoinder.Chat
function M.cut_off(chat)
  local text = 'The server stopped in the middle of the answer and is back. Your text is below: send it again.'
  chat.page:notice(M._marked(chat, '!', text, 'DiagnosticWarn'))
end

--- What stands at the right of the last heading.
---@param chat rejoinder.Chat
function M.hint(chat)
  local words = { chat.edits and ('edits a question · %s leaves it'):format(keys.shown('edit') or ':Rejoinder edit') }
  for _, attachment in ipairs(chat.attachments) do
    words[#words + 1] = '+ ' .. require('rejoinder.places').label(attachment)
  end
  local send, help = keys.shown('send'), keys.shown('help')
  if #words == 0 then
    words[#words + 1] = send and send .. ' sends'
    words[#words + 1] = help and help .. ' keys'
  end
  require('rejoinder.chat.marks').hint(chat.page, table.concat(words, ' · '))
end

---@param chat rejoinder.Chat
---@return [string, string][][]
function M._welcome(chat)
  local lines = M._wrapped(chat, 'Ask anything about this project. The answer comes in here.', 'RejoinderNote')
  local more = '/ for tasks, @ for files, # for other conversations.'
  vim.list_extend(lines, M._wrapped(chat, more, 'RejoinderNote'))
  if chat.client and not require('rejoinder.status').model(chat.client) then
    lines[#lines + 1] = { { '', 'Normal' } }
    local no_model = 'No model is set, so answers quote the passages that fit best. :Rejoinder model chooses one.'
    vim.list_extend(lines, M._wrapped(chat, no_model, 'RejoinderNote'))
    local offer = require('rejoinder.status').offer(chat.client)
    if offer then
      lines[#lines + 1] = { { '', 'Normal' } }
      local at_hand = ('At hand: %s. It is used after :Rejoinder model.'):format(offer.label)
      vim.list_extend(lines, M._wrapped(chat, at_hand, 'RejoinderWorking'))
    end
  end
  return lines
end

--- Lines cut to what the chat's narrowest window shows, each going on below.
---@param chat rejoinder.Chat
---@param lines [string, string][][]
---@return [string, string][][]
function M.fitted(chat, lines)
  local width, fitted = M._width(chat), {}
  for _, line in ipairs(lines) do
    local text, group = line[#line][1], line[#line][2]
    if #line > 1 or vim.fn.strdisplaywidth(text) <= width then
      fitted[#fitted + 1] = line
    else
      while text ~= '' do
        local part = vim.fn.strcharpart(text, 0, width)
        while vim.fn.strdisplaywidth(part) > width do
          part = vim.fn.strcharpart(part, 0, vim.fn.strchars(part) - 1)
        end
        fitted[#fitted + 1] = { { part, group } }
        text = text:sub(#part + 1)
        text = text ~= '' and '    ' .. text or text
      end
    end
  end
  return fitted
end

--- A text behind a mark. The mark alone has the colour: some schemes' warnings are hard to read.
---@param chat rejoinder.Chat
---@param mark string
---@param text string
---@param group string
---@return [string, string][][]
function M._marked(chat, mark, text, group)
  local lines = M._wrapped(chat, '  ' .. text, 'RejoinderName')
  lines[1] = { { mark .. ' ', group }, { vim.trim(lines[1][1][1]), 'RejoinderName' } }
  return lines
end

--- Columns of the narrowest window of the chat.
---@param chat rejoinder.Chat
---@return integer
function M._width(chat)
  local width = vim.o.columns
  for _, win in ipairs(vim.fn.win_findbuf(chat.buf)) do
    width = math.min(width, vim.api.nvim_win_get_width(win) - 2)
  end
  return width
end

--- A text in lines that fit the narrowest window of the chat.
---@param chat rejoinder.Chat
---@param text string
---@param group string
---@return [string, string][][]
function M._wrapped(chat, text, group)
  local width = M._width(chat)
  local indent = text:match('^%s*')
  local lines, line = {}, ''
  for word in text:gmatch('%S+') do
    local longer = line == '' and (text:match('^%s*') .. word) or line .. ' ' .. word
    if line ~= '' and vim.fn.strdisplaywidth(longer) > width then
      lines[#lines + 1] = { { line, group } }
      longer = indent .. word
    end
    line = longer
  end
  lines[#lines + 1] = { { line, group } }
  return lines
end

return M
