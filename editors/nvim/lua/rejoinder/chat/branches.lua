--- Other ways that a conversation went: a question edited, an answer given again, and the way back to what was before.
local client_of = require('rejoinder.client')
local lookup = require('rejoinder.chat.lookup')
local methods = require('rejoinder.protocol').methods

local M = {}

local STEPS = { [''] = 1, next = 1, previous = -1 }

--- Take the messages from one on away while another branch is drawn in their place.
---@param chat rejoinder.Chat
---@param running rejoinder.Running
---@param message_id string
---@return rejoinder.Message? first of those taken away
function M.cut(chat, running, message_id)
  for number, message in ipairs(chat.messages) do
    if message.messageId == message_id then
      M._cut_from(chat, running, number)
      return message
    end
  end
end

--- A turn has begun, here or elsewhere: its question may hang higher up than at the last message.
---@param chat rejoinder.Chat
---@param running rejoinder.Running
---@param question rejoinder.Message
function M.follow(chat, running, question)
  if M.cut(chat, running, question.messageId) or #chat.messages == 0 then
    return
  end
  if not question.parentId and not chat.messages[1].parentId then
    M._cut_from(chat, running, 1)
    return
  end
  for number, message in ipairs(chat.messages) do
    if message.messageId == question.parentId and number < #chat.messages then
      M._cut_from(chat, running, number + 1)
      return
    end
  end
end

--- Whether a question goes on from the last message; else it hangs above all that is in the buffer.
---@param chat rejoinder.Chat
---@param question rejoinder.Message
---@return boolean
function M.fits(chat, question)
  local last = chat.messages[#chat.messages]
  return question.parentId == (last and last.messageId)
end

---@param chat rejoinder.Chat
---@param running rejoinder.Running
---@param number integer
function M._cut_from(chat, running, number)
  running.cut = vim.list_slice(chat.messages, number)
  chat.messages = vim.list_slice(chat.messages, 1, number - 1)
end

--- The turn came to nothing: what was taken away for it is there again.
---@param chat rejoinder.Chat
---@param running rejoinder.Running
function M.restore(chat, running)
  if running.cut then
    vim.list_extend(chat.messages, running.cut)
    running.cut = nil
  end
end

--- Every answer to the question of a turn, the new one last.
---@param running rejoinder.Running
---@param message_id string? of the new one
---@return string[]?
function M.siblings(running, message_id)
  local question, answer = (running.cut or {})[1], (running.cut or {})[2]
  local is_another = answer and running.question and question.messageId == running.question.messageId
  if is_another and message_id then
    return vim.list_extend(vim.deepcopy(answer.siblings or { answer.messageId }), { message_id })
  end
end

--- Which of several ways a message is on, as `‹2/3›`.
---@param message rejoinder.Message
---@return string?
function M.place(message)
  for number, message_id in ipairs(message.siblings or {}) do
    if message_id == message.messageId and #message.siblings > 1 then
      return ('‹%d/%d›'):format(number, #message.siblings)
    end
  end
end

--- The question that is meant: at the cursor, above it, or the last one.
---@param chat rejoinder.Chat
---@return rejoinder.Message?
function M._question(chat)
  local _, number = lookup.entry_at(chat.page, vim.api.nvim_win_get_cursor(0)[1] - 1)
  for at = number or #chat.page.entries, 1, -1 do
    local entry = chat.page.entries[at]
    if entry.role == 'user' and entry.message and entry.message.messageId then
      return entry.message
    end
  end
end

--- Whether something can branch off now; if not, it is told why.
---@param chat rejoinder.Chat
---@return boolean
function M._is_free(chat)
  if chat.running then
    client_of.say('An answer is still coming in. Stop it first, or wait.')
    return false
  end
  return require('rejoinder.chat.sending').is_ready(chat)
end

--- Put a question below the last heading again. Sent, it begins a branch beside the one that it was taken from; a
--- second time it is left as it was.
---@param chat rejoinder.Chat
function M.edit(chat)
  local leaves = chat.edits ~= nil
  local question = not leaves and M._is_free(chat) and M._question(chat)
  if leaves then
    chat.page:set_input(chat.aside or '')
    chat.edits, chat.aside, chat.attachments = nil, nil, {}
  elseif not question then
    client_of.say('There is no question to edit here.')
    return
  else
    chat.edits, chat.aside = question.messageId, chat.page:input()
    chat.page:set_input(question.content)
    chat.attachments = vim.tbl_filter(function(attachment)
      -- what a task of the user's own said comes from its file again
      return not vim.startswith(attachment.uri, 'prompt:')
    end, question.attachments or {})
  end
  require('rejoinder.chat.notes').idle(chat)
  require('rejoinder.chat.scroll').to_end(chat.page)
end

--- Have a question answered once more.
---@param chat rejoinder.Chat
---@param model? string another one, for this answer alone
function M.regenerate(chat, model)
  local question = M._is_free(chat) and M._question(chat)
  if not question then
    client_of.say('There is no question to answer again here.')
    return
  end
  local sending = require('rejoinder.chat.sending')
  local running = sending.begin(client_of.new_id())
  running.question = M.cut(chat, running, question.messageId)
  model = model ~= '' and model or nil
  sending.request(chat, running, { text = '', parentId = question.messageId, model = model })
  require('rejoinder.chat.scroll').to_end(chat.page)
end

--- The same by a model that is chosen.
---@param chat rejoinder.Chat
function M.regenerate_with(chat)
  client_of.require(chat.root, function(client)
    client_of.call(client, methods.MODELS, {}, function(result)
      local options = { prompt = 'Answer again with', kind = 'rejoinder.model' }
      options.format_item = function(model)
        return require('rejoinder.models').line(model, result.current)
      end
      require('rejoinder.picker').choose(result.models, options, function(model)
        M.regenerate(chat, model.id)
      end)
    end)
  end)
end

--- The entry at the cursor that has siblings, else the nearest above.
---@param chat rejoinder.Chat
---@return rejoinder.Message?
function M._forked(chat)
  local _, number = lookup.entry_at(chat.page, vim.api.nvim_win_get_cursor(0)[1] - 1)
  for at = number or #chat.page.entries, 1, -1 do
    local message = chat.page.entries[at].message
    if message and M.place(message) then
      return message
    end
  end
end

--- Go over to the branch before or after, or to the one of a number.
---@param chat rejoinder.Chat
---@param which -1|1|string a step or its name, or the number of a branch
function M.switch(chat, which)
  which = STEPS[which] or which
  local message = M._is_free(chat) and M._forked(chat)
  if not message then
    client_of.say('The conversation has no other branch here.')
    return
  end
  local count, at = #message.siblings, vim.fn.index(message.siblings, message.messageId)
  local to = type(which) == 'number' and (at + which) % count or (tonumber(which) or 0) - 1
  local sibling = message.siblings[to + 1]
  if not sibling then
    client_of.say(('There are %d branches here.'):format(count))
    return
  end
  ---@type rejoinder.SessionRollbackParams
  local params = { sessionId = chat.session.sessionId, messageId = sibling, latest = true }
  client_of.call(chat.client, methods.SESSION_ROLLBACK, params, function()
    chat:open(chat.client, { sessionId = params.sessionId }, function()
      local entry = lookup.entry_of(chat.page, sibling)
      for _, win in ipairs(entry and vim.fn.win_findbuf(chat.buf) or {}) do
        vim.api.nvim_win_set_cursor(win, { entry.row + 1, 0 })
      end
      require('rejoinder.turns').emit('BranchSwitched', { sessionId = params.sessionId, messageId = sibling })
    end)
  end)
end

return M
