--- Tool calls of an answer: a line for each, and a float with all of it.
local M = {}

local LONGEST = 60 -- characters of what a call is given, in its line
local MOST_LINES = 200 -- of an output in the buffer
local LONGEST_LINE = 400 -- characters of them
local STATES = { allowed = 'running', waiting = 'waiting for you' }
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

--- A call and what came of it, as lines of a message, with the place that the first of them is.
---@param call rejoinder.ToolCall
---@return string[], rejoinder.Place
function M.drawn(call)
  local lines = { M.label(call) }
  local output = M._indented(call.output)
  local place = { row = 0, from = 0, to = #lines[1], target = call, lines = #output > 0 and #output or nil }
  return vim.list_extend(lines, output), place
end

--- Draw a call of the last message, above its text.
---@param page rejoinder.Page
---@param entry rejoinder.Entry
---@param call rejoinder.ToolCall
function M.add(page, entry, call)
  local row = entry.row + 2 + entry.calls
  local lines, place = M.drawn(call)
  page:insert(row, entry.calls == 0 and vim.list_extend({ unpack(lines) }, { '' }) or lines)
  entry.calls, place.row = entry.calls + #lines, row
  page:place(place)
end

--- A call of the last message has news: its state, and what came of it, below its line, where it is folded.
---@param page rejoinder.Page
---@param entry rejoinder.Entry
---@param call rejoinder.ToolCall
function M.changed(page, entry, call)
  local place = vim.iter(page.places):find(function(one)
    return type(one.target) == 'table' and one.target.callId == call.callId
  end)
  if not place then
    return
  end
  place.target = call
  require('rejoinder.chat.marks').place(page.buf, place)
  local output = not place.lines and M._indented(call.output) or {}
  if #output > 0 then
    page:insert(place.row + 1, output)
    place.lines, page.levels, entry.calls = #output, nil, entry.calls + #output
    require('rejoinder.chat.folds').update(page)
    require('rejoinder.chat.scroll').settle(page)
  end
end

--- The beginning of an output, as Markdown has code.
---@param output string?
---@return string[] none when there is no output
function M._indented(output)
  local text = vim.trim(M.visible(output or ''))
  if text == '' then
    return {}
  end
  local all = vim.split(text, '\n', { plain = true })
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

return M
