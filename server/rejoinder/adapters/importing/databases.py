"""SQLite databases of other programs: read, and left as they are."""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rejoinder.adapters.importing.reading import glance, is_file

MAGIC = b"SQLite format 3\0"
MOST_BYTES = 4_000_000_000
_MOST_STEPS = 2_000_000_000
_STEPS_BETWEEN = 1_000_000


def is_database(path: Path) -> bool:
    """Whether a file is an SQLite database."""
    return is_file(path) and glance(path).startswith(MAGIC)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database for reading. ValueError when it cannot be read, also while it is.

    Opening one in the usual way may write beside it. One that nobody has open is read as what never changes; of one
    with a log of changes beside it a copy is read, so that those count, too.
    """
    try:
        with contextlib.ExitStack() as stack:
            logs = [log for suffix in ("-wal", "-journal") if is_file(log := path.with_name(path.name + suffix))]
            if path.stat().st_size > MOST_BYTES:
                raise ValueError(f"it has more than {MOST_BYTES // 1_000_000_000} GB")
            if any(log.stat().st_size for log in logs):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rejoinder-import-")))
                for each in (path, *logs):
                    shutil.copyfile(each, folder / each.name)
                uri = f"{(folder / path.name).as_uri()}?mode=rw"
            else:
                uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            # one thread after another reads on
            database = stack.enter_context(contextlib.closing(sqlite3.connect(uri, uri=True, check_same_thread=False)))
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            bounded(database, _MOST_STEPS, _STEPS_BETWEEN)
            yield database
    except (sqlite3.Error, OverflowError) as exc:
        raise ValueError(f"the database cannot be read ({exc})") from None
    except OSError as exc:
        raise ValueError(f"it cannot be read ({exc.strerror})") from None


def bounded(database: sqlite3.Connection, most: int, between: int) -> None:
    """Have a file that was made to take forever end: what is read here are tables, not views or triggers."""
    steps = iter(range(most // between))
    database.set_progress_handler(lambda: next(steps, None) is None, between)
    database.execute("PRAGMA trusted_schema = OFF")


def tables(database: sqlite3.Connection) -> dict[str, set[str]]:
    """The columns of each table."""
    names = [str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = "SELECT name FROM pragma_table_info(?)"
    return {table: {str(name) for (name,) in database.execute(columns, (table,))} for table in names}
