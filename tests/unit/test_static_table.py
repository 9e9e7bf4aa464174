"""The built-in embedder, with the table that is shipped."""

from pathlib import Path

import numpy as np
import pytest

from rejoinder.index import static_table
from rejoinder.index.static_table import StaticTable

DATA = Path(static_table.__file__).parent / "data"
MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def table() -> StaticTable:
    return StaticTable.load()


def test_texts_become_rows_of_length_one(table: StaticTable) -> None:
    rows = table.embed(["def open_file(path):", "connect to the server", "", "日本語 ###"])
    assert rows.shape == (4, table.dimension) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 1, 0, 0], atol=1e-5)
    assert table.embed([]).shape == (0, table.dimension)


def test_a_text_has_the_same_row_alone_and_among_others(table: StaticTable) -> None:
    texts = ["remove the file", "x = 1", "class Pool:\n    pass"]
    together = table.embed(texts)
    assert np.array_equal(together, np.vstack([table.embed([text]) for text in texts]))


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "delete a directory and everything in it",
            "def rmtree(path):\n    os.rmdir(path)",
            "def parse(text):\n    return ast",
        ),
        ("open a network connection", "sock.connect((host, port))", "total = sum(values) / len(values)"),
        ("sort a list", "items = sorted(rows, key=order)", "json.dumps(message)"),
        ("wait until the thread has finished", "worker.join(timeout)", "html = render(template)"),
        ("compute the average", "return values.mean()", "socket.close()"),
    ],
)
def test_code_is_nearer_to_what_it_does_than_to_other_things(
    table: StaticTable, question: str, right: str, wrong: str
) -> None:
    asked, good, bad = table.embed([question, right, wrong])
    assert asked @ good > asked @ bad + 0.05


def test_the_identity_follows_the_content(table: StaticTable, tmp_path: Path) -> None:
    rows = np.load(DATA / "static_table.npy")
    rows["vector"][0, 0] ^= 1
    np.save(tmp_path / "static_table.npy", rows)
    (tmp_path / "static_table.txt").write_bytes((DATA / "static_table.txt").read_bytes())
    changed = StaticTable.load(tmp_path)
    assert changed.identity != table.identity == StaticTable.load().identity
    assert table.identity.startswith(f"builtin-{table.dimension}-")


def test_the_table_is_small_and_whole() -> None:
    files = sorted(DATA.glob("static_table.*"))
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES
    pieces = (DATA / "static_table.txt").read_text("utf-8").splitlines()
    assert len(np.load(DATA / "static_table.npy", mmap_mode="r")) == len(pieces) == len(set(pieces))
