--- When the text of an answer is drawn: at once while nobody types. While one does, in whatever buffer, it is held and
--- drawn a few times a second, right after a key is on the screen, when the next one is furthest: no key waits for it.
local M = {}

---@class rejoinder.Paced a chat's page, or a float with an answer
---@field buf integer
---@field append fun(self: rejoinder.Paced, text: string)

local TYPING = 100 -- milliseconds after a key in which another one is likely
local PAUSE = 300 -- milliseconds between drawings while one types
local SHOWN = 3 -- milliseconds until a key is on the screen

local held = {} ---@type table<rejoinder.Paced, string>
local keys = vim.api.nvim_create_namespace('rejoinder.pace')
local timer ---@type uv.uv_timer_t? there while an answer comes in
local key, drawn = 0, 0 -- when there was one last

---@return number milliseconds
local function now()
  return vim.uv.hrtime() / 1e6
end

local function draw_all()
  for page in pairs(held) do
    M.flush(page)
  end
end

---@param delay integer
local function draw_after(delay)
  vim.uv.update_time()
  timer:start(delay, 0, vim.schedule_wrap(draw_all))
end

--- More of a page's last message.
---@param page rejoinder.Paced
---@param text string
function M.append(page, text)
  if not timer then
    timer = assert(vim.uv.new_timer())
    vim.on_key(function(_, typed)
      if typed ~= '' then
        key = now()
        if next(held) then
          draw_after(key - drawn < PAUSE and TYPING or SHOWN)
        end
      end
    end, keys)
  end
  local waits = held[page] ~= nil
  held[page] = (held[page] or '') .. text
  if now() - key > TYPING then
    M.flush(page)
  elseif not waits then
    draw_after(TYPING)
  end
end

--- Draw what is held of a page's last message.
---@param page rejoinder.Paced
function M.flush(page)
  local text = held[page]
  held[page] = nil
  if text and vim.api.nvim_buf_is_loaded(page.buf) then
    page:append(text)
    drawn = now()
  end
end

--- Nothing more of a page's last message comes; what is held is drawn elsewhere.
---@param page rejoinder.Paced
function M.stop(page)
  held[page] = nil
  if timer and not next(held) then
    vim.on_key(nil, keys)
    timer:close()
    timer = nil
  end
end

return M
