"""Where other programs usually keep their sessions. It is looked whether something is there, and nothing is read."""

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from rejoinder.adapters.importing import aider, codecompanion, continue_sessions, eca, llm_log
from rejoinder.domain.foreign import Place

_VARIABLES = {"continue": "CONTINUE_GLOBAL_DIR", "llm": "LLM_USER_PATH"}
"""With which a user moves a program's folder."""


def places(folder: Path | None) -> list[Place]:
    """Those that are there, in the user's folders and in a project's."""
    return [place for place in _usual(folder) if Path(place.path).exists()]


def _usual(folder: Path | None) -> Iterator[Place]:
    home = Path.home()
    data, cache = _folder("XDG_DATA_HOME", home / ".local/share"), _folder("XDG_CACHE_HOME", home / ".cache")
    moved = os.environ.get(_VARIABLES["continue"])
    yield _place("continue", continue_sessions.TITLE, Path(moved) if moved else home / ".continue", "sessions")
    moved = os.environ.get(_VARIABLES["llm"])
    usual = Path(platformdirs.user_data_dir("io.datasette.llm", appauthor=False, roaming=True))
    for at in [Path(moved)] if moved else dict.fromkeys([usual, home / ".config/io.datasette.llm"]):
        yield _place("llm", llm_log.TITLE, at, llm_log.NAME)
    nvim = os.environ.get("NVIM_APPNAME", "nvim")
    for at in dict.fromkeys([data / nvim, home / f"AppData/Local/{nvim}-data"]):
        yield _place("codecompanion", codecompanion.TITLE, at, "codecompanion-history")
    yield _place("eca", eca.TITLE, cache, "eca")
    for at in dict.fromkeys([folder, home] if folder else [home]):
        yield _place("aider", aider.TITLE, at, aider.NAME)
    yield _place("agno", "agno", home, ".agno_cli/sessions")
    if folder is not None:
        yield _place("praison", "PraisonAI", folder, ".praison/sessions")
        yield _place("json", "agentry", folder, "agentry/session_history")


def _folder(variable: str, usual: Path) -> Path:
    given = os.environ.get(variable)
    return Path(given) if given and Path(given).is_absolute() else usual


def _place(format: str, title: str, folder: Path, name: str) -> Place:
    return Place(format, title, str(folder / name))
