"""From a delta's arrival at VS Code to its being in the chat page, by the hops on its way, and the page alone."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Frame, expect

from bench.figures import Row, p95
from e2e.kit import home_in, messages
from editors.vscode.code_server import EXTENSION, TOOLS, install_extension, missing
from editors.vscode.opening import open_window, settings_for
from editors.vscode.window import Window
from fake_model import FakeModel

_BAR = 16.0
_OPENING_BAR = 300.0
_KEYS_BAR = 1.2
_MESSAGES = 5_000
_WHAT = f"VS Code: a delta's arrival at the editor to its being in the page, below {_MESSAGES:,} messages, p95"
_ALONE = f"– the page alone, at the end of 50 kB below {_MESSAGES:,} messages, p95"
_OPENING = f"VS Code: a session of {_MESSAGES:,} messages on the page, from the start of the page's script"
_KEYS = "VS Code: a keystroke in the chat while an answer streams, to one without, p95"
_DELTAS = 200
_MODEL = f"openai-compatible:tokens-{_DELTAS}-40"

# Stands between the server and the editor, and notes when each delta is handed over; one write is one or more messages.
_PIPE = """#!{python}
import os, re, subprocess, sys, time
if "--version" in sys.argv:
    os.execv({python!r}, [{python!r}, "-m", "rejoinder", "--version"])
server = subprocess.Popen([{python!r}, "-m", "rejoinder", *sys.argv[1:]], stdout=subprocess.PIPE)
seen = re.compile(rb'"seq":(\\d+),"update":\\{{(?:"text":|"type":"text")')
with open({notes!r}, "a", buffering=1) as notes:
    while data := os.read(server.stdout.fileno(), 1 << 16):
        now = time.time() * 1000
        os.write(1, data)
        for seq in seen.findall(data):
            print(int(seq), now, file=notes)
"""

# All clocks are of one machine. The page's own listener comes first, so a delta may be told of after it is drawn.
_WATCH = """() => {
  const letters = (text) => text.replace(/\\s/g, "").length;
  let turn, length = 0;
  window.told = [];
  window.drawn = [];
  addEventListener("message", ({ data }) => {
    if (data.type !== "update" || data.update.type !== "text") return;
    if (data.turnId !== turn) [turn, length] = [data.turnId, 0];
    length += letters(data.update.text);
    told.push({ seq: data.seq, at: data.at, length });
  });
  new MutationObserver(() => {
    const at = performance.timeOrigin + performance.now();
    const answer = [...document.querySelectorAll(".turn.assistant .answer")].at(-1);
    drawn.push({ at, length: letters(answer?.textContent ?? "") });
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
_TAKE = """() => {
  const changes = drawn.splice(0);
  return told.splice(0).map((delta) => {
    const change = changes.find(({ at, length }) => at >= delta.at && length >= delta.length);
    return { ...delta, drawn: change.at };
  });
}"""


def benchmark(runs: int) -> list[Row]:
    """Answers of a model that speaks every 40 ms, in a window of its own."""
    if lack := missing():
        return [Row(what=_WHAT, value=None, unit="ms", at_most=_BAR, note=lack)]
    with tempfile.TemporaryDirectory() as folder:
        turns = asyncio.run(_measured(Path(folder), runs))
    alone = _alone()
    hops = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
    return [
        Row(what=_WHAT, value=hops["p95"], unit="ms", at_most=_BAR),
        Row(what="– its median", value=hops["median"], unit="ms"),
        Row(what="– of this, up to the extension's handler", value=hops["handler"], unit="ms"),
        Row(what="– of this, by VS Code's messages to the page, and drawn", value=hops["page"], unit="ms"),
        Row(what=_ALONE, value=max(float(row["p95"]) for row in alone["deltas"]), unit="ms", at_most=_BAR),
        Row(what=_OPENING, value=alone["opening"][0]["p50"], unit="ms", at_most=_OPENING_BAR),
        Row(what=_KEYS, value=_ratio(alone["keys"]), unit="×", at_most=_KEYS_BAR),
    ]


async def _measured(folder: Path, runs: int) -> list[dict[str, float]]:
    extensions, project, program, notes = (folder / name for name in ("extensions", "project", "pipe", "notes"))
    await asyncio.to_thread(install_extension, extensions)
    project.mkdir()
    notes.touch()
    program.write_text(_PIPE.format(python=sys.executable, notes=str(notes)))
    program.chmod(0o755)
    with FakeModel() as model, home_in(folder / "user") as home:
        settings = settings_for(model.url) | {"rejoinder.model": _MODEL, "rejoinder.path": str(program)}
        opening = open_window(project, home=home, data=folder / "code", extensions=extensions, settings=settings)
        async with opening as window:
            async with home.editor(project, model=model) as other:
                spoken = [f"{'Question' if at % 2 == 0 else 'Answer'} {at}." for at in range(_MESSAGES)]
                await other.call("session/create", messages=messages(*spoken))
            await window.open_chat()
            frame = await _frame(window)
            await frame.evaluate(_WATCH)
            turns = [await _run(window, frame, notes, number) for number in range(runs + 1)]
    return turns[1:]


async def _run(window: Window, frame: Frame, notes: Path, number: int) -> dict[str, float]:
    before = len(notes.read_text().splitlines())
    await window.send(f"Question {number}")
    await expect(window.questions().last).to_contain_text(f"Question {number}")
    await expect(window.answers().last).to_contain_text(f"word{_DELTAS - 1}")
    await expect(window.button("Stop")).to_be_hidden()
    handed = {float(seq): float(at) for seq, at in map(str.split, notes.read_text().splitlines()[before:])}
    return _hops(await frame.evaluate(_TAKE), handed)


def _hops(seen: Sequence[Mapping[str, Any]], handed: Mapping[float, float]) -> dict[str, float]:
    """Milliseconds of one answer's deltas, of the whole way and of its parts. Raises ValueError when one is missing."""
    if not handed or {each["seq"] for each in seen} != set(handed):
        raise ValueError(f"{len(handed)} deltas were sent and {len(seen)} drawn")
    return {
        "p95": p95([each["drawn"] - handed[each["seq"]] for each in seen]),
        "median": statistics.median(each["drawn"] - handed[each["seq"]] for each in seen),
        "handler": statistics.median(each["at"] - handed[each["seq"]] for each in seen),
        "page": statistics.median(each["drawn"] - each["at"] for each in seen),
    }


def _alone() -> dict[str, list[dict[str, Any]]]:
    """The page's own times, with a stand-in for VS Code around it, by what was measured."""
    node = TOOLS / "node-home" / "bin" / "node"
    command = [str(node), "test/page/speed.mjs", "--json"]
    done = subprocess.run(command, cwd=EXTENSION, capture_output=True, text=True, check=True)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(done.stdout):
        rows.setdefault(row["kind"], []).append(row)
    return rows


def _ratio(keys: Sequence[Mapping[str, Any]]) -> float:
    alone, streaming = (float(row["p95"]) for row in keys)
    return streaming / alone


async def _frame(window: Window) -> Frame:
    """The chat page's own frame."""
    handle = await window.app.element_handle()
    frame = await handle.owner_frame() if handle else None
    assert frame is not None
    return frame
