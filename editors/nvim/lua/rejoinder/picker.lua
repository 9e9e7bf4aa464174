--- Asking for a line, and choosing from a list, with a preview in pickers that have one.
---
--- `preview_item` is what Neovim's own interface offers for that, and fzf-lua reads it; snacks has a field of its own;
--- of Telescope a picker is made, because its `vim.ui.select` has none. The plain one shows the list alone.
local M = {}

--- Ask for a line; nothing follows when it stays empty.
---@param options table of `vim.ui.input`
---@param use fun(text: string)
function M.input(options, use)
  vim.ui.input(options, function(given)
    local text = vim.trim(given or '')
    if text ~= '' then
      use(text)
    end
  end)
end

---@class rejoinder.PickOptions
---@field prompt string
---@field kind string
---@field format_item fun(item: any): string
---@field preview? fun(item: any, show: fun(lines: string[])) `show` may be called later, and again

--- Choose one.
---@generic T
---@param items T[]
---@param options rejoinder.PickOptions
---@param use fun(item: T)
function M.choose(items, options, use)
  if options.preview and debug.getinfo(vim.ui.select, 'S').source:find('telescope', 1, true) then
    M._telescope(items, options, use)
    return
  end
  local given = { prompt = options.prompt, kind = options.kind, format_item = options.format_item }
  local preview = options.preview
  if preview then
    given.preview_item = function(item)
      return { buf = M._buffer(item, preview) }
    end
    given.snacks = {
      layout = { preset = 'default' },
      preview = function(context)
        context.preview:reset()
        preview(context.item.item, function(lines)
          if context.preview.item == context.item then
            context.preview:set_lines(lines)
            context.preview:highlight({ ft = 'markdown' })
          end
        end)
      end,
    }
  end
  vim.ui.select(items, given, function(item)
    if item then
      use(item)
    end
  end)
end

---@param items any[]
---@param options rejoinder.PickOptions
---@param use fun(item: any)
function M._telescope(items, options, use)
  local actions, previewers = require('telescope.actions'), require('telescope.previewers')
  local picker = {
    prompt_title = options.prompt,
    sorter = require('telescope.config').values.generic_sorter({}),
    finder = require('telescope.finders').new_table({
      results = items,
      entry_maker = function(item)
        local line = options.format_item(item)
        return { value = item, display = line, ordinal = line }
      end,
    }),
    previewer = previewers.new_buffer_previewer({
      define_preview = function(self, entry)
        M._fill(self.state.bufnr, entry.value, options.preview)
      end,
    }),
    attach_mappings = function(prompt)
      actions.select_default:replace(function()
        local entry = require('telescope.actions.state').get_selected_entry()
        actions.close(prompt)
        if entry then
          -- its windows are closed by then
          vim.schedule_wrap(use)(entry.value)
        end
      end)
      return true
    end,
  }
  require('telescope.pickers').new({}, picker):find()
end

--- A buffer for a preview.
---@param item any
---@param preview fun(item: any, show: fun(lines: string[]))
---@return integer
function M._buffer(item, preview)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  M._fill(buf, item, preview)
  return buf
end

--- Fill one when there is something to show.
---@param buf integer
---@param item any
---@param preview fun(item: any, show: fun(lines: string[]))
function M._fill(buf, item, preview)
  require('rejoinder.markdown').colour(buf)
  preview(item, function(lines)
    if vim.api.nvim_buf_is_valid(buf) then
      vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
    end
  end)
end

return M
