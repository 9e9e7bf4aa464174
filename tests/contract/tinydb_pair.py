"""The conftest.py for TinyDB's own tests: every database that they make is made of the journaled pair.

A test that asks for one of TinyDB's storages by name gets that one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from rejoinder.adapters.tinydb_storage import JournalStorage
from rejoinder.adapters.tinydb_table import JournalTable


def journaled(path: Path | str, **_options_of_json: Any) -> TinyDB:
    """A database of the pair. TinyDB's options for writing JSON mean nothing to it."""
    database = TinyDB(path, storage=JournalStorage)
    database.table_class = JournalTable
    return database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[TinyDB]:
    """What TinyDB's own fixture of this name makes, of the pair."""
    database = journaled(tmp_path / "test")
    database.drop_tables()
    database.insert_multiple({"int": 1, "char": char} for char in "abc")
    yield database
    database.close()


@pytest.fixture(autouse=True)
def stock_by_name_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the pair to tests that make a database of a path alone."""

    def make(*args: Any, **kwargs: Any) -> TinyDB:
        return TinyDB(*args, **kwargs) if "storage" in kwargs else journaled(*args, **kwargs)

    if hasattr(request.module, "TinyDB"):
        monkeypatch.setattr(request.module, "TinyDB", make)
