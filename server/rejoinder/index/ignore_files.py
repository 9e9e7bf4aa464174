"""Patterns of what stays out of the index: ignore files in any folder, and the setting `ignore`."""

from collections.abc import Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from rejoinder.declared import frozen

OWN_NAMES = (".ignore", ".rejoinderignore")
"""Read wherever a project's files come from; the later one is stronger."""

_GIT_NAMES = (".gitignore",)
_GIT_EXCLUDE = ".git/info/exclude"

NAMES = frozenset({*OWN_NAMES, *_GIT_NAMES})
"""Files whose change may bring any file in or out."""


@frozen
class Match:
    """The pattern that decides about a path: `place` is its file and line, or the setting's name."""

    place: str
    pattern: str
    ignores: bool

    @property
    def reason(self) -> str:
        """As a user reads it."""
        return f"ignored by the pattern {self.pattern} ({self.place})"


@frozen
class _Patterns:
    base: str
    """The folder that they count in, with a slash at its end; empty for the project's own."""
    source: str
    lines: tuple[str, ...]
    spec: GitIgnoreSpec

    def match(self, path: str) -> Match | None:
        result = self.spec.check_file(path.removeprefix(self.base))
        if result.include is None or result.index is None:
            return None
        place = f"{self.source}:{result.index + 1}" if self.source != "ignore" else "setting `ignore`"
        return Match(place, self.lines[result.index].strip(), result.include)


class IgnoreRules:
    """What the ignore files of one project say, read once until they are forgotten."""

    def __init__(self, folder: Path, setting: Sequence[str], *, gits_too: bool, everywhere: Path | None = None) -> None:
        """`gits_too` reads git's files also; `everywhere` is the user's own of these, for all projects."""
        self._folder = folder
        self._names = (*_GIT_NAMES, *OWN_NAMES) if gits_too else OWN_NAMES
        self._first: list[_Patterns] = []
        if gits_too:
            self._first += _read(everywhere, "", str(everywhere)) if everywhere is not None else []
            self._first += _read(folder / _GIT_EXCLUDE, "", _GIT_EXCLUDE)
        self._setting = [_patterns(setting, "", "ignore")] if setting else []
        self._own: dict[str, list[_Patterns]] = {}
        """What stands in a folder's own ignore files."""
        self._orders: dict[str, list[_Patterns]] = {}
        """What counts for the files in a folder."""
        self._verdicts: dict[str, Match | None] = {}
        """By what a folder, or one around it, is kept out."""

    def match(self, path: str) -> Match | None:
        """The pattern that keeps a file out, be it by one of the folders around it; None when there is none.

        A folder ends with a slash, and so only the patterns that count outside of it are asked.
        """
        base = _folder_of(path)
        if base not in self._verdicts:
            around = (base[: at + 1] for at, character in enumerate(base) if character == "/")
            self._verdicts[base] = next(filter(None, map(self.match_one, around)), None)
        return self._verdicts[base] or self.match_one(path)

    def match_one(self, path: str) -> Match | None:
        """The same for a path of which is known that no folder around it is kept out."""
        for patterns in self._strongest_first(path):
            found = patterns.match(path)
            if found is not None:
                return found if found.ignores else None
        return None

    def _strongest_first(self, path: str) -> list[_Patterns]:
        base = _folder_of(path)
        if base not in self._orders:
            found = self._first.copy()
            for folder in ("", *(base[: at + 1] for at, character in enumerate(base) if character == "/")):
                found += self._in(folder)
            self._orders[base] = [*self._setting, *reversed(found)]
        return self._orders[base]

    def _in(self, base: str) -> list[_Patterns]:
        if base not in self._own:
            files = ((self._folder / base / name, base + name) for name in self._names)
            self._own[base] = [patterns for path, source in files for patterns in _read(path, base, source)]
        return self._own[base]


def _folder_of(path: str) -> str:
    """The folder that a path is in, with a slash at its end."""
    base = path.rstrip("/").rpartition("/")[0]
    return base + "/" if base else ""


def _read(path: Path, base: str, source: str) -> list[_Patterns]:
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        return [_patterns(lines, base, source)] if any(map(str.strip, lines)) else []
    except (OSError, ValueError):
        return []


def _patterns(lines: Sequence[str], base: str, source: str) -> _Patterns:
    # the library counts no empty lines; and what makes no sense is nothing, as for git, but keeps its number
    kept = [line if line.strip() and _makes_sense(line) else "#" for line in lines]
    return _Patterns(base, source, tuple(kept), GitIgnoreSpec.from_lines(kept))


def _makes_sense(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
