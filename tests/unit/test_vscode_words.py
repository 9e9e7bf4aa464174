"""What VS Code's users read can be said in other languages, and is said whole in those that are there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EXTENSION = Path(__file__).resolve().parents[2] / "editors" / "vscode"
SHOWN = {"title", "category", "name", "label", "contents", "altText", "description", "markdownDescription"}
"""Keys of package.json whose values people read."""

PRODUCT = "Rejoinder"
"""Is called so in every language."""

TRANSLATIONS = sorted([*EXTENSION.glob("package.nls.*.json"), *EXTENSION.glob("l10n/bundle.l10n.*.json")])
SAID = re.compile(r'\bl10n\.t\(\s*((?:"(?:[^"\\\n]|\\.)*"(?=\s*[,)]))?)')
"""A call that says something, with its text as it is written in the source."""

FIXED = re.compile(r"\{\d+\}|\(command:[^)]+\)|\$\([a-z-]+\)")
"""What a sentence has in every language: places for values, links to commands, icons."""


def words(path: Path) -> dict[str, str]:
    """A file of words by their keys."""
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def original(path: Path) -> Path:
    """The file that this one is a translation of."""
    return path.with_name(re.sub(r"\.[a-z-]+\.json$", ".json", path.name))


def shown(value: Any) -> Iterator[str]:
    """What people read of a part of package.json."""
    if isinstance(value, list):
        for each in value:
            yield from shown(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in SHOWN and isinstance(each, str):
                yield each
            else:
                yield from shown(each)


def test_the_manifest_says_nothing_by_itself() -> None:
    manifest = words(EXTENSION / "package.json")
    parts = [manifest["contributes"], manifest["capabilities"], {"description": manifest["description"]}]
    said = [text for text in shown(parts) if text != PRODUCT]
    assert [text for text in said if not re.fullmatch(r"%[\w.]+%", text)] == []
    assert {text.strip("%") for text in said} == {*words(EXTENSION / "package.nls.json")}


def test_the_bundle_has_what_is_said() -> None:
    sources = [path.read_text("utf-8") for path in sorted((EXTENSION / "src").rglob("*.ts"))]
    calls = [found for text in sources for found in SAID.findall(text)]
    assert all(calls), "l10n.t needs a text in double quotes"
    assert {json.loads(text) for text in calls} == {*words(EXTENSION / "l10n" / "bundle.l10n.json")}, "npm run words"


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.name)
def test_a_translation_is_whole(path: Path) -> None:
    english, translated = words(original(path)), words(path)
    assert [key for key in english if key not in translated] == [], "not translated"
    assert [key for key in translated if key not in english] == [], "translated, and not said any more"
    assert [key for key, text in translated.items() if not text.strip()] == []
    other = [key for key, text in translated.items() if fixed(text) != fixed(english[key])]
    assert other == [], "another place, link or icon than in English"


def fixed(text: str) -> list[str]:
    return sorted(FIXED.findall(text))


def test_a_language_has_both_files() -> None:
    languages = {path.name.split(".")[-2] for path in EXTENSION.glob("package.nls.*.json")}
    assert languages == {path.name.split(".")[-2] for path in EXTENSION.glob("l10n/bundle.l10n.*.json")}
    assert "de" in languages
