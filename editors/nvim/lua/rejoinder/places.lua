--- Places that an answer refers to: how they are named, and how they are opened.
local M = {}

--- What a place is called.
---@param target rejoinder.Citation|rejoinder.Attachment
---@return string
function M.label(target)
  if target.label then
    return target.label
  end
  local path = target.uri:match('^file:') and vim.uri_to_fname(target.uri) or target.uri
  local shown = vim.fn.fnamemodify(path, ':~:.')
  local range = target.range
  if not range then
    return shown
  end
  local last = range['end'].line + (range['end'].character > 0 and 1 or 0)
  last = math.max(last, range.start.line + 1)
  local lines = last > range.start.line + 1 and ('%d-%d'):format(range.start.line + 1, last) or range.start.line + 1
  return ('%s:%s'):format(shown, lines)
end

--- A window that shows a file or could; never a chat's or a float.
---@return integer?
function M.file_window()
  local wins = { vim.fn.win_getid(vim.fn.winnr('#')) }
  vim.list_extend(wins, vim.api.nvim_tabpage_list_wins(0))
  for _, win in ipairs(wins) do
    if win ~= 0 and vim.api.nvim_win_is_valid(win) and vim.api.nvim_win_get_config(win).relative == '' then
      if vim.bo[vim.api.nvim_win_get_buf(win)].buftype == '' then
        return win
      end
    end
  end
end

--- Go to such a window; without one, one is made.
function M.to_file_window()
  local win = M.file_window()
  if win then
    vim.api.nvim_set_current_win(win)
  else
    vim.cmd('topleft vsplit')
  end
end

--- Show a place in a window for files, and the lines in question.
---@param target rejoinder.Citation|rejoinder.Attachment
---@param client vim.lsp.Client?
function M.open(target, client)
  if target.uri:match('^https?:') then
    vim.ui.open(target.uri)
    return
  end
  if client and require('rejoinder.origins').open_own(target.uri, client) then
    return
  end
  if not target.uri:match('^file:') then
    require('rejoinder.client').say(M.label(target) .. ' is no file.')
    return
  end
  local file, page = target.uri:match('^([^#]*)#?(.*)$')
  local path = vim.uri_to_fname(file)
  if page ~= '' and vim.uv.fs_stat(path) then
    -- a page of a document that is no text
    vim.ui.open(path)
    return
  end
  if not vim.uv.fs_stat(path) and vim.fn.bufexists(path) == 0 then
    require('rejoinder.client').tell(path .. ' is not there any more. Ask again to get the places of today.')
    return
  end
  M.to_file_window()
  local range = target.range
  if range then
    local encoding = client and client.offset_encoding or 'utf-16'
    vim.lsp.util.show_document({ uri = target.uri, range = range }, encoding, { focus = true })
    M.flash(vim.api.nvim_get_current_buf(), range)
  else
    vim.cmd.edit(vim.fn.fnameescape(path))
  end
end

--- Show for a moment which lines are meant.
---@param buf integer
---@param range rejoinder.Range
function M.flash(buf, range)
  local flashes = vim.api.nvim_create_namespace('rejoinder.flash')
  local last = vim.api.nvim_buf_line_count(buf) - 1
  local to = math.min(range['end'].line, last)
  vim.hl.range(buf, flashes, 'Visual', { math.min(range.start.line, last), 0 }, { to, -1 }, {
    timeout = 1500,
    inclusive = true,
    regtype = 'V',
  })
end

--- A place that is written as `path:line` or `path:first-last` under the cursor, if it is a file of the project.
---@param line string
---@param column integer in bytes, from 0
---@param root string?
---@return rejoinder.Citation?
function M.written(line, column, root)
  local from = 1
  while root do
    local first, last, path, number = line:find('([%w_%-./\\]+):(%d+)', from)
    if not first then
      return
    end
    if first - 1 <= column and column < last then
      local full = vim.fs.normalize(vim.fs.joinpath(root, path))
      if vim.fs.relpath(root, full) and vim.uv.fs_stat(full) then
        local at = { line = math.max(tonumber(number) - 1, 0), character = 0 }
        return { uri = vim.uri_from_fname(full), range = { start = at, ['end'] = at }, label = path .. ':' .. number }
      end
      return
    end
    from = last + 1
  end
end

return M
