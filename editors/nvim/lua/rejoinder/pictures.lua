--- Files that go along with the next message, pictures among them, and pictures that are in the history.
local client_of = require('rejoinder.client')

local M = {}

local TYPES = { png = 'image/png', jpg = 'image/jpeg', jpeg = 'image/jpeg', webp = 'image/webp', gif = 'image/gif' }

--- Attach a file or a folder to the next message of the current conversation.
---@param path string empty: it is asked for
function M.attach(path)
  if path == '' then
    require('rejoinder.picker').input({ prompt = 'Attach: ', completion = 'file' }, M.attach)
    return
  end
  local full = vim.fs.abspath(vim.fs.normalize(vim.fn.expand(path)))
  local stat = vim.uv.fs_stat(full)
  if not stat or (stat.type ~= 'file' and stat.type ~= 'directory') then
    client_of.tell(('%s is no file.'):format(path))
    return
  end
  -- a folder's files are listed by the server
  local attachment = stat.type == 'file' and M.of_file(full) or { uri = vim.uri_from_fname(full) }
  if attachment then
    require('rejoinder.chat').open({ attachments = { attachment } })
  end
end

--- A file as an attachment. The bytes of a picture go along: it may lie outside of what the server reads.
---@param path string
---@return rejoinder.Attachment?
function M.of_file(path)
  local uri = vim.uri_from_fname(path)
  local kind = TYPES[vim.fn.fnamemodify(path, ':e'):lower()]
  if not kind then
    return { uri = uri }
  end
  local file, problem = io.open(path, 'rb')
  local data = file and file:read('*a')
  if not file or not data then
    client_of.tell(problem or (path .. ' cannot be read.'))
    return
  end
  file:close()
  return { uri = uri, mimeType = kind, data = vim.base64.encode(data) }
end

--- Show a picture by the system's own program: its file, or what the history keeps of it.
---@param attachment rejoinder.Attachment
---@param client vim.lsp.Client
---@param session rejoinder.Session
function M.open(attachment, client, session)
  local path = attachment.uri:match('^file:') and vim.uri_to_fname(attachment.uri)
  if path and vim.uv.fs_stat(path) then
    vim.ui.open(path)
    return
  end
  local methods = require('rejoinder.protocol').methods
  ---@type rejoinder.SessionAttachmentParams
  local params = { sessionId = session.sessionId, hash = attachment.hash }
  client_of.call(client, methods.SESSION_ATTACHMENT, params, function(found)
    local ending = found.mimeType:match('^image/(%l+)$') or 'img'
    local copy = vim.fn.tempname() .. '.' .. ending
    local file = assert(io.open(copy, 'wb'))
    file:write(vim.base64.decode(found.data))
    file:close()
    vim.ui.open(copy)
  end)
end

return M
