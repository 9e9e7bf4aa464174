--- Subcommands of `:Rejoinder` that act on a conversation. What is not said is meant by the cursor.
local M = {}

---@param act fun(chat: rejoinder.Chat, text: string)
---@return fun(call: rejoinder.Call)
local function with_chat(act)
  return function(call)
    local chat = require('rejoinder.chat').of_buffer() or require('rejoinder.chat').open()
    act(chat, call.text)
  end
end

---@param names string[]
---@return fun(lead: string): string[]
local function among(names)
  return function(lead)
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, names)
  end
end

---@param lead string
---@return string[]
local function models(lead)
  local chat = require('rejoinder.chat').current()
  local known = chat and chat.client and require('rejoinder.status').models(chat.client) or {}
  return among(known)(lead)
end

local function edit(chat)
  require('rejoinder.chat.branches').edit(chat)
end

local function regenerate(chat, text)
  require('rejoinder.chat.branches').regenerate(chat, text ~= '' and text or nil)
end

local function branch(chat, text)
  local which = text == 'previous' and -1 or (text == 'next' or text == '') and 1 or text
  require('rejoinder.chat.branches').switch(chat, which)
end

local function effort(chat, text)
  require('rejoinder.chat.effort').choose(chat, text)
end

local function prompt(chat)
  require('rejoinder.chat.prompt').show(chat)
end

---@param call rejoinder.Call
local function block(call)
  local ways = require('rejoinder.chat.blocks').ways
  local way = call.text == '' and 'yank' or call.text
  if vim.list_contains(ways, way) then
    require('rejoinder.chat.blocks').act(way, vim.api.nvim_get_current_buf())
  else
    require('rejoinder.client').tell((':Rejoinder block takes %s.'):format(table.concat(ways, ', ')))
  end
end

---@type table<string, rejoinder.Subcommand>
M.all = {
  edit = { help = 'edit a question and send it again, on a branch of its own', run = with_chat(edit) },
  regenerate = { help = 'answer a question again, also by another model', run = with_chat(regenerate), complete = models },
  branch = {
    help = 'go over to another branch of the conversation',
    run = with_chat(branch),
    complete = among({ 'next', 'previous' }),
  },
  effort = {
    help = 'how much the model may think',
    run = with_chat(effort),
    complete = among({ 'minimal', 'low', 'medium', 'high', 'default' }),
  },
  prompt = { help = 'show the exact prompt of what would be sent', run = with_chat(prompt) },
  block = {
    help = 'yank the code block under the cursor, insert it, replace the selection, open it',
    run = block,
    complete = among({ 'yank', 'insert', 'replace', 'open' }),
  },
}

return M
