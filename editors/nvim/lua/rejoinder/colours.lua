--- Highlight groups that a colour scheme may set otherwise. Grounds and notes are mixed from the scheme's own text and
--- background, so that they can be read in loud schemes and in plain ones; without true colours they are like the
--- groups that schemes have for such things.
local M = {}

local HEADING, CODE, NOTE = 0.14, 0.07, 0.68 -- shares of the text's colour

---@param ground integer 0xRRGGBB
---@param text integer
---@param share number of the text
---@return integer
local function mixed(ground, text, share)
  local colour = 0
  for shift = 16, 0, -8 do
    local one, other = bit.band(bit.rshift(ground, shift), 255), bit.band(bit.rshift(text, shift), 255)
    colour = bit.bor(colour, bit.lshift(math.floor(one + (other - one) * share + 0.5), shift))
  end
  return colour
end

---@param name string
---@return vim.api.keyset.get_hl_info
local function look(name)
  return vim.api.nvim_get_hl(0, { name = name, link = false })
end

--- The groups as they are in the colour scheme of now.
---@return table<string, vim.api.keyset.highlight>
function M._groups()
  local normal = look('Normal')
  local text = normal.fg or (vim.o.background == 'dark' and 0xE0E2EA or 0x14161B)
  local ground = normal.bg or (vim.o.background == 'dark' and 0x14161B or 0xE0E2EA)
  -- the same share shows more on a light ground
  local weight = vim.o.background == 'light' and 0.7 or 1
  local heading = { bg = mixed(ground, text, HEADING * weight), ctermbg = look('CursorLine').ctermbg }
  local note = { fg = mixed(ground, text, NOTE), ctermfg = look('Comment').ctermfg }
  return {
    RejoinderUser = heading,
    RejoinderAnswer = heading,
    RejoinderName = { fg = text, bold = true, cterm = { bold = true } },
    RejoinderCode = { bg = mixed(ground, text, CODE * weight), ctermbg = look('NormalFloat').ctermbg },
    RejoinderFolded = { bg = mixed(ground, text, CODE * weight), ctermbg = look('NormalFloat').ctermbg },
    RejoinderNote = note,
    RejoinderState = note,
    RejoinderPlace = { link = 'Underlined' },
    RejoinderWorking = { link = 'DiagnosticInfo' },
    RejoinderSession = { link = 'WinBar' },
  }
end

--- Set those that nobody has set.
function M.set()
  for name, group in pairs(M._groups()) do
    group.default = true
    vim.api.nvim_set_hl(0, name, group)
  end
end

vim.api.nvim_create_autocmd('ColorScheme', {
  group = vim.api.nvim_create_augroup('rejoinder.colours', {}),
  callback = M.set,
})

return M
