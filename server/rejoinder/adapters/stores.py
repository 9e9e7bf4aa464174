"""Which store keeps the conversations: `tinydb`, `sqlite`, `memory`, an address of Redis, or a class of the user's own.

A store is imported when it is chosen.
"""

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rejoinder import platform
from rejoinder.adapters.entry_points import entry_points
from rejoinder.domain.errors import InvalidInput, RejoinderError
from rejoinder.services.store_ports import HistoryStore

GROUP = "rejoinder.stores"
PASSWORD_VARIABLE = "REJOINDER_STORE_PASSWORD"  # noqa: S105 - the name of a variable
PASSWORD_KEY = "rejoinder/store"  # noqa: S105 - where a keyring has it

_FILES = ("tinydb", "sqlite")
_REDIS = ("redis://", "rediss://", "unix://")
_log = logging.getLogger(__name__)


def open_store(choice: str, data_dir: Path, *, environment: Mapping[str, str] = os.environ) -> HistoryStore:
    """The store of a name: see the setting `store`. `tinydb:FOLDER` and `sqlite:FOLDER` lie in another folder.

    The folder must be this process's alone. Raises InvalidInput for what is no store, and StorageErrors.
    """
    name, _, rest = choice.partition(":")
    if choice.startswith(_REDIS):
        return _redis(choice, data_dir, environment)
    if name in _FILES:
        folder = folder_of(choice, data_dir)
        return _tinydb(folder) if name == "tinydb" else _sqlite(folder)
    if choice == "memory":
        from rejoinder.adapters.keyed_history import KeyedHistory
        from rejoinder.adapters.keyed_rows import MemoryRows

        _log.warning("what is said is kept in memory alone, and gone when the engine ends")
        return KeyedHistory(MemoryRows())
    return _own(name, rest)


def folder_of(choice: str, data_dir: Path) -> Path:
    """The data folder that a store's files lie in; `data_dir` also for one without files."""
    name, _, rest = choice.partition(":")
    return Path(rest).expanduser().resolve() if name in _FILES and rest else data_dir


def is_tinydb(choice: str) -> bool:
    """Whether a store is the data folder's own files, which archives can take as they are."""
    return choice == "tinydb"


def recall_folder(choice: str, cache_dir: Path) -> Path:
    """Where the index of what was said may lie: what is kept in memory alone leaves nothing in the cache folder."""
    if choice != "memory":
        return cache_dir / "recall"
    folder = Path(tempfile.mkdtemp(prefix="recall-", dir=platform.runtime_dir()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _tinydb(folder: Path) -> HistoryStore:
    from rejoinder.adapters.tinydb_history import TinyDbHistory

    return TinyDbHistory(folder)


def _sqlite(folder: Path) -> HistoryStore:
    from rejoinder.adapters.keyed_history import KeyedHistory
    from rejoinder.adapters.sqlite_history import FILE, SqliteRows

    return KeyedHistory(SqliteRows(folder / FILE))


def _redis(address: str, data_dir: Path, environment: Mapping[str, str]) -> HistoryStore:
    try:
        from rejoinder.adapters.redis_history import RedisRows
    except ImportError:
        raise InvalidInput(
            "store: what Redis needs is not installed.",
            hint="Install it where Rejoinder is, with `pip install 'rejoinder[redis]'`.",
            key="store",
        ) from None
    from rejoinder.adapters.keyed_history import KeyedHistory

    rows = RedisRows(address, password=_password(environment), owner=str(data_dir))
    for warning in rows.warnings():
        _log.warning("%s", warning)
    return KeyedHistory(rows)


def _password(environment: Mapping[str, str]) -> str | None:
    """The password of a server, from a variable or else from the keyring, if there is one."""
    if password := environment.get(PASSWORD_VARIABLE):
        return password
    from rejoinder.adapters.keyring_keys import key_of

    try:
        return key_of(PASSWORD_KEY)
    except RejoinderError:
        return None


def _own(name: str, rest: str) -> HistoryStore:
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise InvalidInput(
            f"store: {name[:80]!r} is no store.",
            hint=f"Choose tinydb, sqlite, memory, redis://HOST:PORT/0, or an entry point of the group {GROUP}.",
            key="store",
        )
    try:
        factory = next(iter(found)).load()
        made = factory(rest) if rest else factory()
    except Exception as error:
        raise InvalidInput(
            f"store: {name!r} cannot be opened: {type(error).__name__}: {str(error)[:200]}.",
            hint="See to it that it can be called with what stands after the colon, or without anything.",
            key="store",
        ) from error
    if hasattr(made, "put_records") and hasattr(made, "append"):
        whole: HistoryStore = made
        return whole

    from rejoinder.adapters.keyed_history import KeyedHistory
    from rejoinder.adapters.wrapped_history import LIMITS, WrappedRows, own_store

    _log.warning("the store %r is a simple one: %s", name, LIMITS)
    return KeyedHistory(WrappedRows(own_store(made, name), name))
