import pytest

from fakes import message
from rejoinder.domain.tree import MessageTree


@pytest.fixture
def tree() -> MessageTree:
    """One question with two answers, the second of which was gone on with."""
    return MessageTree(
        [
            message("q1", turn_id="t1"),
            message("a1", "q1", role="assistant", turn_id="t1"),
            message("a2", "q1", role="assistant", turn_id="t2"),
            message("q2", "a2", turn_id="t3"),
            message("a3", "q2", role="assistant", turn_id="t3"),
        ]
    )


def ids(messages: object) -> list[str]:
    return [m.message_id for m in messages]  # type: ignore[attr-defined]


def test_the_path_leads_from_the_root_to_the_head(tree: MessageTree) -> None:
    assert ids(tree.path("a3")) == ["q1", "a2", "q2", "a3"]
    assert ids(tree.path("a1")) == ["q1", "a1"]


def test_a_limited_path_has_the_last_messages(tree: MessageTree) -> None:
    assert ids(tree.path("a3", limit=2)) == ["q2", "a3"]
    assert ids(tree.path("a3", limit=99)) == ["q1", "a2", "q2", "a3"]


@pytest.mark.parametrize("head", [None, "gone"])
def test_without_a_head_there_is_no_path(tree: MessageTree, head: str | None) -> None:
    assert tree.path(head) == []


def test_siblings_are_in_the_order_in_which_they_were_stored(tree: MessageTree) -> None:
    answer = tree.get("a2")
    assert answer is not None
    assert tree.siblings(answer) == ("a1", "a2")
    assert tree.siblings(message("new", "q1")) == ("a1", "a2")


def test_a_turn_has_its_messages_alone(tree: MessageTree) -> None:
    assert ids(tree.turn("t3")) == ["q2", "a3"]
    assert tree.turn("never") == []


def test_depth_length_and_all(tree: MessageTree) -> None:
    assert (tree.depth("a3"), tree.depth(None), len(tree)) == (4, 0, 5)
    assert ids(tree.all()) == ["q1", "a1", "a2", "q2", "a3"]
    assert "a1" in tree
    assert "a9" not in tree


def test_messages_that_come_later_hang_where_they_say(tree: MessageTree) -> None:
    tree.add([message("q3", "a1")])
    assert ids(tree.path("q3")) == ["q1", "a1", "q3"]


def test_a_message_whose_parent_was_damaged_begins_a_path_of_its_own() -> None:
    tree = MessageTree([message("q1"), message("q9", "lost"), message("a9", "q9")])
    assert ids(tree.path("a9")) == ["q9", "a9"]
    first = tree.get("q1")
    assert first is not None
    assert tree.siblings(first) == ("q1", "q9")


@pytest.mark.parametrize(
    "circle",
    [
        [message("a", "a")],
        [message("a", "b"), message("b", "a")],
        [message("a"), message("b", "a"), message("a", "b")],
    ],
    ids=["itself", "each other", "the same ID twice"],
)
def test_messages_in_a_circle_have_paths_that_end(circle: list[object]) -> None:
    tree = MessageTree(circle)  # type: ignore[arg-type]
    for found in tree.all():
        assert len(tree.path(found.message_id)) <= len(circle)
