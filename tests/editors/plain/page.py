"""The configurations that the pages of `editors/plain` show, so that tests use just what a reader copies."""

import re
from pathlib import Path

PAGES = Path(__file__).resolve().parents[3] / "editors" / "plain"


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a language on a page, in their order."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{page} shows no {language}"
    return found
