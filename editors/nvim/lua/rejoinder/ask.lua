--- A question about some lines: the answer streams into a float beside them.
local blocks = require('rejoinder.chat.blocks')
local client_of = require('rejoinder.client')
local methods = require('rejoinder.protocol').methods
local pace = require('rejoinder.chat.pace')
local turns = require('rejoinder.turns')

local M = {}

---@class rejoinder.Ask: rejoinder.Paced
---@field turnId string
---@field win integer
---@field from integer the buffer that was asked about
---@field title string
---@field client vim.lsp.Client?
---@field request integer? its ID
---@field params rejoinder.AskParams
---@field result rejoinder.TurnResult?
---@field begun boolean whether text has come
---@field text string

local asks = {} ---@type table<string, rejoinder.Ask> that run, by turn

---@class rejoinder.AskOptions
---@field action? rejoinder.AskAction
---@field text? string
---@field first? integer lines that are asked about, from 1
---@field last? integer

--- Ask about lines of the current buffer; without a question one is asked for.
---@param options rejoinder.AskOptions
function M.open(options)
  if not options.action and vim.trim(options.text or '') == '' then
    require('rejoinder.picker').input({ prompt = 'Ask: ' }, function(text)
      M.open(vim.tbl_extend('force', options, { text = text }))
    end)
    return
  end
  local from = vim.api.nvim_get_current_buf()
  local ask = M._float(from, options)
  M._send(ask, options)
end

---@param from integer
---@param options rejoinder.AskOptions
---@return rejoinder.Ask
function M._float(from, options)
  require('rejoinder.colours').set()
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  local what = options.action and options.action:gsub('^%l', string.upper) or 'Ask'
  local title = vim.trim(options.text or '') ~= '' and what .. ': ' .. vim.trim(options.text) or what
  local width = math.min(math.max(60, math.floor(vim.o.columns * 0.6)), 100)
  local win = require('rejoinder.float').open(buf, {
    title = M._short(title, width - 4),
    footer = ' Ctrl-C stops · q closes ',
    width = width,
    height = math.max(10, math.floor(vim.o.lines * 0.4)),
    below = true,
  })
  require('rejoinder.markdown').set(buf)
  for name, value in pairs({ wrap = true, linebreak = true, breakindent = true, conceallevel = 0, spell = false }) do
    vim.api.nvim_set_option_value(name, value, { scope = 'local', win = win })
  end
  vim.bo[buf].modifiable = false
  local ask = { turnId = client_of.new_id(), buf = buf, win = win, from = from, title = title, begun = false, text = '' }
  ask.append = M._append
  M._keys(ask)
  return ask
end

---@param ask rejoinder.Ask
---@param options rejoinder.AskOptions
function M._send(ask, options)
  M._write(ask, { '…' })
  local problem = client_of.with(require('rejoinder.server').root(ask.from), function(client)
    ask.client = client
    asks[ask.turnId] = ask
    client_of.attach(client, ask.from)
    local attachments = options.first
        and { require('rejoinder.context').lines(ask.from, options.first, options.last, client.offset_encoding) }
      or nil
    local is_file = vim.api.nvim_buf_get_name(ask.from) ~= '' and vim.bo[ask.from].buftype == ''
    ask.params = {
      text = vim.trim(options.text or ''),
      action = options.action,
      attachments = attachments,
      uri = is_file and vim.uri_from_bufnr(ask.from) or nil,
      turnId = ask.turnId,
    }
    ask.request = client_of.request(client, methods.ASK, ask.params, function(err, result)
      asks[ask.turnId] = nil
      ask.result = result
      if err then
        M._failed(ask, err)
      else
        M._done(ask, result)
      end
    end)
  end)
  if problem then
    M._failed(ask, problem)
  end
end

--- An update of any turn; those of a running ask are drawn.
---@param params rejoinder.ChatUpdateParams
function M.update(params)
  local ask = asks[params.turnId]
  if not ask or not vim.api.nvim_buf_is_loaded(ask.buf) then
    return
  end
  local update = params.update
  if update.type == 'text' then
    pace.append(ask, update.text)
  elseif update.type == 'status' and not ask.begun then
    M._write(ask, { update.message })
  end
end

--- The server has gone: what was asked about is not lost, but the answer is.
---@param client_id integer
function M.lost(client_id)
  for turn_id, ask in pairs(asks) do
    if ask.client and ask.client.id == client_id then
      asks[turn_id] = nil
      M._failed(ask, { message = 'The server stopped in the middle of the answer.', data = { hint = 'Ask again.' } })
    end
  end
