import pytest

from fakes import message
from rejoinder.domain.branching import branch
from rejoinder.domain.errors import NotFound
from rejoinder.domain.tree import MessageTree

TREE = MessageTree(
    [
        message("q1", content="what is this?"),
        message("a1", "q1", role="assistant"),
        message("q2", "a1", content="and that?"),
        message("a2", "q2", role="assistant"),
    ]
)


def path_ids(parent_id: str | None, text: str, head: str | None = "a2") -> list[str]:
    return [found.message_id for found in branch(TREE, head, parent_id=parent_id, text=text).path]


def test_without_a_parent_a_turn_hangs_at_the_head() -> None:
    found = branch(TREE, "a2", parent_id=None, text="more")
    assert (found.parent_id, found.length, found.regenerated) == ("a2", 6, None)


def test_a_first_turn_is_a_root() -> None:
    found = branch(MessageTree(), None, parent_id=None, text="hello")
    assert (found.parent_id, found.length) == (None, 2)


def test_below_an_answer_it_hangs_there() -> None:
    assert path_ids("a1", "other way") == ["q1", "a1"]


@pytest.mark.parametrize("text", ["", "  ", "and that?", " and that?\n"])
def test_a_question_with_its_own_text_or_none_is_answered_anew(text: str) -> None:
    found = branch(TREE, "a2", parent_id="q2", text=text)
    assert found.regenerated == TREE.get("q2")
    assert [m.message_id for m in found.path] == ["q1", "a1"]
    assert found.length == 4


def test_a_question_with_another_text_gets_a_sibling() -> None:
    found = branch(TREE, "a2", parent_id="q2", text="and this?")
    assert (found.parent_id, found.regenerated, found.length) == ("a1", None, 4)


def test_the_first_question_can_be_edited() -> None:
    assert path_ids("q1", "something else") == []


def test_a_parent_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound) as caught:
        branch(TREE, "a2", parent_id="q9", text="x")
    assert caught.value.data == {"what": "message", "id": "q9"}
