--- The exact prompt that a question would be sent as, to look at.
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local turns = require('rejoinder.turns')

local M = {}

--- Show what a model would get for what stands below the last heading.
---@param chat rejoinder.Chat
function M.show(chat)
  if not require('rejoinder.chat.sending').is_ready(chat) then
    client_of.say('The conversation is not there yet.')
    return
  end
  local text = vim.trim(chat.page:input())
  ---@type rejoinder.PreviewParams
  local params = { of = 'chat', text = text ~= '' and text or '…', sessionId = chat.session.sessionId, uri = chat.uri }
  params.parentId, params.agent = chat.edits, chat.agent
  params.attachments = #chat.attachments > 0 and chat.attachments or nil
  client_of.call(chat.client, methods.PREVIEW, params, function(result)
    M._open(result)
  end)
end

---@param result rejoinder.PreviewResult
function M._open(result)
  local short = require('rejoinder.chat.usage').short
  local words = { ('%s tokens of %s'):format(short(result.tokens), short(result.budget)) }
  words[#words + 1] = result.masked > 0 and require('rejoinder.names').counted(result.masked, 'secret') .. ' masked'
    or nil
  words[#words + 1] = result.tools and #result.tools > 0 and ('%d tools'):format(#result.tools) or nil
  local lines = {}
  for _, message in ipairs(result.messages) do
    vim.list_extend(lines, M._message(message))
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  require('rejoinder.markdown').set(buf)
  vim.bo[buf].modifiable = false
  local size = { width = math.floor(vim.o.columns * 0.85), height = math.floor(vim.o.lines * 0.8) }
  local title = (' Prompt · %s '):format(table.concat(words, ' · '))
  local win = require('rejoinder.float').open(buf, vim.tbl_extend('error', size, { title = title, footer = ' q closes ' }))
  vim.wo[win].wrap, vim.wo[win].linebreak = true, true
end

--- A message of a prompt as lines.
---@param message rejoinder.PromptMessage
---@return string[]
function M._message(message)
  local origin = message.origin and (' · %s'):format(vim.uri_decode(message.origin.uri:gsub('^.*/', ''))) or ''
  local lines = { ('# %s%s'):format(message.role, origin), '' }
  vim.list_extend(lines, turns.lines(message.content))
  for _, call in ipairs(message.toolCalls or {}) do
    lines[#lines + 1] = require('rejoinder.chat.tools').label(call)
  end
  for _, image in ipairs(message.images or {}) do
    lines[#lines + 1] = ('- %s, %d bytes'):format(image.mimeType, image.bytes)
  end
  lines[#lines + 1] = ''
  return lines
end

return M
