"""Helix and Emacs in a terminal, as somebody has them who has copied our pages and nothing else."""

from pathlib import Path

from e2e.kit import Home
from editors.plain.page import blocks
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]
HELIX = ROOT / ".tools" / "helix" / "hx"
EMACS = ROOT / ".tools" / "emacs" / "emacs"

_QUIET = """
(setq native-comp-jit-compilation nil
      inhibit-startup-screen t
      make-backup-files nil
      auto-save-default nil
      create-lockfiles nil)
"""
"""No compiler in the background, and no files beside those of the test."""


def missing(program: Path) -> str:
    """Why the tests of a program are skipped; empty when it is there."""
    return "" if program.exists() else f"{program.parent.name} is missing: run tests/tools/{program.parent.name}.sh"


def helix_in(home: Home, project: Path, *files: str, size: tuple[int, int] = (100, 60), more: str = "") -> Terminal:
    """Helix in a project's folder, with the configuration of `helix.md`. `more` comes before its keys."""
    folder = home.config.parent.parent / "helix"
    folder.mkdir(exist_ok=True)
    languages, keys = blocks("helix.md", "toml")
    (folder / "languages.toml").write_text(languages)
    (folder / "config.toml").write_text(more + keys)
    return _terminal([str(HELIX), *files], home, project, size)


def emacs_in(home: Home, project: Path, *files: str, size: tuple[int, int] = (100, 60), more: str = "") -> Terminal:
    """Emacs in a project's folder, with the configuration of the first part of `emacs.md`, and `more` behind it."""
    folder = home.root / ".emacs.d"
    folder.mkdir(exist_ok=True)
    (folder / "early-init.el").write_text(_QUIET)
    (folder / "init.el").write_text(blocks("emacs.md", "elisp")[0] + more)
    return _terminal([str(EMACS), "--no-window-system", "--no-site-file", *files], home, project, size)


def _terminal(command: list[str], home: Home, project: Path, size: tuple[int, int]) -> Terminal:
    columns, lines = size
    environment = {**home.environment, "COLORTERM": "truecolor"}
    return Terminal(command, folder=project, environment=environment, columns=columns, lines=lines)
