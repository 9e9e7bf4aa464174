"""Writes everything that is made from the protocol: `python -m rejoinder.protocol.generate`.

With `--check` nothing is written; the exit code is 1 when a file is not current. It works in a checkout: an installed
package has no editors beside it.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from rejoinder.protocol import editor_settings, lua, schema, tables, typescript

ROOT = Path(__file__).resolve().parents[3]


def _whole(make: Callable[[], str]) -> Callable[[str], str]:
    return lambda _: make()


FILES: dict[str, Callable[[str], str]] = {
    "server/rejoinder/protocol/schema.json": _whole(schema.text),
    "editors/vscode/src/generated/protocol.ts": _whole(typescript.text),
    "editors/nvim/lua/rejoinder/protocol.lua": _whole(lua.text),
    "README.md": tables.with_table,
    "editors/vscode/package.json": editor_settings.with_settings,
    "editors/vscode/package.nls.json": editor_settings.with_words,
    "editors/nvim/doc/rejoinder.txt": editor_settings.with_help,
}
"""Each generated file with what makes its text from the text that is there."""

WHOLE = tuple(FILES)[:3]
"""The files that are generated from beginning to end, and therefore made when they are not there."""


def stale() -> dict[str, str | None]:
    """The files that are not current, each with the text that it should have; None when it cannot be made."""
    found: dict[str, str | None] = {}
    for name, make in FILES.items():
        path = ROOT / name
        try:
            before = path.read_text("utf-8") if path.exists() or name not in WHOLE else ""
            after = make(before)
        except (OSError, ValueError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            found[name] = None
            continue
        if after != before:
            found[name] = after
    return found


def main(arguments: list[str]) -> int:
    """Write, or check. Names each file that was not current."""
    found = stale()
    for name, text in found.items():
        sys.stdout.write(f"{name}\n")
        if text is not None and "--check" not in arguments:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text, "utf-8", newline="\n")
    return 1 if None in found.values() or (found and "--check" in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
