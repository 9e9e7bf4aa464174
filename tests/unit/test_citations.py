import pytest

from rejoinder.domain.citations import find_citations
from rejoinder.domain.conversation import Place

URIS = ["file:///p/src/app.py", "file:///p/my%20dir/b.c", "file:///p/.gitignore", "git:diff"]


def places(answer: str) -> list[tuple[str, Place]]:
    return [(found.uri, found.place) for found in find_citations(answer, URIS, "m1")]


@pytest.mark.parametrize(
    "answer",
    ["See src/app.py:3.", "`app.py:3`", "(app.py:3)", "/p/src/app.py:3", "p/src/app.py:3", "**src/app.py:3**:"],
)
def test_a_path_whose_end_fits_a_file_is_cited(answer: str) -> None:
    assert places(answer) == [(URIS[0], Place(2, 0, 3, 0))]


def test_a_range_takes_in_whole_lines() -> None:
    assert places("app.py:3-7") == [(URIS[0], Place(2, 0, 7, 0))]
    assert places("app.py:7-3") == [(URIS[0], Place(6, 0, 7, 0))]


def test_escaped_and_dotted_names_are_found() -> None:
    assert places("b.c:1 and .gitignore:2") == [(URIS[1], Place(0, 0, 1, 0)), (URIS[2], Place(1, 0, 2, 0))]


@pytest.mark.parametrize(
    "answer", ["other.py:3", "app.py", "app.py:0", "pp.py:3", "xapp.py:3", "12:30", "http://h:80", "e.g.:3"]
)
def test_nothing_else_is(answer: str) -> None:
    assert places(answer) == []


def test_each_is_told_once_with_its_label_and_message() -> None:
    found = find_citations("app.py:3, app.py:3 and src/app.py:3", URIS, "m1")
    assert [citation.label for citation in found] == ["app.py:3", "src/app.py:3"]
    assert {citation.message_id for citation in found} == {"m1"}


def test_there_is_a_most() -> None:
    answer = " ".join(f"app.py:{line}" for line in range(1, 200))
    assert len(find_citations(answer, URIS, "m1")) == 50


@pytest.mark.parametrize("unit", ["@", "+", "a.", "a/", "./", ".a", "a.b:", "app.py:1-", "//", "a"])
def test_hostile_answers_take_time_in_step_with_their_length(unit: str) -> None:
    find_citations(unit * (1_000_000 // len(unit)), URIS, "m1")
