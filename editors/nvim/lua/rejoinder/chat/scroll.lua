--- Which windows follow a chat: those whose cursor stands below the last heading. Others were scrolled away and stay.
local api = vim.api

local M = {}

--- Change drawn lines and keep the end in sight of the windows that follow.
---@param page rejoinder.Page
---@param change fun()
---@param lines integer how many come; within a line nothing moves
function M.following(page, change, lines)
  local wins = {}
  for _, win in ipairs(lines > 1 and vim.fn.win_findbuf(page.buf) or {}) do
    if api.nvim_win_get_cursor(win)[1] > page.top then
      wins[#wins + 1] = win
    end
  end
  change()
  for _, win in ipairs(wins) do
    M.show_end(win)
  end
end

--- Change drawn lines above all that is seen, and keep in place what windows show. A cursor on the line that leads to
--- earlier messages goes to the first message that was there.
---@param page rejoinder.Page
---@param change fun()
function M.keeping(page, change)
  local top, first, views = page.top, page.entries[1], {}
  for _, win in ipairs(vim.fn.win_findbuf(page.buf)) do
    views[win] = api.nvim_win_call(win, vim.fn.winsaveview)
  end
  local before = first and first.row or 0
  change()
  for win, view in pairs(views) do
    view.lnum = (view.lnum > before and view.lnum or before + 1) + page.top - top
    view.topline = math.max(view.topline + page.top - top, 1)
    api.nvim_win_call(win, function()
      vim.fn.winrestview(view)
    end)
  end
end

--- Scroll a window so that its last line is the buffer's.
---@param win integer
function M.show_end(win)
  api.nvim_win_call(win, function()
    if vim.fn.line('w$') < vim.fn.line('$') then
      M._bottom(win)
    end
  end)
end

--- The cursor's line becomes the lowest. Within Insert mode `normal!` moves the cursor off the line's end; it goes back.
---@param win integer the current window
function M._bottom(win)
  local at = api.nvim_win_get_cursor(win)
  vim.cmd('keepjumps normal! zb')
  api.nvim_win_set_cursor(win, at)
end

--- The last lines of windows that follow go to the bottom, once lines that are concealed are known.
---@param page rejoinder.Page
function M.settle(page)
  vim.schedule(function()
    for win in pairs(api.nvim_buf_is_loaded(page.buf) and M.cursors(page) or {}) do
      api.nvim_win_call(win, function()
        M._bottom(win)
      end)
    end
  end)
end

--- Put the cursors of windows behind the last character, where one types.
---@param page rejoinder.Page
---@param wins? table<integer, any> by window; unset: all
function M.to_end(page, wins)
  local last = api.nvim_buf_line_count(page.buf)
  for _, win in ipairs(wins and vim.tbl_keys(wins) or vim.fn.win_findbuf(page.buf)) do
    api.nvim_win_set_cursor(win, { last, #vim.fn.getbufoneline(page.buf, last) })
    M.show_end(win)
  end
end

--- The cursors of windows that stand in the user's own lines, counted from the first of these.
---@param page rejoinder.Page
---@return table<integer, integer[]>
function M.cursors(page)
  local found = {}
  for _, win in ipairs(vim.fn.win_findbuf(page.buf)) do
    local at = api.nvim_win_get_cursor(win)
    if at[1] > page.top then
      found[win] = { at[1] - page.top, at[2] }
    end
  end
  return found
end

---@param page rejoinder.Page
---@param cursors table<integer, integer[]>
function M.restore(page, cursors)
  local last = api.nvim_buf_line_count(page.buf)
  for win, at in pairs(cursors) do
    if api.nvim_win_is_valid(win) then
      api.nvim_win_set_cursor(win, { math.min(page.top + at[1], last), at[2] })
    end
  end
end

return M
