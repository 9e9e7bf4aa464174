--- Tool calls of an answer: a line for each, and a float with all of it.
local M = {}

local LONGEST = 60 -- characters of what a call is given, in its line
local MOST_LINES = 200 -- of an output in the buffer
local LONGEST_LINE = 400 -- characters of them
local STATES = { allowed = 'running', waiting = 'waiting for you' }
local states = vim.api.nvim_create_namespace('rejoinder.calls')
local HIDDEN = '[%z\1-\8\11-\31\127]'

--- A text in which nothing hides: control characters, and those that turn around what stands beside them, are written.
---@param text string
---@return string
function M.visible(text)
  text = text:gsub('\r\n', '\n'):gsub(HIDDEN, function(one)
    return ('\\u%04x'):format(one:byte())
  end)
  -- U+200B-200F, U+2028-202E, U+2060-206F and U+FEFF
  text = text:gsub('\226\128[\139-\143\168-\174]', M._written):gsub('\226\129[\160-\175]', M._written)
  return (text:gsub('\239\187\191', M._written))
end

---@param one string
---@return string
function M._written(one)
  return ('\\u%04x'):format(vim.fn.char2nr(one))
end

---@param value any
---@return string
local function text_of(value)
  return M.visible(type(value) == 'string' and value or vim.json.encode(value))
end

--- The names of what a call is given, in an order that stays.
---@param call rejoinder.ToolCall
---@return string[]
local function names(call)
  local found = type(call.args) == 'table' and vim.tbl_keys(call.args) or {}
  table.sort(found)
  return found
end

--- A call in a line.
---@param call rejoinder.ToolCall
---@return string
function M.label(call)
  local values = vim.tbl_map(function(name)
    return text_of(call.args[name])
  end, names(call))
  local given = table.concat(values, ', '):gsub('%s+', ' ')
  if vim.fn.strchars(given) > LONGEST then
    given = vim.fn.strcharpart(given, 0, LONGEST - 1) .. '…'
  end
  return vim.trim(('▸ %s %s'):format(M.visible(call.name), given))
end

--- What becomes of a call, for the right of its line.
---@param call rejoinder.ToolCall
---@return string text, string highlight
function M.state(call)
  local text = STATES[call.status] or call.status
  local bad = vim.list_contains({ 'failed', 'denied', 'cancelled', 'interrupted' }, call.status)
  return text, bad and 'DiagnosticError' or text == 'done' and 'RejoinderNote' or 'RejoinderWorking'
end

--- Exactly what a call is given.
---@param call rejoinder.ToolCall
---@return string[]
function M.exact(call)
  local lines = {} ---@type string[]
  for _, name in ipairs(names(call)) do
    local value = vim.split(text_of(call.args[name]), '\n', { plain = true })
    if #value == 1 then
      lines[#lines + 1] = ('%s: %s'):format(M.visible(name), value[1])
    else
      lines[#lines + 1] = M.visible(name) .. ':'
      for _, line in ipairs(value) do
        lines[#lines + 1] = '  ' .. line
      end
    end
  end
  return #lines > 0 and lines or { '(no arguments)' }
end

--- Show all of a call.
---@param call rejoinder.ToolCall
function M.show(call)
  local lines = M.exact(call)
  if call.output then
    vim.list_extend(lines, { '', ('── %s ──'):format((M.state(call))) })
    vim.list_extend(lines, vim.split(M.visible(call.output), '\n', { plain = true }))
  end
  require('rejoinder.float').text((' %s '):format(M.visible(call.name)), lines)
end

--- A call that is known by its ID.
---@param running rejoinder.Running
---@param call_id string
---@return rejoinder.ToolCall?
function M.find(running, call_id)
  for _, call in ipairs(running.calls) do
    if call.callId == call_id then
      return call
    end
  end
end

--- Show what became of a call, at the right of its line.
---@param page rejoinder.Page
---@param call rejoinder.ToolCall
function M.mark(page, call)
  for _, place in ipairs(page.places) do
    if type(place.target) == 'table' and place.target.callId == call.callId then
      place.target = call
      local text, group = M.state(call)
      place.mark = vim.api.nvim_buf_set_extmark(page.buf, states, place.row, 0, {
        id = place.mark,
        virt_text = { { text, group } },
        virt_text_pos = 'eol',
        hl_mode = 'combine',
      })
    end
  end
end

--- Take away the states of all calls.
---@param buf integer
function M.clear(buf)
  vim.api.nvim_buf_clear_namespace(buf, states, 0, -1)
end

--- Draw what came of a call of the last message, below its line, where it is folded.
---@param page rejoinder.Page
---@param entry rejoinder.Entry
---@param call rejoinder.ToolCall
function M.output(page, entry, call)
  local place = vim.iter(page.places):find(function(one)
    return type(one.target) == 'table' and one.target.callId == call.callId
  end)
  if not place or place.lines or vim.trim(call.output or '') == '' then
    return
  end
  local lines = M._indented(call.output)
  page:_insert(place.row + 1, lines)
  for _, other in ipairs(page.places) do
    other.row = other.row > place.row and other.row + #lines or other.row
  end
  place.lines, page.levels = #lines, nil
  entry.calls = entry.calls + #lines
  page.fence.row = page.fence.row + #lines
  require('rejoinder.chat.folds').update(page)
end

--- The beginning of an output, as Markdown has code.
---@param output string
---@return string[]
function M._indented(output)
  local all = vim.split(vim.trim(M.visible(output)), '\n', { plain = true })
  local lines = { '' } -- without it the rest would go on with the call's line
  for number, line in ipairs(all) do
    if number > MOST_LINES then
      lines[#lines + 1] = ('    … %d more lines'):format(#all - MOST_LINES)
      break
    end
    lines[#lines + 1] = '    ' .. (#line > LONGEST_LINE and vim.fn.strcharpart(line, 0, LONGEST_LINE) .. '…' or line)
  end
  return lines
end

--- Draw a call of the last message: a line above its text.
---@param page rejoinder.Page
---@param entry rejoinder.Entry
---@param call rejoinder.ToolCall
function M.add(page, entry, call)
  local before = entry.calls or 0
  local row, label = entry.row + 2 + before, M.label(call)
  page:_insert(row, before == 0 and { label, '' } or { label })
  entry.calls = before + 1
  page.fence.row = page.fence.row + (before == 0 and 2 or 1)
  page:_place(row, 0, #label, call)
  M.mark(page, call)
  M.output(page, entry, call)
end

--- Draw the calls of an answer that was drawn anew.
---@param page rejoinder.Page
---@param entry rejoinder.Entry
---@param calls rejoinder.ToolCall[]?
function M.draw(page, entry, calls)
  for _, call in ipairs(calls or {}) do
    M.add(page, entry, call)
  end
end

return M
