"""Prompts as Markdown files: `NAME.md`, their description in the keys at the top, what is asked below."""

from collections.abc import Sequence
from pathlib import Path

from rejoinder.adapters.markdown_files import MarkdownFiles, MarkdownText, is_inside, names_in
from rejoinder.domain.prompt_files import PromptFile, read_prompt
from rejoinder.services.prompt_ports import ReadPrompts

PROJECT_FOLDER = Path(".rejoinder") / "prompts"


class DiskPromptFiles:
    """The port `PromptFiles`."""

    def __init__(self, own: Path) -> None:
        """`own` is the folder of the user's prompts."""
        self._own = own
        self._files = MarkdownFiles(_prompt)

    def own(self) -> ReadPrompts:
        """As the port says."""
        return ReadPrompts(*self._files.of(self._own, own=True))

    def of(self, folder: Path) -> ReadPrompts:
        """As the port says. A folder of prompts that is a link out of the project counts as none."""
        if not is_inside(folder, PROJECT_FOLDER):
            return ReadPrompts()
        return ReadPrompts(*self._files.of(folder / PROJECT_FOLDER, own=False))

    def names_in(self, folder: Path) -> Sequence[str]:
        """As the port says."""
        inside = is_inside(folder, PROJECT_FOLDER)
        return [_plain(name) for name in names_in(folder / PROJECT_FOLDER)] if inside else []


def _prompt(name: str, text: MarkdownText, own: bool) -> PromptFile:
    return read_prompt(_plain(name), text.keys, text.body, "user" if own else "project")


def _plain(name: str) -> str:
    """The name without what other programs put behind it: `tidy.prompt.md` is `/tidy`."""
    return name.removesuffix(".prompt")
