--- For `vim.lsp.config` and `vim.lsp.enable`. `:Rejoinder` enables it by itself when it is used for the first time.
---@type vim.lsp.Config
return require('rejoinder.server').lsp_config()
