--- What is remembered for a project: added, listed with where it came from, corrected and forgotten.
local chats = require('rejoinder.chat')
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local picker = require('rejoinder.picker')

local M = {}

local MOST = 1000
local LONGEST = 60 -- characters of a text in a list

--- Remember a text: what was typed, lines of a file, a message of a chat or lines of it, or else what is asked for.
---@param call rejoinder.Call
function M.remember(call)
  local buf = vim.api.nvim_get_current_buf()
  local root = chats.root()
  local params = M._subject(buf, call)
  if params then
    M._add(root, params)
    return
  end
  picker.input({ prompt = 'Remember: ' }, function(text)
    M._add(root, { text = text })
  end)
end

--- What a command is about, with where it stands.
---@param buf integer
---@param call rejoinder.Call
---@return rejoinder.MemoryAddParams?
function M._subject(buf, call)
  local lines = call.first and vim.api.nvim_buf_get_lines(buf, call.first - 1, call.last, false)
  local text = lines and table.concat(lines, '\n') or call.text
  local chat = chats.of_buffer(buf)
  if chat and chat.session and call.text == '' then
    local row = (call.first or vim.api.nvim_win_get_cursor(0)[1]) - 1
    local entry = require('rejoinder.chat.lookup').entry_at(chat.page, row)
    local message = entry and entry.message
    if message and message.messageId then
      text = lines and text or message.content
      return { text = text, sessionId = chat.session.sessionId, messageId = message.messageId }
    end
  end
  if vim.trim(text) == '' then
    return
  end
  local is_file = lines and vim.bo[buf].buftype == '' and vim.api.nvim_buf_get_name(buf) ~= ''
  return { text = text, uri = is_file and vim.uri_from_bufnr(buf) or nil }
end

---@param root string?
---@param params rejoinder.MemoryAddParams
function M._add(root, params)
  client_of.require(root, function(client)
    client_of.call(client, methods.MEMORY_ADD, params, function(entry)
      client_of.say(('Remembered: %s'):format(M._brief(entry.text)))
    end)
  end)
end

--- Choose an entry, and what becomes of it.
function M.list()
  client_of.require(chats.root(), function(client)
    client_of.call(client, methods.MEMORY_LIST, { limit = MOST }, function(result)
      if #result.entries == 0 then
        client_of.say('Nothing is remembered yet: :Rejoinder remember does that.')
        return
      end
      require('rejoinder.origins').names(client, function(name_of)
        local options = { prompt = 'Memory', kind = 'rejoinder.memory' }
        options.format_item = function(entry)
          return M.line(entry, name_of(entry.source))
        end
        picker.choose(result.entries, options, function(entry)
          M._decide(client, entry)
        end)
      end)
    end)
  end)
end

--- An entry as a line of a list.
---@param entry rejoinder.MemoryEntry
---@param origin string
---@return string
function M.line(entry, origin)
  local words = { require('rejoinder.sessions').ago(entry.createdAt) }
  if entry.kind == 'short' then
    table.insert(words, 1, 'short term')
  end
  words[#words + 1] = origin ~= '' and origin or nil
  return ('%s  %s'):format(M._brief(entry.text), table.concat(words, ' · '))
end

---@param client vim.lsp.Client
---@param entry rejoinder.MemoryEntry
function M._decide(client, entry)
  local source = entry.source
  local choices = { 'Correct', 'Forget' }
  if source and (source.sessionId or source.uri) then
    table.insert(choices, 1, 'Open where it came from')
  end
  vim.ui.select(choices, { prompt = M._brief(entry.text), kind = 'rejoinder.memory.action' }, function(choice)
    if choice == 'Correct' then
      M._edit(client, entry)
    elseif choice == 'Forget' then
      M._forget(client, entry)
    elseif choice then
      require('rejoinder.origins').open(source --[[@as rejoinder.Origin]], client)
    end
  end)
end

---@param client vim.lsp.Client
---@param entry rejoinder.MemoryEntry
function M._forget(client, entry)
  local question = ('Forget "%s"?'):format(M._brief(entry.text))
  if vim.fn.confirm(question, '&Forget\n&Keep', 2, 'Question') ~= 1 then
    return
  end
  local params = { memoryId = entry.memoryId } ---@type rejoinder.MemoryDeleteParams
  client_of.call(client, methods.MEMORY_DELETE, params, function()
    client_of.say('Forgotten.')
  end)
end

--- Show an entry that is known by its ID, to be corrected.
---@param client vim.lsp.Client
---@param memory_id string
function M.correct(client, memory_id)
  local params = { memoryId = memory_id } ---@type rejoinder.MemoryGetParams
  client_of.call(client, methods.MEMORY_GET, params, function(entry)
    M._edit(client, entry)
  end)
end

--- Show an entry's text in a float; `:write` corrects it. What was not written stays in its buffer.
---@param client vim.lsp.Client
---@param entry rejoinder.MemoryEntry
function M._edit(client, entry)
  local name = 'rejoinder://memory/' .. entry.memoryId
  local buf = vim.fn.bufnr('^' .. name .. '$')
  if buf == -1 then
    buf = vim.api.nvim_create_buf(false, false)
    vim.api.nvim_buf_set_name(buf, name)
    vim.bo[buf].buftype, vim.bo[buf].bufhidden, vim.bo[buf].swapfile = 'acwrite', 'hide', false
    require('rejoinder.markdown').set(buf)
  end
  if not vim.bo[buf].modified then
    vim.api.nvim_buf_set_lines(buf, 0, -1, false, require('rejoinder.turns').lines(entry.text))
    vim.bo[buf].modified = false
  end
  vim.api.nvim_clear_autocmds({ buffer = buf, event = 'BufWriteCmd' })
  vim.api.nvim_create_autocmd('BufWriteCmd', {
    buffer = buf,
    callback = function()
      M._correct(client, entry.memoryId, buf)
    end,
  })
  local height = math.max(5, math.min(vim.api.nvim_buf_line_count(buf) + 2, math.floor(vim.o.lines * 0.5)))
  local footer = ' :w corrects · q closes '
  local win = require('rejoinder.float').open(buf, { title = ' Memory ', footer = footer, width = 80, height = height })
  vim.wo[win].wrap, vim.wo[win].linebreak = true, true
end

---@param client vim.lsp.Client
---@param memory_id string
---@param buf integer
function M._correct(client, memory_id, buf)
  local text = table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), '\n')
  local params = { memoryId = memory_id, text = text } ---@type rejoinder.MemoryUpdateParams
  client_of.call(client, methods.MEMORY_UPDATE, params, function()
    vim.bo[buf].modified = false
    client_of.say('Corrected.')
  end)
end

--- The beginning of a text, in one line.
---@param text string
---@return string
function M._brief(text)
  local line = vim.trim(text):gsub('%s+', ' ')
  return vim.fn.strchars(line) <= LONGEST and line or vim.fn.strcharpart(line, 0, LONGEST - 1) .. '…'
end

return M
