--- The chat's input as plain LSP: a language server within Neovim that passes completion on. Completion plug-ins, and
--- Neovim's own `vim.lsp.completion`, propose `/`, `@` and `#` by it as they do in any other buffer.
local client_of = require('rejoinder.client')

local M = {}

M.NAME = 'rejoinder-chat'
local KINDS = { file = 17, folder = 19, symbol = 6, session = 18, command = 14, action = 14 }

local capabilities = {
  completionProvider = { triggerCharacters = { '/', '@', '#', ':' } },
  -- none of it is read: what is asked about is taken from the buffer
  textDocumentSync = { openClose = true, change = 0 },
}

--- Attach it to a chat's buffer.
---@param chat rejoinder.Chat
function M.attach(chat)
  vim.lsp.start({ name = M.NAME, cmd = M._serve, root_dir = chat.root, offset_encoding = 'utf-8' }, {
    bufnr = chat.buf,
    silent = true,
    reuse_client = function(client)
      return client.name == M.NAME and not client:is_stopped()
    end,
  })
end

--- The server: functions in the place of a process.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
function M._serve(dispatchers)
  local closing, count = false, 0
  return {
    request = function(method, params, reply)
      count = count + 1
      if method == 'initialize' then
        reply(nil, { capabilities = vim.tbl_extend('error', capabilities, { positionEncoding = 'utf-8' }) })
      elseif method == 'textDocument/completion' then
        M._complete(params, reply)
      else
        reply(nil, vim.NIL)
      end
      return true, count
    end,
    notify = function(method)
      if method == 'exit' then
        closing = true
        dispatchers.on_exit(0, 0)
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = function()
      closing = true
    end,
  }
end

---@param params lsp.CompletionParams
---@param reply fun(err?: lsp.ResponseError, result?: lsp.CompletionList)
function M._complete(params, reply)
  local buf = vim.uri_to_bufnr(params.textDocument.uri)
  local chat, position = require('rejoinder.chat').of_buffer(buf), params.position
  if not chat or position.line < chat.page.top then
    reply(nil, { isIncomplete = false, items = {} })
    return
  end
  require('rejoinder.complete').ask(chat, { position.line + 1, position.character }, function(items, column)
    local range = { start = { line = position.line, character = column }, ['end'] = position }
    reply(nil, {
      isIncomplete = true,
      items = vim.tbl_map(function(item)
        local edit = { range = range, newText = item.insertText }
        local word = vim.fn.getbufoneline(buf, position.line + 1):sub(column + 1, position.character)
        return {
          label = item.label,
          detail = item.detail,
          kind = KINDS[item.kind] or 1,
          -- the server has chosen among all by its own rule
          filterText = word,
          textEdit = edit,
        }
      end, items),
    })
  end)
end

return M
