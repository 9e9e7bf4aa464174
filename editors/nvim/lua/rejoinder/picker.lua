--- Choosing from a list, with a preview in pickers that have one.
---
--- `preview_item` is what Neovim's own interface offers for that, and fzf-lua reads it; snacks has a field of its own.
--- The plain `vim.ui.select` shows the list alone.
local M = {}

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

--- A buffer for a preview, which is filled when there is something to show.
---@param item any
---@param preview fun(item: any, show: fun(lines: string[]))
---@return integer
function M._buffer(item, preview)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].filetype = 'markdown'
  preview(item, function(lines)
    if vim.api.nvim_buf_is_valid(buf) then
      vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
    end
  end)
  return buf
end

return M
