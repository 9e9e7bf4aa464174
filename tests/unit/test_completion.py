import pytest

from rejoinder.domain.completion import (
    best_paths,
    commands,
    file_proposals,
    mention_kinds,
    symbol_proposals,
    word_at,
)
from rejoinder.domain.mentions import FileMention, SymbolMention, find_mentions


@pytest.mark.parametrize(
    ("text", "kind", "typed", "start"),
    [
        ("/", "/", "", 0),
        ("  /fi", "/", "fi", 2),
        ("see @", "@", "", 4),
        ("see (@po", "@", "po", 5),
        ("@file:src/a", "@file:", "src/a", 0),
        ('@file:"with', "@file:", "with", 0),
        ("@symbol:Conn", "@symbol:", "Conn", 0),
        ("a\n#session:pl", "#", "pl", 2),
        ("#pl", "#", "pl", 0),
    ],
)
def test_the_word_at_the_cursor(text: str, kind: str, typed: str, start: int) -> None:
    word = word_at(text + " rest", len(text))
    assert word is not None
    assert (word.kind, word.typed, word.start) == (kind, typed, start)


@pytest.mark.parametrize("text", ["", "word", "a/b", "me@example", "see /fix", "C#", "@file:a.py "])
def test_where_nothing_can_be_completed(text: str) -> None:
    assert word_at(text, len(text)) is None


def test_the_best_paths_come_first() -> None:
    paths = ["docs/pool.md", "lib/engine/pool.py", "pool.py", "lib/pooling/base.py", "p/o/o/l.c", "other.py"]
    assert best_paths(paths, "pool", limit=5) == [
        *("pool.py", "docs/pool.md", "lib/engine/pool.py"),
        *("lib/pooling/base.py", "p/o/o/l.c"),
    ]
    assert best_paths(paths, "LIB/engine", limit=9) == ["lib/engine/pool.py"]
    assert best_paths(paths, "zzz", limit=9) == []
    assert len(best_paths(paths, "", limit=2)) == 2


def test_what_is_proposed_is_understood_as_a_mention() -> None:
    for path in ("a.py", "with space.py", "a#b.py", "ü/ß.py"):
        (proposal,) = file_proposals([path], "", limit=9)
        assert find_mentions(f"see {proposal.insert}") == [FileMention(path)]
    assert file_proposals(['quo"te.py'], "", limit=9) == []
    (proposal,) = symbol_proposals(["class ConnectionPool"], "conn", limit=9)
    assert find_mentions(proposal.insert) == [SymbolMention("ConnectionPool")]


def test_commands_and_kinds() -> None:
    assert [one.insert for one in commands("d")] == ["/document "]
    assert [one.label for one in mention_kinds("s")] == ["@symbol:", "@selection"]
    assert [one.insert for one in symbol_proposals(["A.pool", "pool_size", "B"], "pool", limit=9)] == [
        "@symbol:A.pool ",
        "@symbol:pool_size ",
    ]
