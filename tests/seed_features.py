"""Which tests show what the five source systems do: `seed_features.md`, made from the names of the tests.

A test is named `test_s1_03_lsp_…`: row S1.03, on the surface LSP. `python tests/seed_features.py` writes the file, and
`--check` says what is missing in it or not current.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).resolve().parent
TABLE = TESTS / "seed_features.md"
SHARED = TESTS.parents[1] / "shared" / "seed-features.md"
"""Where the rows come from; not in every checkout."""

SURFACES = {
    "L": ("lsp", "LSP"),
    "P": ("py", "Python"),
    "C": ("cli", "terminal"),
    "setting": ("setting", "setting"),
    "tests": ("tests", "tests"),
}
"""What the rows call a surface, what the names of tests call it, and what people do."""

SYSTEMS = {
    "S1": "sessions with retrieval memory",
    "S2": "session manager",
    "S3": "session object",
    "S4": "stateful session with memory and knowledge",
    "S5": "session management in the terminal",
}
_TEST = re.compile(r"^ *(?:async )?def (test_s(\d)_(\d\d)_([a-z]+)_\w*)\(", re.MULTILINE)


class Row(NamedTuple):
    """One capability, and the surfaces on which it is to be shown."""

    id: str
    title: str
    surfaces: str

    @property
    def on(self) -> list[str]:
        """The surfaces, one by one."""
        return self.surfaces.split()


ROWS = (
    Row("S1.01", "any ID makes a session at its first use, with a label", "L P C"),
    Row("S1.02", "each message is kept with session, role, source and time", "L P C"),
    Row("S1.03", "one embedding of each chunk for a model; another model embeds anew, and they never mix", "L P C"),
    Row("S1.04", "retrieval within a session, or over all of them; by model, by role; off for one call", "L P C"),
    Row("S1.05", "the best chunks stand before the prompt, and a preview shows it", "L P C"),
    Row("S1.06", "ask, chat, show, summarise and clear a session's history", "L P C"),
    Row("S1.07", "a question with an image, whose bytes are kept once", "L P C"),
    Row("S1.08", "labels, and several chats side by side", "L P C"),
    Row("S1.09", "tests use a fake store and model unless marked", "tests"),
    Row("S1.10", "a chat loop from Python, and an import of the database of chunks", "P C"),
    Row("S2.01", "save, load, list, delete, exists", "L P C"),
    Row("S2.02", "a session's fields: ID, messages, metadata, created, last activity", "L P C"),
    Row("S2.03", "commands within the chat of the terminal", "C"),
    Row("S2.04", "sessions as files in a folder of one's choice", "P C setting"),
    Row("S2.05", "clean-up after a dry run, and limits of size", "L P C"),
    Row("S2.06", "export and import in JSON and Markdown; lists and .toon files of others", "L P C"),
    Row("S2.07", "clear all but the system prompt; add messages by hand", "L P C"),
    Row("S2.08", "a damaged session: its sound part is there, and the user is told", "L P C"),
    Row("S2.09", "many sessions in one loop of a program", "P"),
    Row("S2.10", "tools that only read, within the project, by one call", "L P"),
    Row("S3.01", "a session with an ID, a system prompt and messages to begin with", "L P C"),
    Row("S3.02", "run and stream, blocking and not, with settings for one call", "L P"),
    Row("S3.03", "answers that fit a JSON schema or a class", "L P C"),
    Row("S3.04", "messages as a copy; clear; add", "P"),
    Row("S3.05", "fork from any message", "L P C"),
    Row("S3.06", "to and from a dict and a file", "P"),
    Row("S3.07", "stores to choose from, also one's own", "P setting"),
    Row("S3.08", "functions as tools, with their results in the history", "L P"),
    Row("S3.09", "long sessions are summarised within a budget", "L P C"),
    Row("S3.10", "a failed turn leaves history as it was; one base class of errors", "L P C"),
    Row("S4.01", "state: values that are kept with a session", "L P C"),
    Row("S4.02", "memory for short and for long, with quality and origin", "L P C"),
    Row("S4.03", "knowledge from files, folders, pages and texts", "L P C"),
    Row("S4.04", "one text of memory and knowledge for a question", "L P C"),
    Row("S4.05", "users who never see one another's rows", "L P"),
    Row("S4.06", "agents with role, tools and knowledge, also one after another", "P C"),
    Row("S4.07", "a session at a URL, served and used", "P C"),
    Row("S4.08", "nothing costs before it is used; saving by hand; a folder of one's own", "P"),
    Row("S4.09", "memory and knowledge configured", "P setting"),
    Row("S5.01", "list, create, use, update and delete in the terminal; import of its files", "L P C"),
    Row("S5.02", "the current session of a project", "L P C"),
    Row("S5.03", "a session named by ID, beginning of the ID, or name", "L P C"),
    Row("S5.04", "count and time of messages without reading them", "L P C"),
    Row("S5.05", "deleting the current session moves on to the latest", "L P C"),
    Row("S5.06", "deleting removes everything of a session", "L P C"),
    Row("S5.07", "a question that leaves no trace", "L P C"),
    Row("S5.08", "agent, trace, metrics and more context for a chat", "L P C"),
)

Shown = Mapping[tuple[str, str], list[tuple[str, Path]]]
"""Tests with their files, by row and surface."""


def shown(folder: Path = TESTS) -> Shown:
    """The tests that name a row and a surface."""
    found: dict[tuple[str, str], list[tuple[str, Path]]] = defaultdict(list)
    letters = {name: letter for letter, (name, _) in SURFACES.items()}
    for path in sorted(folder.rglob("test_*.py")):
        for name, system, number, surface in _TEST.findall(path.read_text("utf-8")):
            found[f"S{system}.{number}", letters.get(surface, surface)].append((name, path.relative_to(folder)))
    return found


def missing(found: Shown) -> list[str]:
    """Rows and surfaces that no test shows."""
    return [f"{row.id} {SURFACES[on][1]}" for row in ROWS for on in row.on if not found.get((row.id, on))]


def unknown(found: Shown) -> list[str]:
    """Tests that name a row or a surface that there is not."""
    ids = {row.id for row in ROWS}
    return [name for (row, on), tests in found.items() if row not in ids or on not in SURFACES for name, _ in tests]


def table(found: Shown) -> str:
    """The file's text."""
    rows = sum(len(row.on) for row in ROWS)
    lines = [
        "# What the source systems do, and which test shows it",
        "",
        "Made from the names of the tests by `python tests/seed_features.py`; do not edit.",
        f"{len(ROWS)} rows on {rows} surfaces; missing: {', '.join(missing(found)) or 'none'}.",
    ]
    for system, title in SYSTEMS.items():
        lines += ["", f"## {system}: {title}", "", "| row | capability | surface | shown by |", "|---|---|---|---|"]
        for row in (row for row in ROWS if row.id.startswith(system)):
            lines += _lines(row, found)
    return "\n".join(lines) + "\n"


def _lines(row: Row, found: Shown) -> Iterable[str]:
    on = [*row.on, *(letter for letter in SURFACES if letter not in row.on and found.get((row.id, letter)))]
    for place, letter in enumerate(on):
        tests = sorted(found.get((row.id, letter), ()), key=lambda test: (test[1], test[0]))
        links = "<br>".join(f"[{name}]({path.as_posix()})" for name, path in tests) or "**missing**"
        head = f"| {row.id} | {row.title}" if place == 0 else "| |"
        yield f"{head} | {SURFACES[letter][1]} | {links} |"


def main(arguments: list[str]) -> int:
    """Write the file; with `--check` say what is wrong with it."""
    found = shown()
    text = table(found)
    if "--check" not in arguments:
        TABLE.write_text(text, "utf-8")
    wrong = [f"no test shows {one}" for one in missing(found)]
    wrong += [f"{name} names no row or surface" for name in unknown(found)]
    if not TABLE.is_file() or TABLE.read_text("utf-8") != text:
        wrong.append(f"{TABLE.name} is not current: run python tests/seed_features.py")
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
