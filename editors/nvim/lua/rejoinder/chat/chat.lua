--- One conversation on the screen: a page and what the server says of its session.
local client_of = require('rejoinder.client')
local notes = require('rejoinder.chat.notes')
local Page = require('rejoinder.chat.page')
local protocol = require('rejoinder.protocol')
local scroll = require('rejoinder.chat.scroll')
local sending = require('rejoinder.chat.sending')
local turns = require('rejoinder.turns')
local unstored = require('rejoinder.chat.unstored')

---@class rejoinder.Running a turn under way
---@field turnId string
---@field seq integer of the last update seen
---@field text string? what the user typed, when the turn was begun here
---@field attachments rejoinder.Attachment[]?
---@field question rejoinder.Message?
---@field asked rejoinder.Entry?
---@field answered rejoinder.Entry?
---@field pieces string[] of the answer
---@field drawn boolean? whether a word has come
---@field citations rejoinder.Citation[]
---@field calls rejoinder.ToolCall[] in the order that they came in
---@field model string?
---@field edits string? the question that its text was taken from, when it begins another branch
---@field cut rejoinder.Message[]? messages that are not on its branch

---@class rejoinder.Chat
---@field buf integer
---@field root string?
---@field uri string? the file that it was opened from
---@field page rejoinder.Page
---@field client vim.lsp.Client?
---@field session rejoinder.Session?
---@field messages rejoinder.Message[]
---@field older integer how many messages there are before those
---@field loading (fun())[]? who waits for some of these, which are on their way
---@field refused rejoinder.Message? before which none could be loaded
---@field running rejoinder.Running?
---@field attachments rejoinder.Attachment[] of the next message
---@field syncing boolean whether the session was asked for and has not come yet
---@field connecting boolean? whether a server is on its way
---@field eager boolean? whether to send as soon as the session is there
---@field welcoming boolean? whether an empty conversation says how to begin
---@field used integer? when it was opened last
---@field agent string? who answers, by name
---@field effort string? how much the model may think before it answers
---@field edits string? the question whose text stands below the last heading, by its ID
---@field aside string? what stood there before
---@field fill { tokens: integer, budget: integer }? of the prompt of the next turn
local Chat = {}
Chat.__index = Chat

---@param buf integer
---@param root string?
---@param uri string?
---@return rejoinder.Chat
function Chat.new(buf, root, uri)
  local self = setmetatable({ buf = buf, root = root, uri = uri, messages = {}, attachments = {} }, Chat)
  self.syncing, self.older = false, 0
  self.page = Page.new(buf, function()
    vim.schedule(function()
      if vim.api.nvim_buf_is_loaded(buf) then
        self:redraw()
      end
    end)
  end)
  notes.starting(self)
  return self
end

--- Show a session; `which` says which one, as `session/open` wants it.
---@param client vim.lsp.Client
---@param which rejoinder.SessionOpenParams
---@param shown? fun()
function Chat:open(client, which, shown)
  self.client, self.syncing, self.connecting = client, true, nil
  client_of.request(client, protocol.methods.SESSION_OPEN, which, function(err, result)
    self.syncing = false
    if not vim.api.nvim_buf_is_loaded(self.buf) then
      return
    end
    if err then
      notes.failed(self, err)
      return
    end
    self:show(result)
    if shown then
      shown()
    end
  end)
end

