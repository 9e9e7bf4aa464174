"""Paths of images that are dropped on a terminal."""

from pathlib import Path

import pytest

from rejoinder_client.cli.pasted import pasted_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "with space.JPG", "it's.gif", "b.webp"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_paths_are_found_as_terminals_write_them(folder: Path) -> None:
    def found(text: str) -> list[str]:
        return [path.name for path in pasted_images(text)]

    assert found(f"{folder}/a.png what is this?") == ["a.png"]
    assert found(f"compare '{folder}/with space.JPG' with {folder}/b.webp") == ["with space.JPG", "b.webp"]
    assert found(f"{folder}/with\\ space.JPG") == ["with space.JPG"]
    assert found(f'"{folder}/it\'s.gif"') == ["it's.gif"]
    assert found((folder / "with space.JPG").as_uri()) == ["with space.JPG"]
    assert found(f"{folder}/a.png and {folder}/a.png again") == ["a.png"]


def test_what_is_no_image_that_is_there_stays_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for text in ("a.png", f"{folder}/none.png", f"{folder}/a.png.txt", "https://example.org/a.png", "it's /a.png", ""):
        assert pasted_images(text) == []
    assert [path.name for path in pasted_images("look at ./a.png")] == ["a.png"]
    assert pasted_images("/" + "x" * 100_000 + ".png") == [] and pasted_images("'" * 10_000) == []
