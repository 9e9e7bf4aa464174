"""Neovim with a conversation of 5,000 messages: opening it, an answer of 50 kB, and typing meanwhile."""

import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from bench.conversations import export_of, messages, session
from bench.figures import Row, p95
from e2e.kit import home_in
from editors.nvim.process import MISSING, Neovim, program
from fake_model import FakeModel, Reply

_SIZE = 50_000
_MESSAGES = 5_000
_MESSAGE_SIZE = 800
_BAR = 16.0
_OPENING_BAR = 300.0
_TYPING_BAR = 1.2
_KEYS = 240
_FIRST_KEYS = 60
"""The first keys of an editor take up to twice as long, whatever else goes on: they count for neither side."""

_REPEAT = 0.03
"""Seconds between two keys, as a key that is held down repeats."""

_PAUSE = 0.3
"""Seconds without a key until nobody types any more."""
_WHAT = "Neovim: a delta's arrival at the editor to its being in the buffer, p95"

_SECTION = (
    "## Part {number}\n\nA paragraph with **bold** words, `code`, and a [link](https://example.org), long enough to "
    "wrap in the window of a chat.\n\n```python\ndef part_{number}(limit: int) -> int:\n    return limit * {number}\n"
    "```\n\n- one\n- two\n\n"
)

# arrival: the message is decoded; in the buffer: its text is written there; drawn: the redraw after that is over.
# Deltas that come in while one types are counted for themselves.
_PROBE = """
_G.took = { buffer = {}, screen = {}, processor = {}, held = {} }
local arrived, taken, written = {}, {}, {}
local decode = vim.json.decode
vim.json.decode = function(text, ...)
  if text:find('chat/update', 1, true) and text:find('"type":"text"', 1, true) then
    table.insert(arrived, vim.uv.hrtime())
  end
  return decode(text, ...)
end
local page = require('rejoinder.chat.page')
local append = page.append
page.append = function(...)
  append(...)
  for _, since in ipairs(taken) do
    table.insert(_G.typing and _G.took.held or _G.took.buffer, (vim.uv.hrtime() - since) / 1e6)
  end
  written, taken = _G.typing and {} or taken, {}
end
local turns = require('rejoinder.turns')
local update = turns.update
turns.update = function(client_id, params)
  local is_text, clock = params.update.type == 'text', os.clock()
  if is_text then
    table.insert(taken, table.remove(arrived, 1))
  end
  update(client_id, params)
  if is_text and not _G.typing then
    table.insert(_G.took.processor, (os.clock() - clock) * 1000)
  end
end
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('probe'), {
  on_end = function()
    for _, since in ipairs(written) do
      table.insert(_G.took.screen, (vim.uv.hrtime() - since) / 1e6)
    end
    written = {}
  end,
})
"""

_SHOWN = "local chat = require('rejoinder.chat').of_buffer(); return chat and chat.session ~= nil"
_IMPORT = """
local client = vim.lsp.get_clients({ name = 'rejoinder' })[1]
client:request('rejoinder/session/import', { format = 'json', content = ... }, function(err)
  _G.imported = not err or error(vim.inspect(err))
end)
"""


def benchmark(runs: int) -> list[Row]:
    """Answers of a model that says 4,800 characters a second, each in a Neovim of its own."""
    if not program().exists():
        return [Row(what=_WHAT, value=None, unit="ms", at_most=_BAR, note=MISSING)]
    taken = [_measured() for _ in range(runs)]

    def row(what: str, name: str, at_most: float | None = None) -> Row:
        return Row(what=what, value=statistics.median(p95(took[name]) for took in taken), unit="ms", at_most=at_most)

    typing = statistics.median(p95(took["streaming"]) / p95(took["typing"]) for took in taken)
    return [
        row(_WHAT, "buffer", _BAR),
        row("– to the screen, p95", "screen"),
        row("– processor time up to the buffer, p95", "processor"),
        row("– to the buffer while one types, p95", "held"),
        row("– `:Rejoinder` to the conversation on the screen, with a server at hand, p95", "opening", _OPENING_BAR),
        row("– a key to its being on the screen, p95", "typing"),
        Row(what="– the same while an answer comes in, times that", value=typing, unit="×", at_most=_TYPING_BAR),
    ]


def _measured() -> dict[str, list[float]]:
    """Milliseconds of each delta: to the buffer, to the screen, and on the processor."""
    with tempfile.TemporaryDirectory() as folder, home_in(Path(folder) / "user") as home, _model() as url:
        project = Path(folder) / "project"
        project.mkdir()
        path = messages(_MESSAGES, size=_MESSAGE_SIZE)
        command = ", ".join(f"'{word}'" for word in (sys.executable, "-m", "rejoinder", "serve"))
        settings = f"model = 'openai-compatible:fake', baseUrl = '{url}', retrieve = false"
        init = (
            f"vim.g.rejoinder = {{ cmd = {{ {command} }} }}\n"
            f"vim.lsp.config('rejoinder', {{ settings = {{ rejoinder = {{ {settings} }} }} }})\n{_PROBE}"
        )
        with Neovim(project, home.environment, init=init, size=(120, 40)) as editor:
            editor.command("Rejoinder chat")
            editor.until(_SHOWN)
            editor.lua(_IMPORT, export_of((session("long", path), path)))
            editor.until("return _G.imported")
            opening = [_opened(editor) for _ in range(5)]
            _typed(editor, _FIRST_KEYS)
            editor.press("Gdd")
            editor.press("GATell me everything.<Esc>")
            editor.press("<CR>")
            editor.until("return #_G.took.buffer > 10")
            editor.lua("_G.typing = true")
            streaming = _typed(editor, _KEYS)
            time.sleep(_PAUSE)
            editor.lua("_G.typing = false")
            editor.until("return require('rejoinder.chat').of_buffer().running == nil")
            # the same screen, and the same line to type in
            editor.press("Gdd")
            typing = _typed(editor, _KEYS)
            took: dict[str, list[float]] = editor.lua("return _G.took")
            return {**took, "opening": opening, "typing": typing, "streaming": streaming}


def _opened(editor: Neovim) -> float:
    """Milliseconds from the command to the last messages on the screen."""
    editor.lua("vim.cmd.bwipeout({ bang = true })")
    begun = time.perf_counter()
    editor.lua("require('rejoinder.chat').open({ session_id = 'long' })")
    editor.until(_SHOWN)
    editor.redraw()
    return (time.perf_counter() - begun) * 1000


def _typed(editor: Neovim, keys: int) -> list[float]:
    """Milliseconds from each of the keys to the screen that shows it: what else is drawn moves no cursor sideways."""
    took = []
    editor.press("GA")
    for number in range(keys):
        column, begun = editor.screen.cursor[1], time.perf_counter()
        editor.request("nvim_input", "ab "[number % 3])
        editor.until_cursor_left(column)
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(_REPEAT)
    editor.press("<Esc>")
    return took


@contextmanager
def _model() -> Iterator[str]:
    """The address of a model in a process of its own: what it costs this one is no part of a key's time."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


def _serve(pipe: Connection) -> None:
    """Answer once, and go when that is told."""
    with FakeModel() as model:
        model.script(Reply(tokens=_answer(), interval=0.005))
        pipe.send(model.url)
        pipe.recv()


def _answer() -> tuple[str, ...]:
    """A long Markdown answer in tokens of 24 characters."""
    count = _SIZE // len(_SECTION.format(number=100)) + 1
    text = "".join(_SECTION.format(number=100 + number) for number in range(count))
    return tuple(text[start : start + 24] for start in range(0, len(text), 24))
