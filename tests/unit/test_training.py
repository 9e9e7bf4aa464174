"""What the built-in embedder's table is trained on, and how its pieces are chosen."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYTHON = '''
class Pool:
    """Connections that are kept open."""

    def release(self, connection):
        """Give a connection back to the pool.

        More about it.
        """
        self.free.append(connection)

def short():
    """Too short."""
'''

JAVASCRIPT = """
/**
 * Sends the reply to the client.
 *
 * @param {string} payload what to send
 */
function send (payload) {
  if (payload) {
    socket.write(payload)
  }
}

const after = 1
"""

C = """
/*
** Open the database file and read
** its first page.
*/
static int openDatabase(const char *name){
  int rc = openFile(name);
  return rc;
}
int other;
"""


@pytest.fixture(autouse=True)
def training(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(ROOT / "server")
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "training"]:
        del sys.modules[name]


def test_a_docstring_goes_with_its_code_which_is_without_any() -> None:
    from training.python_pairs import python_pairs

    found = {pair.text: pair.code for pair in python_pairs(PYTHON, "pool.py")}
    assert list(found) == ["Connections that are kept open.", "Give a connection back to the pool."]
    assert all('"""' not in code for code in found.values())
    method = found["Give a connection back to the pool."]
    assert method.startswith("pool.py\nPool\n") and "self.free.append" in method and "short" not in method
    assert list(python_pairs("def broken(", "x.py")) == []


@pytest.mark.parametrize(
    ("text", "sentence", "within", "beyond"),
    [
        (JAVASCRIPT, "Sends the reply to the client.", "socket.write", "const after"),
        (C, "Open the database file and read its first page.", "return rc", "int other"),
    ],
)
def test_a_comment_goes_with_the_code_below_it(text: str, sentence: str, within: str, beyond: str) -> None:
    from training.brace_pairs import brace_pairs

    [pair] = brace_pairs(text, "a.c")
    assert pair.text == sentence
    assert within in pair.code and beyond not in pair.code and sentence not in pair.code


def test_notices_and_bare_words_teach_nothing() -> None:
    from training.pairs import first_paragraph

    assert first_paragraph("Copyright 2020 by the authors") == first_paragraph("See below.") == ""
    assert first_paragraph("Returns the :class:`~pool.Pool` in\n use.\n\nMore.") == "Returns the pool.Pool in use."


def test_common_words_are_pieces_and_rare_ones_are_spelled() -> None:
    from training.vocabulary import chosen_pieces

    texts = ["connection pool"] * 50 + [f"connecting{'abcdefgh'[n % 8]} pooled" for n in range(30)]
    pieces = chosen_pieces(texts, 44)
    assert len(pieces) == len(set(pieces)) <= 44
    assert {"connection", "pool", "a", "z", "0"} <= set(pieces)
    assert any(len(piece) > 1 and piece not in ("connection", "pool", "pooled") for piece in pieces)


def test_every_source_is_pinned_with_hash_and_licence() -> None:
    from training.sources import sources

    permissive = ("MIT", "BSD", "Apache-2.0", "ISC")
    for source in sources():
        assert source.registry in ("pypi", "npm") and len(source.digest) == 64 and source.version in source.file
        assert source.licence.startswith(permissive), source
    names = [source.name for source in sources()]
    assert len(names) == len(set(names)) and not {"sqlalchemy", "redis", "fastify", "fzf"} & set(names)


def test_an_archive_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    from training.sources import files, sources

    for source in sources():
        (tmp_path / source.file).write_bytes(b"something else")
    with pytest.raises(ValueError, match="SHA-256"):
        next(files(tmp_path))
