--- What a page has besides text: grounds, names, notes, and lines that say what goes on. Rows count from 0.
local api = vim.api

local M = {}

local marks = api.nvim_create_namespace('rejoinder.page')
local notices = api.nvim_create_namespace('rejoinder.notice')
local hints = api.nvim_create_namespace('rejoinder.hint')

--- A heading's ground, and its name without the mark of Markdown.
---@param buf integer
---@param row integer
---@param heading string
function M.heading(buf, row, heading)
  api.nvim_buf_set_extmark(buf, marks, row, 0, {
    line_hl_group = heading == '# You' and 'RejoinderUser' or 'RejoinderAnswer',
    virt_text = { { heading:sub(3) .. '  ', 'RejoinderName' } },
    virt_text_pos = 'overlay',
    hl_mode = 'combine',
  })
end

---@param text string
---@return vim.api.keyset.set_extmark
local function at_the_right(text)
  return { virt_text = { { text, 'RejoinderNote' } }, virt_text_pos = 'eol_right_align', hl_mode = 'combine' }
end

--- Some words at the right of a message's heading.
---@param buf integer
---@param entry rejoinder.Entry
---@param text? string
function M.note(buf, entry, text)
  if entry.mark then
    api.nvim_buf_del_extmark(buf, marks, entry.mark)
    entry.mark = nil
  end
  if text and text ~= '' then
    entry.mark = api.nvim_buf_set_extmark(buf, marks, entry.row, 0, at_the_right(text))
  end
end

--- The ground under a line of code.
---@param buf integer
---@param row integer
function M.code(buf, row)
  api.nvim_buf_set_extmark(buf, marks, row, 0, { line_hl_group = 'RejoinderCode' })
end

--- A part of a line that leads somewhere; what becomes of a tool call stands at the right of its line.
---@param buf integer
---@param place rejoinder.Place
function M.place(buf, place)
  local options = { id = place.mark, end_col = place.to, hl_group = 'RejoinderPlace' }
  if type(place.target) == 'table' and place.target.callId then
    options.virt_text = { { require('rejoinder.chat.tools').state(place.target) } }
    options.virt_text_pos, options.hl_mode = 'eol', 'combine'
  end
  place.mark = api.nvim_buf_set_extmark(buf, marks, place.row, place.from, options)
end

--- Take all of that away from some rows.
---@param buf integer
---@param first integer
---@param last integer the row after the last
function M.clear(buf, first, last)
  api.nvim_buf_clear_namespace(buf, marks, first, last)
end

--- What goes on or went wrong, above the last heading. Where nothing is above it, it stands below the user's own lines.
---@param page rejoinder.Page
---@param chunks [string, string][][]?
function M.notice(page, chunks)
  api.nvim_buf_clear_namespace(page.buf, notices, 0, -1)
  if not chunks or #chunks == 0 then
    return
  end
  local lines, empty = vim.list_slice(chunks), page.top == 2
  table.insert(lines, empty and 1 or #lines + 1, { { '', 'Normal' } })
  local row = empty and api.nvim_buf_line_count(page.buf) - 1 or page.top - 3
  api.nvim_buf_set_extmark(page.buf, notices, row, 0, { virt_lines = lines })
end

--- A hint at the right of the last heading.
---@param page rejoinder.Page
---@param text string
function M.hint(page, text)
  api.nvim_buf_clear_namespace(page.buf, hints, 0, -1)
  api.nvim_buf_set_extmark(page.buf, hints, page.top - 2, 0, at_the_right(text))
end

return M
