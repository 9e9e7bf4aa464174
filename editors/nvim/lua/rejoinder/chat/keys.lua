--- The chat's keys. They are local to its buffer, and `vim.g.rejoinder.keys` changes them.
local lookup = require('rejoinder.chat.lookup')

local M = {}

---@class rejoinder.Key
---@field name string in `vim.g.rejoinder.keys`
---@field mode 'n'|'i'
---@field help string
---@field act fun(chat: rejoinder.Chat)

---@type rejoinder.Key[]
M.all = {
  { name = 'send', mode = 'n', help = 'send what is below the last heading; above it: open the place under the cursor' },
  { name = 'send_insert', mode = 'i', help = 'send while typing' },
  { name = 'stop', mode = 'n', help = 'stop the answer' },
  { name = 'next_turn', mode = 'n', help = 'to the next turn' },
  { name = 'previous_turn', mode = 'n', help = 'to the turn before' },
  { name = 'edit', mode = 'n', help = 'edit the question at the cursor and send it again; a second time: leave it' },
  { name = 'regenerate', mode = 'n', help = 'answer the question at the cursor again' },
  { name = 'regenerate_with', mode = 'n', help = 'the same by another model' },
  { name = 'next_branch', mode = 'n', help = 'to the next branch, where a heading says ‹1/2›' },
  { name = 'previous_branch', mode = 'n', help = 'to the branch before' },
  { name = 'yank', mode = 'n', help = 'yank the code block under the cursor' },
  { name = 'apply', mode = 'n', help = 'apply the code block under the cursor: shows in the file what changes' },
  { name = 'insert', mode = 'n', help = 'put the code block below the cursor of the file' },
  { name = 'replace', mode = 'n', help = 'put the code block in the place of the selection' },
  { name = 'open_block', mode = 'n', help = 'open the code block in a buffer of its own' },
  { name = 'open', mode = 'n', help = 'open the place under the cursor' },
  { name = 'decide', mode = 'n', help = 'decide on the tool call that waits' },
  { name = 'prompt', mode = 'n', help = 'show the exact prompt of what would be sent' },
  { name = 'remember', mode = 'n', help = 'remember the message under the cursor' },
  { name = 'help', mode = 'n', help = 'these keys' },
}

local acts = {} ---@type table<string, fun(chat: rejoinder.Chat)>

function acts.send(chat)
  if vim.api.nvim_win_get_cursor(0)[1] > chat.page.top then
    chat:send()
  else
    acts.open(chat)
  end
end

function acts.send_insert(chat)
  vim.cmd.stopinsert()
  chat:send()
end

function acts.stop(chat)
  chat:stop()
end

function acts.next_turn(chat)
  M.jump(chat, 1)
end

function acts.previous_turn(chat)
  M.jump(chat, -1)
end

function acts.edit(chat)
  require('rejoinder.chat.branches').edit(chat)
end

function acts.regenerate(chat)
  require('rejoinder.chat.branches').regenerate(chat)
end

function acts.regenerate_with(chat)
  require('rejoinder.chat.branches').regenerate_with(chat)
end

function acts.next_branch(chat)
  require('rejoinder.chat.branches').switch(chat, 1)
end

function acts.previous_branch(chat)
  require('rejoinder.chat.branches').switch(chat, -1)
end

for key, way in pairs({ yank = 'yank', insert = 'insert', replace = 'replace', open_block = 'open' }) do
  acts[key] = function()
    require('rejoinder.chat.blocks').run(way)
  end
end

function acts.prompt(chat)
  require('rejoinder.chat.prompt').show(chat)
end

function acts.remember()
  require('rejoinder.memory').remember({ text = '' })
end

