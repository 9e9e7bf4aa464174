"""Prompts as Markdown files: `NAME.md`, their description in the keys at the top, what is asked below."""

from pathlib import Path

from rejoinder.adapters.markdown_files import MarkdownFiles, MarkdownText
from rejoinder.domain.prompt_files import PromptFile, read_prompt

_PROJECT_FOLDER = Path(".rejoinder") / "prompts"
_ENDING = ".prompt"
"""What other programs put behind the name: `tidy.prompt.md` is `/tidy`."""


def prompt_files(own: Path) -> MarkdownFiles[PromptFile]:
    """The prompts of the user's folder and of projects."""
    return MarkdownFiles(own, _PROJECT_FOLDER, _prompt, ending=_ENDING)


def _prompt(name: str, text: MarkdownText, own: bool) -> PromptFile:
    return read_prompt(name, text.keys, text.body, "user" if own else "project")