--- Draw what `session/open` answered. What stands below the last heading stays; else it is the session's draft.
---@param result rejoinder.SessionOpenResult
function Chat:show(result)
  local before = self.running
  self.session, self.messages, self.running, self.loading = result.session, result.messages, nil, nil
  self.older = math.max(result.session.messageCount - #result.messages, 0)
  require('rejoinder.chat').named(self)
  local own = self.page:input()
  local draft = require('rejoinder.chat.draft').parted(result.session.sessionId) or unstored.draft(result)
  if before and not result.running and not unstored.is_answered(self, before.turnId) then
    draft = draft ~= '' and draft or before.text or ''
    unstored.keep(self, before)
  end
  local restored = vim.trim(own) == '' and draft ~= ''
  self.page.own = restored and draft or own
  self:redraw()
  if restored then
    scroll.to_end(self.page, scroll.cursors(self.page))
  end
  require('rejoinder.chat.draft').hold(self)
  if result.running then
    self.running = sending.begin(result.running.turnId)
    if before and before.turnId == result.running.turnId then
      self.running.text = before.text
    end
    for _, update in ipairs(result.running.updates) do
      self:update(update)
    end
  end
  notes.idle(self)
  if not self.running then
    require('rejoinder.chat.usage').ask(self)
  end
  turns.emit('SessionOpened', { sessionId = self.session.sessionId, buf = self.buf })
  if self.eager then
    self.eager = nil
    self:send()
  end
end

--- Draw everything anew from what is known.
function Chat:redraw()
  local page, folds = self.page, require('rejoinder.chat.folds')
  folds.keep(page)
  page:reset(page.own)
  require('rejoinder.chat.earlier').draw(self)
  local part = unstored.part(self)
  if part then
    page:add('assistant', { content = part } --[[@as rejoinder.Message]], 'cut off, and not stored')
  end
  local running = self.running
  if running then
    running.asked, running.answered = nil, nil
    sending.draw(self, running)
    if #running.pieces > 0 or #running.calls > 0 then
      running.answered = page:add('assistant', nil, nil, running.calls)
      page:append((table.concat(running.pieces):gsub('^%s+', '')))
    end
  end
  folds.restore(page)
  -- the view went along with the last line as the rest came in above it
  scroll.settle(page)
  notes.idle(self)
  require('rejoinder.approvals').ask(self)
end

--- Send what stands below the last heading.
function Chat:send()
  sending.send(self)
end

--- Stop the running answer. What came of it is kept.
function Chat:stop()
  sending.stop(self)
end

--- An update of a turn in this session, whoever began it.
---@param params rejoinder.ChatUpdateParams
function Chat:update(params)
  if self.syncing or not vim.api.nvim_buf_is_loaded(self.buf) then
    return
  end
  local running = self.running
  if (not running or running.turnId ~= params.turnId) and params.seq == 0 then
    running = sending.begin(params.turnId)
    self.running = running
  end
  if running and running.turnId == params.turnId and params.seq <= running.seq then
    return
  end
  if not running or running.turnId ~= params.turnId or params.seq ~= running.seq + 1 then
    self:sync()
    return
  end
  running.seq = params.seq
  local take = require('rejoinder.chat.updates')[params.update.type]
  if take then
    take(self, running, params.update)
  end
end

--- Updates were missed: ask for them.
function Chat:sync()
  local running = self.running
  local since = running and running.seq >= 0 and { turnId = running.turnId, seq = running.seq } or nil
  self.syncing = true
  local which = { sessionId = self.session.sessionId, since = since } ---@type rejoinder.SessionOpenParams
  client_of.request(self.client, protocol.methods.SESSION_OPEN, which, function(err, result)
    self.syncing = false
    if not vim.api.nvim_buf_is_loaded(self.buf) then
      return
    end
    if err then
      notes.failed(self, err)
    elseif running and result.running and result.running.turnId == running.turnId then
      for _, update in ipairs(result.running.updates) do
        self:update(update)
      end
    else
      self:show(result)
    end
  end)
end

--- Somebody went over to another branch: the path that the session is on is shown.
---@param rewritten? boolean
function Chat:check_path(rewritten)
  local last, head = self.messages[#self.messages], self.session.head
  local is_other = rewritten or head and (not last or last.messageId ~= head)
  if is_other and self.client and not self.running and not self.syncing then
    self:open(self.client, { sessionId = self.session.sessionId })
  end
end

--- The server was started again: take the session up where it is.
---@param client vim.lsp.Client
function Chat:reattach(client)
  local running = self.running
  local which = self.session and { sessionId = self.session.sessionId } or { uri = self.uri }
  self:open(client, which, function()
    if running and not self.running and not unstored.is_answered(self, running.turnId) then
      notes.cut_off(self)
    end
  end)
end

--- The server does not come back by itself. What the user had sent stands below the last heading again.
---@param problem rejoinder.Problem
function Chat:server_gone(problem)
  local running = self.running
  self.running, self.client, self.connecting, self.eager = nil, nil, nil, nil
  if running and running.text and vim.trim(self.page:input()) == '' then
    self.page.own = running.text
  end
  self:redraw()
  scroll.to_end(self.page, scroll.cursors(self.page))
  require('rejoinder.chat.draft').hold(self)
  notes.failed(self, { code = 0, message = problem.message, data = problem.data })
end

return Chat