function acts.apply(chat)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local entry, number = lookup.entry_at(chat.page, row)
  local ending = lookup.end_of(chat.page, entry)
  local block = entry and require('rejoinder.blocks').under_cursor(chat.buf, entry.row + 2, ending)
  if not entry or not block or entry.role ~= 'assistant' then
    require('rejoinder.client').say('There is no code block of an answer under the cursor.')
  elseif not (entry.message and entry.message.messageId) then
    require('rejoinder.client').say('This answer is not whole yet.')
  else
    local asked = chat.page.entries[number - 1]
    local attached = asked and asked.message and asked.message.attachments
    local uri = attached and attached[1] and attached[1].uri
    require('rejoinder.apply').block(chat.client, entry.message.messageId, block.number, uri)
  end
end

function acts.open(chat)
  local at = vim.api.nvim_win_get_cursor(0)
  local place = lookup.place_at(chat.page, at[1] - 1, at[2])
  local target = place and place.target
  if target == 'earlier' then
    require('rejoinder.chat.earlier').load(chat)
    return
  end
  if target and target.callId then
    require('rejoinder.chat.tools').show(target)
    return
  end
  if target and (target.hash or target.data) and chat.client and chat.session then
    require('rejoinder.pictures').open(target, chat.client, chat.session)
    return
  end
  target = target or require('rejoinder.places').written(vim.api.nvim_get_current_line(), at[2], chat.root)
  if target then
    require('rejoinder.places').open(target, chat.client)
  else
    require('rejoinder.client').say('Nothing to open here.')
  end
end

function acts.decide(chat)
  require('rejoinder.approvals').decide(chat)
end

function acts.help()
  local lines = {}
  for _, key in ipairs(M.all) do
    local shown = M.shown(key.name)
    if shown then
      lines[#lines + 1] = (' %-7s %s%s '):format(shown, key.mode == 'i' and '(insert) ' or '', key.help)
    end
  end
  require('rejoinder.float').text(' Keys of the chat ', lines)
end

--- Do what a key does.
---@param name string
---@param chat rejoinder.Chat
function M.act(name, chat)
  acts[name](chat)
end

--- How a key is written, nil when it is left out.
---@param name string
---@return string?
function M.shown(name)
  local key = require('rejoinder.config').get().keys[name]
  if not key then
    return
  end
  local control = key:match('^<C%-(.)>$')
  return control and 'Ctrl-' .. control:upper() or key == '<CR>' and 'Enter' or key
end

--- To the heading of the turn after or before the cursor.
---@param chat rejoinder.Chat
---@param step 1|-1
function M.jump(chat, step)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local rows = vim.tbl_map(function(entry)
    return entry.row
  end, chat.page.entries)
  rows[#rows + 1] = chat.page.top - 2
  if step < 0 and row >= rows[#rows] then
    row = rows[#rows]
  end
  for number = step > 0 and 1 or #rows, step > 0 and #rows or 1, step do
    if (rows[number] - row) * step > 0 then
      vim.cmd("normal! m'")
      if number == #rows then
        vim.api.nvim_win_set_cursor(0, { chat.page.top + 1, 0 })
      else
        vim.api.nvim_win_set_cursor(0, { rows[number] + 1, 0 })
        vim.cmd('normal! zt')
      end
      return
    end
  end
end

--- Set the keys of a chat's buffer, and keep the cursor's keys of insertion below the last heading.
---@param chat rejoinder.Chat
function M.set(chat)
  local given = require('rejoinder.config').get().keys
  for _, key in ipairs(M.all) do
    local lhs = given[key.name]
    if lhs then
      vim.keymap.set(key.mode, lhs, function()
        acts[key.name](chat)
      end, { buffer = chat.buf, desc = 'Rejoinder: ' .. key.help, nowait = true })
    end
  end
  for _, lhs in ipairs({ 'i', 'I', 'a', 'A', 'o', 'O' }) do
    vim.keymap.set('n', lhs, function()
      -- typing begins below the last heading wherever it was asked for
      return vim.api.nvim_win_get_cursor(0)[1] > chat.page.top and lhs or (lhs:lower() == 'o' and 'Go' or 'GA')
    end, { buffer = chat.buf, expr = true })
  end
end

return M
