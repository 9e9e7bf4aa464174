--- Markdown in buffers that are drawn here, coloured by treesitter.
local M = {}

--- What else is parsed within it. Neovim's own query looks for HTML too, and because it takes all of a text's HTML as
--- one, it goes through the whole buffer at each change: tens of milliseconds for each piece of a long answer.
local INJECTIONS = [[
(fenced_code_block (info_string (language) @injection.language) (code_fence_content) @injection.content)
([(inline) (pipe_table_cell)] @injection.content (#set! injection.language "markdown_inline"))
]]

local highlights ---@type string? the query, once it was read

--- Neovim's and the user's own query, but for lines that are concealed: with these each key draws the whole window anew.
---@return string
local function query()
  if not highlights then
    local files = vim.treesitter.query.get_files('markdown', 'highlights')
    local texts = vim.tbl_map(function(file)
      return table.concat(vim.fn.readfile(file), '\n')
    end, files)
    highlights = table.concat(texts, '\n'):gsub('%(#set! conceal_lines "[^"]*"%)', '')
  end
  return highlights
end

--- The parser of a buffer; made before any other is asked for, it looks for nothing but what is wanted.
---@param buf integer
---@return boolean found, vim.treesitter.LanguageTree
local function parser(buf)
  return pcall(vim.treesitter.get_parser, buf, 'markdown', { injections = { markdown = INJECTIONS } })
end

--- Make a buffer Markdown.
---@param buf integer
function M.set(buf)
  parser(buf)
  vim.bo[buf].filetype = 'markdown'
  -- after the file type, whose plug-in colours by the query as it is
  M.colour(buf)
end

--- Colour a buffer without more ado: file types wake plug-ins, and pickers close when a preview does that.
---@param buf integer
function M.colour(buf)
  local found, tree = parser(buf)
  if found then
    pcall(vim.treesitter.highlighter.new, tree, { queries = { markdown = query() } })
  end
end

return M
