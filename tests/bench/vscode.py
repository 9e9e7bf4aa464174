"""From a delta's arrival at the VS Code extension to its being in the chat page."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Frame, expect

from bench.figures import Row, p95, rounds
from e2e.kit import home_in
from editors.vscode.code_server import install_extension, missing
from editors.vscode.opening import open_window, settings_for
from editors.vscode.window import Window
from fake_model import FakeModel

_DELTAS = 200
_MODEL = f"openai-compatible:tokens-{_DELTAS}-40"

# Both clocks are of one machine. Listening in the capture phase comes before the page itself does.
_WATCH = """() => {
  const waiting = [], delays = window.delays = [];
  addEventListener("message", ({ data }) => {
    if (data.type === "update" && data.update.type === "text") {
      waiting.push({ at: data.at, last: data.update.text.trim().split(/\\s+/).at(-1) });
    }
  }, true);
  new MutationObserver(() => {
    const now = performance.timeOrigin + performance.now();
    const shown = [...document.querySelectorAll(".turn.assistant")].at(-1)?.textContent ?? "";
    while (waiting.length && new RegExp(`\\\\b${waiting[0].last}\\\\b`).test(shown)) {
      delays.push(now - waiting.shift().at);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def benchmark(runs: int) -> list[Row]:
    """Answers of a model that speaks every 40 ms, in a window of their own."""
    what = "VS Code: a delta's arrival at the extension to its being in the page, p95"
    if lack := missing():
        return [Row(what=what, value=None, unit="ms", at_most=16.0, note=lack)]
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_measured(Path(folder), runs))
    return [
        Row(what=what, value=figures.median("p95"), unit="ms", at_most=16.0),
        Row(what="– its median", value=figures.median("median"), unit="ms"),
    ]


async def _measured(folder: Path, runs: int) -> Any:
    extensions, project = folder / "extensions", folder / "project"
    await asyncio.to_thread(install_extension, extensions)
    project.mkdir()
    with FakeModel() as model, home_in(folder / "user") as home:
        settings = settings_for(model.url) | {"rejoinder.model": _MODEL}
        opening = open_window(project, home=home, data=folder / "code", extensions=extensions, settings=settings)
        async with opening as window:
            await window.open_chat()
            frame = await _frame(window)
            await frame.evaluate(_WATCH)
            taken = [await _run(window, frame, number) for number in range(runs + 1)]
    turns = iter(taken)
    return rounds(lambda: next(turns), runs)


async def _run(window: Window, frame: Frame, number: int) -> dict[str, float]:
    await window.send(f"Question {number}")
    await expect(window.answers()).to_have_count(number + 1)
    await expect(window.answers().last).to_contain_text(f"word{_DELTAS - 1}")
    await expect(window.button("Stop")).to_be_hidden()
    delays = sorted(await frame.evaluate("() => window.delays.splice(0)"))
    return {"p95": p95(delays), "median": delays[len(delays) // 2]}


async def _frame(window: Window) -> Frame:
    """The chat page's own frame."""
    handle = await window.app.element_handle()
    frame = await handle.owner_frame() if handle else None
    assert frame is not None
    return frame