end

---@param ask rejoinder.Ask
---@param text string
function M._append(ask, text)
  local follows = M._is_open(ask) and vim.fn.line('w$', ask.win) == vim.api.nvim_buf_line_count(ask.buf)
  vim.bo[ask.buf].modifiable = true
  if not ask.begun then
    ask.begun = true
    vim.api.nvim_buf_set_lines(ask.buf, 0, -1, false, { '' })
  end
  ask.text = ask.text .. text
  vim.api.nvim_buf_set_text(ask.buf, -1, -1, -1, -1, turns.lines(text))
  vim.bo[ask.buf].modifiable = false
  if follows then
    vim.api.nvim_win_call(ask.win, function()
      vim.cmd('keepjumps normal! G0')
    end)
  end
end

---@param ask rejoinder.Ask
---@param lines string[]
function M._write(ask, lines)
  if vim.api.nvim_buf_is_loaded(ask.buf) then
    vim.bo[ask.buf].modifiable = true
    vim.api.nvim_buf_set_lines(ask.buf, 0, -1, false, lines)
    vim.bo[ask.buf].modifiable = false
  end
end

---@param ask rejoinder.Ask
---@param result rejoinder.TurnResult
function M._done(ask, result)
  pace.flush(ask)
  pace.stop(ask)
  if not ask.begun then
    M._write(ask, turns.lines(result.text or ''))
  end
  M._footer(ask, result.stopReason == 'cancelled' and 'stopped · ' or '')
  turns.emit('TurnFinished', { turnId = ask.turnId, stopReason = result.stopReason })
end

---@param ask rejoinder.Ask
---@param err lsp.ResponseError|rejoinder.Problem
function M._failed(ask, err)
  pace.stop(ask)
  if vim.api.nvim_buf_is_loaded(ask.buf) then
    local lines = { '**' .. err.message .. '**' }
    if type(err.data) == 'table' and err.data.hint then
      vim.list_extend(lines, { '', err.data.hint })
    end
    M._write(ask, lines)
    M._footer(ask, 'failed · ')
  else
    client_of.tell(client_of.message(err))
  end
end

---@param ask rejoinder.Ask
---@param state string
function M._footer(ask, state)
  if M._is_open(ask) then
    local has_code = #require('rejoinder.blocks').of(ask.buf) > 0
    local keys = (has_code and 'ga applies · gy yanks · ' or '') .. 'gc goes on in the chat · q closes'
    vim.api.nvim_win_set_config(ask.win, { footer = (' %s%s '):format(state, keys), footer_pos = 'right' })
  end
end

---@param ask rejoinder.Ask
---@return boolean
function M._is_open(ask)
  return vim.api.nvim_win_is_valid(ask.win) and vim.api.nvim_win_get_buf(ask.win) == ask.buf
end

---@param ask rejoinder.Ask
function M._keys(ask)
  local function map(lhs, act)
    vim.keymap.set('n', lhs, act, { buffer = ask.buf, nowait = true })
  end
  map('<C-c>', function()
    M.stop(ask)
  end)
  map('gy', function()
    blocks.run('yank')
  end)
  map('ga', function()
    local block = ask.result and ask.result.messageId and blocks.meant(ask.buf)
    if block then
      local uri = ask.params.uri
      vim.api.nvim_win_close(ask.win, true)
      require('rejoinder.apply').block(ask.client, ask.result.messageId, block.number, uri)
    end
  end)
  map('gc', function()
    local result = ask.result
    local draft = not result and ask.params and ask.params.text or nil
    vim.api.nvim_win_close(ask.win, true)
    require('rejoinder.chat').open({ session_id = result and result.sessionId, text = draft })
  end)
end

--- Stop an answer: the request is cancelled, and its reply is the part that came.
---@param ask rejoinder.Ask
function M.stop(ask)
  if asks[ask.turnId] and ask.client and ask.request then
    ask.client:cancel_request(ask.request)
  end
end

--- Stop every answer that streams into a float.
---@return boolean whether there was one
function M.stop_all()
  local any = false
  for _, ask in pairs(asks) do
    any = true
    M.stop(ask)
  end
  return any
end

---@param title string
---@param width integer
---@return string
function M._short(title, width)
  title = title:gsub('%s+', ' ')
  if vim.fn.strdisplaywidth(title) > width then
    title = vim.fn.strcharpart(title, 0, width - 1) .. '…'
  end
  return ' ' .. title .. ' '
end

return M
