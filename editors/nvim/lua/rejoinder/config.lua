--- The client's own options, from `vim.g.rejoinder`. Settings of the server are not among them: those go to
--- `vim.lsp.config('rejoinder', { settings = { rejoinder = { … } } })`.
local M = {}

---@class rejoinder.Options
---@field cmd? string[] the server's command; found by itself when unset
---@field position 'right'|'left'|'below'|'above'|'tab'|'current' where the chat opens
---@field size number share of the editor that the chat takes
---@field complete boolean whether the chat proposes completions by itself while one types
---@field keys table<string, string|false> keys of the chat's buffer by what they do; false leaves one out

---@type rejoinder.Options
local defaults = {
  cmd = nil,
  position = 'right',
  size = 0.45,
  complete = true,
  keys = {
    send = '<CR>',
    send_insert = '<C-s>',
    stop = '<C-c>',
    next_turn = ']]',
    previous_turn = '[[',
    yank = 'gy',
    apply = 'ga',
    edit = 'ge',
    regenerate = 'gr',
    regenerate_with = 'gR',
    next_branch = ']b',
    previous_branch = '[b',
    insert = 'gp',
    replace = 'gs',
    open_block = 'gb',
    prompt = 'gP',
    remember = 'gm',
    open = 'gf',
    decide = 'gd',
    help = 'g?',
  },
}

--- The options in force.
---@return rejoinder.Options
function M.get()
  local given = vim.g.rejoinder
  return vim.tbl_deep_extend('force', defaults, type(given) == 'table' and given or {})
end

--- What is wrong with `vim.g.rejoinder`, one sentence each.
---@return string[]
function M.problems()
  local given, problems = vim.g.rejoinder, {} ---@type any, string[]
  if given == nil then
    return problems
  end
  if type(given) ~= 'table' then
    return { 'vim.g.rejoinder is not a table, so it does not count.' }
  end
  local known = vim.tbl_extend('force', { cmd = true }, defaults)
  for key in pairs(given) do
    if known[key] == nil then
      problems[#problems + 1] = ('vim.g.rejoinder.%s is not an option.'):format(key)
    end
  end
  for key in pairs(type(given.keys) == 'table' and given.keys or {}) do
    if defaults.keys[key] == nil then
      problems[#problems + 1] = ('vim.g.rejoinder.keys.%s is not a key of the chat.'):format(key)
    end
  end
  return problems
end

return M
