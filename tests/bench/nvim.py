"""From a delta's arrival in Neovim to the buffer and to the screen, with an answer of 50 kB."""

import statistics
import sys
import tempfile
from pathlib import Path

from bench.figures import Row, p95
from e2e.kit import home_in
from editors.nvim.process import MISSING, Neovim, program
from fake_model import FakeModel, Reply

_SIZE = 50_000
_BAR = 16.0
_WHAT = "Neovim: a delta's arrival at the editor to its being in the buffer, p95"

_SECTION = (
    "## Part {number}\n\nA paragraph with **bold** words, `code`, and a [link](https://example.org), long enough to "
    "wrap in the window of a chat.\n\n```python\ndef part_{number}(limit: int) -> int:\n    return limit * {number}\n"
    "```\n\n- one\n- two\n\n"
)

# arrival: the message is decoded; in the buffer: its handler is done; drawn: the redraw after that is over
_PROBE = """
_G.took = { buffer = {}, screen = {}, processor = {} }
local arrived, waiting = {}, {}
local decode = vim.json.decode
vim.json.decode = function(text, ...)
  if text:find('chat/update', 1, true) and text:find('"type":"text"', 1, true) then
    table.insert(arrived, vim.uv.hrtime())
  end
  return decode(text, ...)
end
local turns = require('rejoinder.turns')
local update = turns.update
turns.update = function(client_id, params)
  local clock = os.clock()
  update(client_id, params)
  if params.update.type == 'text' then
    table.insert(_G.took.processor, (os.clock() - clock) * 1000)
  end
  if params.update.type == 'text' then
    local since = table.remove(arrived, 1)
    table.insert(_G.took.buffer, (vim.uv.hrtime() - since) / 1e6)
    table.insert(waiting, since)
  end
end
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('probe'), {
  on_end = function()
    for _, since in ipairs(waiting) do
      table.insert(_G.took.screen, (vim.uv.hrtime() - since) / 1e6)
    end
    waiting = {}
  end,
})
"""


def benchmark(runs: int) -> list[Row]:
    """Answers of a model that speaks every 2 ms, each in a Neovim of its own."""
    if not program().exists():
        return [Row(what=_WHAT, value=None, unit="ms", at_most=_BAR, note=MISSING)]
    taken = [_measured() for _ in range(runs)]

    def row(what: str, name: str, at_most: float | None = None) -> Row:
        return Row(what=what, value=statistics.median(p95(took[name]) for took in taken), unit="ms", at_most=at_most)

    return [
        row(_WHAT, "buffer", _BAR),
        row("– to the screen, p95", "screen"),
        row("– processor time up to the buffer, p95", "processor"),
    ]


def _measured() -> dict[str, list[float]]:
    """Milliseconds of each delta: to the buffer, to the screen, and on the processor."""
    with tempfile.TemporaryDirectory() as folder, home_in(Path(folder) / "user") as home, FakeModel() as model:
        project = Path(folder) / "project"
        project.mkdir()
        model.script(Reply(tokens=_answer(), interval=0.002))
        command = ", ".join(f"'{word}'" for word in (sys.executable, "-m", "rejoinder", "serve"))
        settings = f"model = 'openai-compatible:fake', baseUrl = '{model.url}', retrieve = false"
        init = (
            f"vim.g.rejoinder = {{ cmd = {{ {command} }} }}\n"
            f"vim.lsp.config('rejoinder', {{ settings = {{ rejoinder = {{ {settings} }} }} }})\n{_PROBE}"
        )
        with Neovim(project, home.environment, init=init, size=(120, 40)) as editor:
            editor.command("Rejoinder chat")
            editor.press("iTell me everything.<Esc>")
            editor.press("<CR>")
            editor.until("local chat = require('rejoinder.chat').of_buffer(); return #chat.messages == 2")
            editor.redraw()
            took: dict[str, list[float]] = editor.lua("return _G.took")
            return took


def _answer() -> tuple[str, ...]:
    """A long Markdown answer in tokens of 24 characters."""
    count = _SIZE // len(_SECTION.format(number=100)) + 1
    text = "".join(_SECTION.format(number=100 + number) for number in range(count))
    return tuple(text[start : start + 24] for start in range(0, len(text), 24))
