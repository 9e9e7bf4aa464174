"""Search-and-replace blocks and selections against documents as they are now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.conversation import Place
from rejoinder.domain.edits import Change, change_of, changes_in, offset_of, place_in, proposed_edit
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.lines import lines_of


def block(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def after(text: str, *changes: Change) -> str:
    """The text with the changes made."""
    for change in reversed(changes):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def replaced(text: str, *blocks: str) -> str:
    proposed = proposed_edit("".join(blocks))
    assert proposed is not None
    return after(text, *changes_in(text, proposed.replacements, name="a.py"))


@pytest.mark.parametrize(
    ("text", "search", "replace", "expected"),
    [
        ("a\nb\nc\n", "b\n", "x\ny\n", "a\nx\ny\nc\n"),
        ("a\nb\nc\n", "b\n", "", "a\nc\n"),
        ("a\nb", "b\n", "x\n", "a\nx"),
        ("x = 1\nxx = 1\n", "x = 1\n", "y\n", "y\nxx = 1\n"),  # whole lines before parts of lines
        ("call(one, two)\n", "one, two\n", "three\n", "call(three)\n"),
        ("a\r\nb\r\nc\r\n", "a\nb\n", "x\n", "x\r\nc\r\n"),
        ("", "", "new\n", "new\n"),
        ("a\n\nb\n", "a\n\n", "a\n", "a\nb\n"),
    ],
)
def test_lines_that_are_there_once_are_replaced(text: str, search: str, replace: str, expected: str) -> None:
    assert replaced(text, block(search, replace)) == expected


@pytest.mark.parametrize(
    ("text", "search", "matches"),
    [("a\nb\n", "c\n", 0), ("a\nb\na\n", "a\n", 2), ("aaa\n", "aa\n", 2), ("ab ab\n", "ab\n", 2)],
)
def test_lines_that_are_not_there_exactly_once_are_refused(text: str, search: str, matches: int) -> None:
    with pytest.raises(InvalidInput, match=r"a\.py") as refusal:
        replaced(text, block(search, "x\n"))
    assert refusal.value.data["matches"] == matches


def test_all_blocks_are_about_the_document_as_it_is() -> None:
    assert replaced("a\nb\n", block("b\n", "a\n"), block("a\n", "b\n")) == "b\na\n"
    with pytest.raises(InvalidInput, match="same lines"):
        replaced("a\nb\nc\n", block("a\nb\n", "x\n"), block("b\nc\n", "y\n"))
    with pytest.raises(InvalidInput, match="which lines"):
        replaced("a\n", block("", "x\n"))


@pytest.mark.parametrize("line", ["src/app.py", "`src/app.py`", "# src/app.py", "### src/app.py", "/* src/app.py */"])
def test_a_path_before_the_first_block_is_the_files(line: str) -> None:
    proposed = proposed_edit(f"{line}\n{block('a', 'b')}".replace("a=", "a\n=").replace("b>", "b\n>"))
    assert proposed is not None
    assert proposed.path == "src/app.py"


def test_code_without_marks_is_no_proposal_and_an_open_end_is_refused() -> None:
    assert proposed_edit("a = 1\n=======\n") is None
    for cut in ("<<<<<<< SEARCH\na\n", "<<<<<<< SEARCH\na\n=======\nb\n"):
        with pytest.raises(InvalidInput, match="no end"):
            proposed_edit(cut)


def test_a_selection_is_replaced_at_its_place_first() -> None:
    text = "x = 1\ny = 2\nx = 1\n"
    change = change_of(text, "x = 1\n", "x = 3\n", place=Place(2, 0, 3, 0), name="a.py")
    assert after(text, change) == "x = 1\ny = 2\nx = 3\n"
    with pytest.raises(InvalidInput, match="2 times"):
        change_of(text, "x = 1\n", "x = 3\n", place=Place(1, 0, 2, 0), name="a.py")
    moved = change_of("new\ny = 2\n", "y = 2", "z\n", place=Place(0, 0, 0, 5), name="a.py")
    assert after("new\ny = 2\n", moved) == "new\nz\n"


def test_of_a_place_only_the_line_may_be_known() -> None:
    text = "f(1)\nf(1)\n"
    change = change_of(text, "(1)", "(2)\n", place=Place(1, 0, 1, 0), name="a.py")
    assert after(text, change) == "f(1)\nf(2)\n"


def test_a_selection_keeps_its_indentation() -> None:
    text = "class A:\n    def f(self):\n        pass\n"
    old = "    def f(self):\n        pass\n"
    change = change_of(text, old, "def f(self):\n    return 1\n\n", place=Place(1, 0, 3, 0), name="a.py")
    assert after(text, change) == "class A:\n    def f(self):\n        return 1\n\n"


def test_a_place_that_a_document_does_not_have() -> None:
    assert offset_of("a\nb", 1, 1) == 3
    assert offset_of("a\nb", 0, 2) is None
    assert offset_of("a\nb", 2, 0) is None


@given(st.text(alphabet="a😀\r\n", max_size=30), st.data())
def test_places_and_offsets_are_the_same(text: str, data: st.DataObject) -> None:
    lines = lines_of(text)
    line = data.draw(st.integers(0, len(lines) - 1))
    character = data.draw(st.integers(0, len(lines[line])))
    offset = offset_of(text, line, character)
    assert offset is not None
    assert place_in(text, Change(offset, offset, "")) == Place(line, character, line, character)
