import pytest

from fakes import hit, message
from rejoinder.domain.citations import find_citations, label_of, sent_with
from rejoinder.domain.conversation import Attachment, Citation, Place
from rejoinder.domain.retrieval import Hit

URIS = ["file:///p/src/app.py", "file:///p/my%20dir/b.c", "file:///p/.gitignore", "git:diff"]
WHOLE = [(uri, None) for uri in URIS]


def places(answer: str) -> list[tuple[str, Place]]:
    return [(found.uri, found.place) for found in find_citations(answer, WHOLE, "m1")]


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
    found = find_citations("app.py:3, app.py:3 and src/app.py:3", WHOLE, "m1")
    assert [citation.label for citation in found] == ["app.py:3", "src/app.py:3"]
    assert {citation.message_id for citation in found} == {"m1"}


def test_there_is_a_most() -> None:
    answer = " ".join(f"app.py:{line}" for line in range(1, 200))
    assert len(find_citations(answer, WHOLE, "m1")) == 50


@pytest.mark.parametrize("unit", ["@", "+", "a.", "a/", "./", ".a", "a.b:", "app.py:1-", "//", "a"])
def test_hostile_answers_take_time_in_step_with_their_length(unit: str) -> None:
    find_citations(unit * (1_000_000 // len(unit)), WHOLE, "m1")


def test_only_lines_that_were_sent_are_cited() -> None:
    sent = [("file:///p/a.py", Place(10, 0, 19, 4)), ("file:///p/lib/a.py", Place(40, 0, 49, 0))]
    found = find_citations("a.py:5, a.py:11, a.py:20-25, a.py:21, a.py:45, lib/a.py:15", sent, "m1")
    assert [(citation.uri, citation.label) for citation in found] == [
        ("file:///p/a.py", "a.py:11"),
        ("file:///p/a.py", "a.py:20-25"),
        ("file:///p/lib/a.py", "a.py:45"),
    ]


def test_names_without_an_ending_and_references_of_a_web_page_are_found() -> None:
    sent = [("file:///p/Makefile", None), ("file:///p/src/app.py", None)]
    found = find_citations("Makefile:3, src/app.py#L10-L12, app.py#L7, other:80", sent, "m1")
    assert [(citation.uri, citation.place) for citation in found] == [
        ("file:///p/Makefile", Place(2, 0, 3, 0)),
        ("file:///p/src/app.py", Place(9, 0, 12, 0)),
        ("file:///p/src/app.py", Place(6, 0, 7, 0)),
    ]


def test_what_earlier_turns_attached_or_cited_was_sent() -> None:
    asked = message("q", attachments=(Attachment("file:///p/a.py", Place(0, 0, 3, 0)),))
    told = message("a", role="assistant", citations=(Citation("file:///p/b.py", Place(4, 0, 5, 0), "b.py:5", "a"),))
    now = hit("text", "file:///p/c.py", place=Place(7, 0, 8, 0))
    assert list(sent_with([now], [Attachment("file:///p/d.py")], [asked, told])) == [
        ("file:///p/c.py", Place(7, 0, 8, 0)),
        ("file:///p/d.py", None),
        ("file:///p/a.py", Place(0, 0, 3, 0)),
        ("file:///p/b.py", Place(4, 0, 5, 0)),
    ]


def test_commits_that_were_sent_are_cited_by_their_ids() -> None:
    sent = [(f"git-commit:{'0a1b2c3d' * 5}", Place(0, 0, 0, 0)), ("file:///p/a.py", None)]
    text = "Since 0a1b2c3d0a it retries (see 0a1b2c3 and a.py:3), not since ffffffff, 0a1b2c or x/0a1b2c3d."
    assert [(each.uri.partition(":")[0], each.label) for each in find_citations(text, sent, "m")] == [
        ("file", "a.py:3"),
        ("git-commit", "0a1b2c3d0a"),
        ("git-commit", "0a1b2c3"),
    ]
    assert not find_citations("0a1b2c3d", [("file:///p/0a1b2c3d", None)], "m")


def test_a_passage_is_labelled_by_its_place_and_a_commit_by_its_id() -> None:
    commit = Hit(uri=f"git-commit:{'0a1b2c3d' * 5}", place=Place(0, 0, 0, 0), text="Retry", score=1.0, source="commit")
    assert label_of(commit, None) == "commit 0a1b2c3d0a1b"
    assert label_of(hit("text", "file:///p/c.py", place=Place(7, 0, 8, 0)), "file:///p") == "c.py:8"


def test_what_has_no_name_is_labelled_by_its_beginning() -> None:
    place = Place(0, 0, 1, 3)
    text = "Releases are cut\non Fridays, by Kim and never by anybody else"
    memory = Hit(uri="rejoinder:/memory/1", place=place, text=text, score=1.0, source="memory")
    assert label_of(memory, None) == "memory “Releases are cut on Fridays, by Kim and…”"
    said = Hit(uri="rejoinder:/session/a#b", place=place, text="When?", score=1.0, source="message", session_id="a")
    assert label_of(said, None) == "message “When?”"
