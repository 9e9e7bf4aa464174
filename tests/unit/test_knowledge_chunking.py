"""How documents are cut into passages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.adapters.documents.chunking import PROSE_SIZE, pieces
from rejoinder.adapters.documents.limits import Unreadable
from rejoinder.domain.lines import lines_of

MARKDOWN = (
    "Before.\n\n# Pumps\n\n## Care\n\nOil them.\n\nWeekly.\n\n## Storage\n\nKeep them dry.\n\n# Valves\n\nClosed.\n"
)


def cut(text: str, path: str = "", chunker: str | None = None, size: int | None = None) -> list[str]:
    return [piece.text for piece in pieces(text, path, chunker=chunker, size=size)]


def test_markdown_is_cut_at_its_headings_and_named_by_them() -> None:
    found = [(piece.scope, piece.text) for piece in pieces(MARKDOWN, "a.md", chunker=None, size=None)]
    assert found == [
        ("", "Before."),
        ("Pumps › Care", "# Pumps\n\n## Care\n\nOil them.\n\nWeekly."),
        ("Pumps › Storage", "## Storage\n\nKeep them dry."),
        ("Valves", "# Valves\n\nClosed."),
    ]


def test_code_is_cut_by_its_syntax() -> None:
    body = "\n".join(f"    x{number} = {number}" for number in range(45))
    text = f"def one():\n{body}\n\n\ndef two():\n{body}\n"
    assert [piece.scope for piece in pieces(text, "a.py", chunker="syntax", size=None)] == ["def one", "def two"]


def test_prose_is_put_together_up_to_the_size_and_never_above() -> None:
    paragraphs = [f"Paragraph {number} says a little about the weather." for number in range(100)]
    found = cut("\n\n".join(paragraphs))
    assert all(PROSE_SIZE / 2 < len(text) <= PROSE_SIZE for text in found[:-1])
    assert "\n\n".join(found) == "\n\n".join(paragraphs)


def test_a_long_paragraph_is_cut_at_the_ends_of_its_sentences() -> None:
    text = "The boiler hums along. " * 100
    found = cut(text, size=200)
    assert all(len(piece) <= 200 and piece.endswith(".") for piece in found)


def test_sentences_and_lines_can_be_chosen() -> None:
    text = "One is here. Two is there! Is three? Four."
    assert cut(text, chunker="sentences", size=15) == ["One is here.", "Two is there!", "Is three? Four."]
    assert cut("a\n\nb\n\nc", chunker="paragraphs", size=3) == ["a", "b", "c"]
    assert cut("\n".join("line" for _ in range(90)), chunker="lines")[0].count("\n") == 39


def test_a_chunker_that_is_not_there_is_named() -> None:
    with pytest.raises(Unreadable, match="no chunker 'mine'"):
        cut("text", chunker="mine")


@given(
    st.text(alphabet="ab .!\n\r\t#", max_size=400),
    st.sampled_from(["", "a.md", "a.py", "a.txt"]),
    st.sampled_from([None, "lines", "paragraphs", "sentences"]),
    st.integers(5, 80),
)
def test_every_passage_is_in_its_place_and_nothing_is_lost(
    text: str, path: str, chunker: str | None, size: int
) -> None:
    lines = lines_of(text)
    covered: set[int] = set()
    starts = [0]
    for line in lines:
        rest = text[starts[-1] + len(line) :]
        starts.append(starts[-1] + len(line) + (2 if rest.startswith("\r\n") else 1))
    for piece in pieces(text, path, chunker=chunker, size=size):
        assert len(piece.text) <= size
        start = starts[piece.place.start_line] + piece.place.start_character
        assert text[start : start + len(piece.text)] == piece.text
        end = starts[piece.place.end_line] + piece.place.end_character
        assert end == start + len(piece.text)
        covered.update(range(start, end))
    assert all(character.isspace() or at in covered for at, character in enumerate(text))
