--- Changes that are shown within a file before they are taken: the old lines marked, the new ones below them. Each part
--- is taken or left by itself, or all at once; one `u` takes each of them back.
local client_of = require('rejoinder.client')

local M = {}

local shown = vim.api.nvim_create_namespace('rejoinder.proposal')
local KEYS = 'ga take · gx leave · gA, gX all'

---@class rejoinder.Part a run of lines that differ
---@field mark integer the extmark of its old lines, or of the line that it stands below
---@field old string[]
---@field new string[]
---@field above boolean whether it stands above all lines

---@class rejoinder.Proposal
---@field buf integer
---@field parts rejoinder.Part[] that are open
---@field maps table<string, table> the buffer's own keys of before
---@field taken fun(buf: integer) called when a part was taken

local open = {} ---@type table<integer, rejoinder.Proposal> by buffer

--- Where lines differ: the first and the count of the old ones, and of the new ones.
---@param before string[]
---@param after string[]
---@return integer[][]
function M.diff(before, after)
  local compare = vim.text.diff or vim.diff
  local function joined(lines)
    return table.concat(lines, '\n') .. '\n'
  end
  return compare(joined(before), joined(after), { result_type = 'indices' }) --[[@as integer[][] ]]
end

--- Show what edits would make of a buffer. What was shown in it before goes.
---@param buf integer
---@param edits rejoinder.TextEdit[]
---@param encoding string
---@param taken? fun(buf: integer)
---@return integer parts
function M.show(buf, edits, encoding, taken)
  M.leave(buf)
  local before = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, before)
  vim.lsp.util.apply_text_edits(edits, scratch, encoding)
  local after = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  local proposal = { buf = buf, parts = {}, maps = {}, taken = taken or function() end } ---@type rejoinder.Proposal
  for _, hunk in ipairs(M.diff(before, after)) do
    proposal.parts[#proposal.parts + 1] = M._part(buf, before, after, hunk)
  end
  if #proposal.parts > 0 then
    open[buf] = proposal
    M._keys(proposal)
    M._draw(proposal)
  end
  return #proposal.parts
end

---@param buf integer
---@param before string[]
---@param after string[]
---@param hunk integer[]
---@return rejoinder.Part
function M._part(buf, before, after, hunk)
  local first, count, new_first, new_count = unpack(hunk)
  local row = math.max(first - 1, 0)
  return {
    mark = vim.api.nvim_buf_set_extmark(buf, shown, row, 0, { end_row = row + count, end_col = 0, strict = false }),
    old = vim.list_slice(before, first, first + count - 1),
    new = vim.list_slice(after, new_first, new_first + new_count - 1),
    above = first == 0,
  }
end

--- The rows of a part's old lines, the last one not included; of one without, where its lines belong.
---@param buf integer
---@param part rejoinder.Part
---@return integer first
---@return integer last
function M._rows(buf, part)
  local row = vim.api.nvim_buf_get_extmark_by_id(buf, shown, part.mark, {})[1] or 0
  local first = #part.old == 0 and not part.above and row + 1 or row
  return first, first + #part.old
end

--- Mark old lines, and show new ones below them.
---@param proposal rejoinder.Proposal
function M._draw(proposal)
  local buf = proposal.buf
  local width = 20
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    local info = vim.fn.getwininfo(win)[1]
    width = math.max(width, info.width - info.textoff)
  end
  for number, part in ipairs(proposal.parts) do
    local row = vim.api.nvim_buf_get_extmark_by_id(buf, shown, part.mark, {})[1]
    local count = #proposal.parts > 1 and ('%d/%d'):format(number, #proposal.parts) or ''
    local note = number == 1 and vim.trim(count .. '  ' .. KEYS) or count
    vim.api.nvim_buf_set_extmark(buf, shown, row, 0, {
      id = part.mark,
      end_row = row + #part.old,
      end_col = 0,
      strict = false,
      hl_group = #part.old > 0 and 'DiffDelete' or nil,
      hl_eol = #part.old > 0,
      virt_text = { { '  ' .. note, 'RejoinderNote' } },
      virt_text_pos = 'eol',
    })
    part.lines = vim.api.nvim_buf_set_extmark(buf, shown, math.max(row + #part.old - 1, row), 0, {
      id = part.lines,
      virt_lines = M._virtual(buf, part.new, width),
      virt_lines_above = part.above,
    })
    if part.above and vim.api.nvim_get_current_buf() == buf and vim.fn.line('w0') == 1 then
      -- what stands above the first line is out of sight otherwise
      vim.fn.winrestview({ topline = 1, topfill = #part.new })
    end
  end
end

---@param buf integer
---@param lines string[]
---@param width integer
---@return [string, string][][]
function M._virtual(buf, lines, width)
  local tab = (' '):rep(vim.bo[buf].tabstop)
  return vim.tbl_map(function(line)
    line = line:gsub('\t', tab)
    return { { line .. (' '):rep(width - vim.fn.strdisplaywidth(line)), 'DiffAdd' } }
  end, lines)
end

--- The part that the cursor stands at, else the next one.
---@param buf? integer
---@return rejoinder.Part?
function M.here(buf)
  local proposal = open[buf or vim.api.nvim_get_current_buf()]
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, part in ipairs(proposal and proposal.parts or {}) do
    local first, last = M._rows(proposal.buf, part)
    if row <= math.max(last - 1, first) then
      return part
    end
  end
  return proposal and proposal.parts[#proposal.parts] or nil
end

--- Whether a change waits in a buffer, or in any.
---@param buf? integer
---@return boolean
function M.waits(buf)
  return buf and open[buf] ~= nil or not buf and next(open) ~= nil
end

--- Take a part, or all of a buffer.
---@param buf integer
---@param part? rejoinder.Part
function M.take(buf, part)
  local proposal = open[buf]
  local parts = part and { part } or vim.list_slice(proposal and proposal.parts or {})
  local count = 0
  for at = #parts, 1, -1 do
    count = count + (M._take(proposal, parts[at]) and 1 or 0)
  end
  if count > 0 then
    proposal.taken(buf)
    require('rejoinder.turns').emit('Applied', { buf = buf })
  end
end

---@param proposal rejoinder.Proposal
---@param part rejoinder.Part
---@return boolean
function M._take(proposal, part)
  local first, last = M._rows(proposal.buf, part)
  if not vim.deep_equal(vim.api.nvim_buf_get_lines(proposal.buf, first, last, false), part.old) then
    client_of.tell(('Line %d has changed since: that part is left.'):format(first + 1))
    M.leave(proposal.buf, part)
    return false
  end
  M.leave(proposal.buf, part)
  vim.api.nvim_buf_set_lines(proposal.buf, first, last, false, part.new)
  return true
end

--- Leave a part as it was, or all of a buffer.
---@param buf integer
---@param part? rejoinder.Part
function M.leave(buf, part)
  local proposal = open[buf]
  if not proposal then
    return
  end
  for _, one in ipairs(part and { part } or proposal.parts) do
    vim.api.nvim_buf_del_extmark(buf, shown, one.mark)
    vim.api.nvim_buf_del_extmark(buf, shown, one.lines)
  end
  proposal.parts = vim.tbl_filter(function(one)
    return part ~= nil and one ~= part
  end, proposal.parts)
  if #proposal.parts == 0 then
    open[buf] = nil
    M._unmap(proposal)
  else
    M._draw(proposal)
  end
end

--- Take or leave all that waits in any file.
---@param way 'take'|'leave'
function M.all(way)
  for _, buf in ipairs(vim.tbl_keys(open)) do
    M[way](buf)
  end
end

--- Go to another part of this file.
---@param step 1|-1
function M.go(step)
  local buf = vim.api.nvim_get_current_buf()
  local rows = vim.tbl_map(function(part)
    return math.min((M._rows(buf, part)) + 1, vim.api.nvim_buf_line_count(buf))
  end, open[buf] and open[buf].parts or {})
  local row = vim.api.nvim_win_get_cursor(0)[1]
  local from, to = step == 1 and 1 or #rows, step == 1 and #rows or 1
  for at = from, to, step do
    if (rows[at] - row) * step > 0 then
      vim.api.nvim_win_set_cursor(0, { rows[at], 0 })
      return
    end
  end
end

--- Entries of a quickfix list for all that waits.
---@return vim.quickfix.entry[]
function M.entries()
  local entries = {}
  for buf, proposal in pairs(open) do
    for _, part in ipairs(proposal.parts) do
      local text = part.new[1] or part.old[1] or ''
      local sign = #part.old == 0 and '+' or #part.new == 0 and '-' or '~'
      local row = math.min((M._rows(buf, part)) + 1, vim.api.nvim_buf_line_count(buf))
      entries[#entries + 1] = { bufnr = buf, lnum = row, text = sign .. ' ' .. vim.trim(text) }
    end
  end
  table.sort(entries, function(one, other)
    return one.bufnr == other.bufnr and one.lnum < other.lnum or one.bufnr < other.bufnr
  end)
  return entries
end

---@param proposal rejoinder.Proposal
function M._keys(proposal)
  local buf = proposal.buf
  local acts = {
    ga = { 'take this change', function() M.take(buf, M.here(buf)) end },
    gx = { 'leave this change', function() M.leave(buf, M.here(buf)) end },
    gA = { 'take all changes', function() M.take(buf) end },
    gX = { 'leave all changes', function() M.leave(buf) end },
    [']c'] = { 'next change', function() M.go(1) end },
    ['[c'] = { 'previous change', function() M.go(-1) end },
  }
  for lhs, act in pairs(acts) do
    proposal.maps[lhs] = vim.api.nvim_buf_call(buf, function()
      return vim.fn.maparg(lhs, 'n', false, true)
    end)
    vim.keymap.set('n', lhs, act[2], { buffer = buf, nowait = true, desc = 'Rejoinder: ' .. act[1] })
  end
end

---@param proposal rejoinder.Proposal
function M._unmap(proposal)
  for lhs, before in pairs(proposal.maps) do
    pcall(vim.keymap.del, 'n', lhs, { buffer = proposal.buf })
    if before.buffer == 1 then
      vim.api.nvim_buf_call(proposal.buf, function()
        vim.fn.mapset('n', false, before)
      end)
    end
  end
end

return M
