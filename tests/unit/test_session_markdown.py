"""Markdown that people read is read back with every name, role and text, whatever these hold."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rejoinder.domain.conversation import Message
from rejoinder.domain.session_markdown import is_markdown, read_markdown, session_markdown
from rejoinder.domain.transcript import transcript

NOW = datetime.now(UTC)
LINES = (
    "## User",
    "\\## User",
    "\\\\## Tool",
    "## Assistant (writer) ",
    "## users",
    "# Plans",
    "\\# a",
    "# ",
    "",
    "a",
    " ",
)
TEXTS = st.lists(st.sampled_from(LINES), max_size=5).map("\n".join)
SAID = st.lists(st.tuples(st.sampled_from(["user", "assistant", "system"]), TEXTS), max_size=4)
NAMES = st.sampled_from(["Plans", "You", "# x", "User", "## User"])


def message(role: str, content: str) -> Message:
    """One with nothing else."""
    return Message(
        message_id="m",
        turn_id="t",
        role=role,  # type: ignore[arg-type]
        source="chat",
        content=content,
        created_at=NOW,
    )


def plain(text: str) -> str:
    """A text without what is empty around it."""
    return text.rstrip().lstrip("\n")


@given(st.lists(st.tuples(NAMES, SAID), max_size=3))
def test_what_is_written_is_read_again(sessions: list[tuple[str, list[tuple[str, str]]]]) -> None:
    parts = [session_markdown(name, [message(*one) for one in said]) for name, said in sessions]
    expected = [(name, [(role, plain(content)) for role, content in said if plain(content)]) for name, said in sessions]
    expected = [(name, said) for name, said in expected if said]
    assume(expected)
    text = "\n\n".join(parts) + "\n"
    assert is_markdown(text)
    read = [(one.name, [(said.role, said.content) for said in one.messages]) for one in read_markdown(text)]
    assert read == expected


def test_a_transcript_is_read_with_what_was_not_sent_yet() -> None:
    text = transcript([message("user", "# You"), message("assistant", "Yes.")]) + "And then?"
    assert is_markdown(text.replace("\n", "\r\n"))
    (session,) = read_markdown(text.replace("\n", "\r\n"))
    assert [(one.role, one.content) for one in session.messages] == [
        ("user", "# You"),
        ("assistant", "Yes."),
        ("user", "And then?"),
    ]


def test_what_stands_before_the_first_message_is_named() -> None:
    (session,) = read_markdown("Saved yesterday.\n\n## User\n\nWhy?\n")
    assert [one.content for one in session.messages] == ["Why?"] and session.name is None
    assert [part.place for part in session.skipped] == ["the file: its beginning"]


@pytest.mark.parametrize("text", ["", "Why?", "# Plans", "## Users", '["\\n## User"]', "# Plans\n\n# You\n"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_markdown(text)
    with pytest.raises(ValueError, match="no heading"):
        read_markdown(text)
