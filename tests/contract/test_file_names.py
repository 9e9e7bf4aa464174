"""Listings of files: waited for once, then answered from memory."""

from pathlib import Path

import pytest

from rejoinder.adapters.file_names import ListedFileNames


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of every kind."""
    for name in ("a.py", "src/b.py", ".gitignore", "ignored.log", ".env"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("*.log\n" if name == ".gitignore" else "x = 1\n")
    return tmp_path


async def test_what_is_ignored_or_secret_is_not_named(folder: Path) -> None:
    names = ListedFileNames()
    assert set(await names.paths(folder)) - {".gitignore"} == {"a.py", "src/b.py"}
    await names.close()


async def test_an_old_listing_answers_at_once_and_is_renewed(folder: Path) -> None:
    names = ListedFileNames(fresh=0.0)
    before = await names.paths(folder)
    (folder / "new.py").write_text("y = 1\n")
    assert await names.paths(folder) == before  # begins the next listing
    await names.settled()
    assert "new.py" in await names.paths(folder)
    await names.close()


async def test_a_fresh_listing_is_kept(folder: Path) -> None:
    names = ListedFileNames(fresh=600.0)
    before = await names.paths(folder)
    (folder / "new.py").write_text("y = 1\n")
    assert await names.paths(folder) == before
    await names.settled()
    assert await names.paths(folder) == before
