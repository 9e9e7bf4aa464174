import pytest

from fakes import session
from rejoinder.domain.errors import Ambiguous, InvalidInput, SessionNotFound
from rejoinder.domain.identifiers import check_id, find

SESSIONS = [
    session("abcd1111", name="plans"),
    session("abcd2222", name="plans", label="roadmap"),
    session("xyz", name="abcd1111"),
    session("lonely-one", name="Only"),
]


@pytest.mark.parametrize("value", ["a", "A-z_0.9:@", "x" * 128])
def test_ids_are_kept_as_they_are(value: str) -> None:
    assert check_id(value, "sessionId") == value


@pytest.mark.parametrize(
    "value", ["", "../x", "a/b", "a b", "a\n", "a\0", "é", "x" * 129, "x" * 10_000, "a\\b", "\u202e", "\ud800"]
)
def test_anything_else_is_refused_and_named(value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_id(value, "sessionId")
    assert caught.value.data["key"] == "sessionId"
    assert caught.value.message.startswith("sessionId: ")
    assert len(caught.value.message) < 400
    assert caught.value.hint


def test_an_exact_id_wins_over_a_name() -> None:
    assert find("abcd1111", SESSIONS).session_id == "abcd1111"


def test_a_unique_name_or_label_is_found() -> None:
    assert find("Only", SESSIONS).session_id == "lonely-one"
    assert find("roadmap", SESSIONS).session_id == "abcd2222"


def test_a_unique_prefix_of_four_is_found() -> None:
    assert find("lone", SESSIONS).session_id == "lonely-one"


@pytest.mark.parametrize("ref", ["lon", "xy", "none such", "", "lonely-one-more"])
def test_what_fits_nothing_is_not_found(ref: str) -> None:
    with pytest.raises(SessionNotFound):
        find(ref, SESSIONS)


@pytest.mark.parametrize("ref", ["plans", "abcd"])
def test_what_fits_several_names_the_candidates(ref: str) -> None:
    with pytest.raises(Ambiguous) as caught:
        find(ref, SESSIONS)
    assert caught.value.data["candidates"] == [
        {"sessionId": "abcd1111", "name": "plans"},
        {"sessionId": "abcd2222", "name": "plans"},
    ]
