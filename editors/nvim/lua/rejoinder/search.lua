--- Search over everything that was said, in this project or in all of them.
local chats = require('rejoinder.chat')
local client_of = require('rejoinder.client')

local M = {}

local MOST = 50
local WAIT = 5 -- seconds for what is still to be read
local LONGEST = 200 -- bytes of a passage in the list
local TIMES = 12 -- that it is waited for so long
local SCHEME = 'rejoinder://message/'
local ROLES = { user = 'you', assistant = 'answer', system = 'instructions', tool = 'tool' }

--- Search, and choose among what was found; the quickfix list has it too.
---@param text string empty: it is asked for
---@param everywhere boolean
function M.run(text, everywhere)
  if text == '' then
    require('rejoinder.picker').input({ prompt = 'Search what was said: ' }, function(given)
      M.run(given, everywhere)
    end)
    return
  end
  client_of.require(chats.root(), function(client)
    ---@type rejoinder.SearchParams
    local params = { query = text, sources = { 'message' }, mode = 'both', filters = true, limit = MOST, waitSeconds = WAIT }
    params.allProjects = everywhere or nil
    M._ask(client, params, TIMES, function(found)
      if #found.hits == 0 then
        client_of.say(('Nothing was said about “%s”.'):format(text))
        return
      end
      M._list(text, found.hits)
      ---@type rejoinder.PickOptions
      local options = { prompt = ('“%s”'):format(text), format_item = M.line, kind = 'rejoinder.message' }
      function options.preview(hit, show)
        show(require('rejoinder.turns').lines(hit.text))
      end
      require('rejoinder.picker').choose(found.hits, options, function(hit)
        M.open(client, hit)
      end)
    end)
  end)
end

--- Search the project's files, and show what was found in the quickfix list.
---@param text string
function M.files(text)
  if text == '' then
    client_of.say('What is to be found? :Rejoinder find takes words.')
    return
  end
  client_of.require(chats.root(), function(client)
    ---@type rejoinder.SearchParams
    local params = { query = text, sources = { 'code' }, limit = MOST, waitSeconds = WAIT }
    M._ask(client, params, TIMES, function(found)
      if #found.hits == 0 then
        client_of.say(('Nothing was found for “%s”.'):format(text))
        return
      end
      local items = vim.tbl_map(function(hit)
        local first = hit.range and hit.range.start.line + 1 or 1
        local file = vim.uri_to_fname((hit.uri:gsub('#.*', '')))
        return { filename = file, lnum = first, text = M._text(hit):sub(1, LONGEST), user_data = hit }
      end, found.hits)
      vim.fn.setqflist({}, ' ', { title = 'Rejoinder: ' .. text, items = items })
      vim.cmd(('botright copen %d'):format(math.min(#items + 1, 10)))
    end)
  end)
end

--- Ask the server, again and again as long as it is still reading what was said.
---@param client vim.lsp.Client
---@param params rejoinder.SearchParams
---@param times integer
---@param use fun(found: rejoinder.HitsResult)
function M._ask(client, params, times, use)
  client_of.call(client, require('rejoinder.protocol').methods.SEARCH, params, function(found)
    if found.complete ~= false or times <= 1 then
      use(found)
      return
    end
    if times == TIMES then
      local what = params.sources[1] == 'code' and 'the files' or 'what was said'
      client_of.say(('Reading %s…'):format(what))
    end
    M._ask(client, params, times - 1, use)
  end)
end

--- A found message as a line of a list.
---@param hit rejoinder.Hit
---@return string
function M.line(hit)
  local words = { hit.sessionName, ROLES[hit.role] }
  words[#words + 1] = hit.createdAt and require('rejoinder.sessions').ago(hit.createdAt) or nil
  return ('%s  %s'):format(M._text(hit), table.concat(words, ' · '))
end

---@param hit rejoinder.Hit
---@return string
function M._text(hit)
  return (vim.trim(hit.snippet and hit.snippet.text or hit.text):gsub('%s+', ' '))
end

--- Show a message in its conversation. One of another project is shown by itself.
---@param client vim.lsp.Client
---@param hit rejoinder.Hit
function M.open(client, hit)
  local chat = chats.current()
  local own = chat and chat.session and chat.session.projectId
  if own and hit.projectId and hit.projectId ~= own then
    M._show(hit)
    return
  end
  require('rejoinder.origins').open({ sessionId = hit.sessionId, messageId = hit.messageId }, client)
end

---@param hit rejoinder.Hit
function M._show(hit)
  local lines = vim.split(vim.trim(hit.text), '\n', { plain = true })
  require('rejoinder.float').text((' %s '):format(hit.sessionName or 'Another project'), lines)
end

--- Put what was found into the quickfix list. An entry's buffer leads to the message.
---@param text string
---@param hits rejoinder.Hit[]
function M._list(text, hits)
  local items = vim.tbl_map(function(hit)
    return { filename = SCHEME .. hit.sessionId .. '/' .. (hit.messageId or ''), lnum = 1, text = M.line(hit), user_data = hit }
  end, hits)
  vim.fn.setqflist({}, ' ', { title = 'Rejoinder: ' .. text, items = items })
end

vim.api.nvim_create_autocmd('BufReadCmd', {
  group = vim.api.nvim_create_augroup('rejoinder.search', {}),
  pattern = SCHEME .. '*',
  callback = function(event)
    local entry = vim.iter(vim.fn.getqflist()):find(function(item)
      return item.bufnr == event.buf
    end)
    vim.schedule(function()
      -- the buffer is only the way there
      local win, before = vim.fn.bufwinid(event.buf), vim.fn.bufnr('#')
      if win ~= -1 then
        vim.api.nvim_win_set_buf(win, before ~= -1 and before or vim.api.nvim_create_buf(true, false))
      end
      vim.api.nvim_buf_delete(event.buf, { unload = true, force = true })
      client_of.require(chats.root(), function(client)
        if entry and entry.user_data ~= '' then
          M.open(client, entry.user_data)
        end
      end)
    end)
  end,
})

return M
