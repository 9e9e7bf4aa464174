--- What is there from the start of Neovim: one command and the <Plug> maps. All else is loaded when it is used.

if vim.g.loaded_rejoinder then
  return
end
vim.g.loaded_rejoinder = true

vim.api.nvim_create_user_command('Rejoinder', function(call)
  require('rejoinder.command').run(call)
end, {
  nargs = '*',
  range = true,
  desc = 'Conversations with Rejoinder',
  complete = function(lead, line, at)
    return require('rejoinder.command').complete(lead, line, at)
  end,
})

for _, name in ipairs({ 'chat', 'sessions', 'new', 'stop', 'memory', 'model' }) do
  vim.keymap.set('n', ('<Plug>(rejoinder-%s)'):format(name), ('<Cmd>Rejoinder %s<CR>'):format(name))
end
for _, name in ipairs({ 'ask', 'explain', 'fix', 'test', 'document', 'remember', 'change' }) do
  local plug = ('<Plug>(rejoinder-%s)'):format(name)
  vim.keymap.set('n', plug, ('<Cmd>Rejoinder %s<CR>'):format(name))
  -- not <Cmd>: the range of the selection is wanted
  vim.keymap.set('x', plug, (':Rejoinder %s<CR>'):format(name), { silent = true })
end
