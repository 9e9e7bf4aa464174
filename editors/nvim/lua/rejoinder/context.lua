--- What the editor sees, for the server: it cannot see other servers' diagnostics, nor the screen.
local M = {}

local MOST_RECENT = 10

---@param buf integer
---@return boolean
local function is_file(buf)
  return vim.bo[buf].buftype == '' and vim.bo[buf].buflisted and vim.api.nvim_buf_get_name(buf) ~= ''
end

--- Buffers of files, the one used last first.
---@return integer[]
function M.recent()
  local infos = vim.tbl_filter(function(info)
    return is_file(info.bufnr) and info.loaded == 1
  end, vim.fn.getbufinfo({ buflisted = 1 }))
  table.sort(infos, function(one, other)
    return one.lastused > other.lastused
  end)
  return vim.tbl_map(function(info)
    return info.bufnr
  end, vim.list_slice(infos, 1, MOST_RECENT))
end

--- The lines that were selected last in a buffer, if they still are on its screen's selection.
---@param buf integer
---@param encoding string
---@return rejoinder.Attachment?
function M.selection(buf, encoding)
  local first = vim.api.nvim_buf_get_mark(buf, '<')[1]
  local last = vim.api.nvim_buf_get_mark(buf, '>')[1]
  if first > 0 and last >= first and last <= vim.api.nvim_buf_line_count(buf) then
    return M.lines(buf, first, last, encoding)
  end
end

--- Lines of a buffer as an attachment; lines count from 1. A buffer without a file comes with its text.
---@param buf integer
---@param first integer
---@param last integer
---@param encoding string
---@return rejoinder.Attachment
function M.lines(buf, first, last, encoding)
  local text = vim.fn.getbufoneline(buf, last)
  local range = {
    start = { line = first - 1, character = 0 },
    ['end'] = { line = last - 1, character = vim.str_utfindex(text, encoding) },
  }
  if vim.api.nvim_buf_get_name(buf) == '' then
    local lines = vim.api.nvim_buf_get_lines(buf, first - 1, last, false)
    return { uri = 'untitled:Buffer-' .. buf, range = range, text = table.concat(lines, '\n') }
  end
  return { uri = vim.uri_from_bufnr(buf), range = range, version = vim.lsp.util.buf_versions[buf] }
end

--- The answer to the server's request.
---@param params rejoinder.EditorContextParams
---@param client_id integer
---@return rejoinder.EditorContextResult
function M.answer(params, client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  local recent = M.recent()
  local buf = params and params.uri and vim.uri_to_bufnr(params.uri) or recent[1]
  local uris = function(bufs)
    return vim.tbl_map(vim.uri_from_bufnr, bufs)
  end
  local visible = vim.tbl_filter(is_file, vim.fn.uniq(vim.fn.sort(vim.fn.tabpagebuflist())) --[[@as integer[] ]])
  local answer = { recent = uris(recent), visible = uris(visible) } ---@type rejoinder.EditorContextResult
  if buf and vim.api.nvim_buf_is_loaded(buf) then
    answer.diagnostics = M._diagnostics(buf)
    answer.selection = M.selection(buf, client and client.offset_encoding or 'utf-16')
  end
  return answer
end

--- A buffer's diagnostics in LSP's form.
---@param buf integer
---@return lsp.Diagnostic[]
function M._diagnostics(buf)
  return vim.tbl_map(function(diagnostic)
    return {
      range = {
        start = { line = diagnostic.lnum, character = diagnostic.col },
        ['end'] = { line = diagnostic.end_lnum or diagnostic.lnum, character = diagnostic.end_col or diagnostic.col },
      },
      severity = diagnostic.severity,
      message = diagnostic.message,
      source = diagnostic.source,
      code = diagnostic.code,
    }
  end, vim.diagnostic.get(buf))
end

return M
