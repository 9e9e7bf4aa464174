"""The Markdown file that people type into: what is written is read again, whatever was said."""

from datetime import UTC, datetime

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from rejoinder.domain.conversation import Attachment, Citation, Message, Place
from rejoinder.domain.transcript import difference, question, section_of, sections, transcript, unsent, with_typed

HEADINGS = [
    "# You",
    "# Rejoinder",
    "# Instructions",
    "\\# You",
    "\\\\# Rejoinder \t",
    "```",
    "Sources:",
    "- x",
    "",
    "# Y",
]
LINES = st.one_of(st.sampled_from(HEADINGS), st.text(max_size=12))
TEXTS = st.lists(LINES, max_size=8).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)
ROLES = st.sampled_from(["user", "assistant", "system"])


def message(role: str, content: str, **fields: object) -> Message:
    plain = Message(
        message_id="m", turn_id="t", role="user", source="chat", content=content, created_at=datetime.now(UTC)
    )
    return attrs.evolve(plain, role=role, **fields)


def plain(text: str) -> str:
    """A text without the empty lines around it, its lines ended one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


@given(st.lists(st.tuples(ROLES, TEXTS), max_size=5), TEXTS)
@example([("assistant", "# You\n\nSend this.")], "")
@example([("user", "```\n# You\n```"), ("assistant", "\\# You")], "\\# You")
def test_what_is_written_is_read_again(said: list[tuple[str, str]], own: str) -> None:
    text = transcript(message(role, content) for role, content in said)
    # whoever types a heading means one: the own text of this test has none
    typed = "\n".join(line for line in plain(own).split("\n") if not line.startswith("# ")).strip("\n")
    *read, last = sections(text + typed)
    assert [(one.speaker, one.text) for one in read] == [(role, plain(content)) for role, content in said]
    assert last.speaker == "user" and unsent(text + typed).strip("\n") == typed
    assert question(text) == ""


@given(TEXTS, TEXTS)
def test_the_difference_makes_one_text_of_the_other(before: str, after: str) -> None:
    change = difference(before, after)
    if change is None:
        assert before == after
    else:
        assert before[: change.start] + change.text + before[change.end :] == after
        assert before[change.start - 1 : change.start + 1] != "\r\n" or change.start == 0


def test_what_is_streamed_is_put_in_and_nothing_else_touched() -> None:
    before = transcript([message("user", "Hi"), message("assistant", "One")]) + "And"
    after = transcript([message("user", "Hi"), message("assistant", "One, two")]) + "And"
    change = difference(before, after)
    assert change is not None and (change.start, change.text) == (change.end, ", two")


def test_a_file_that_ends_with_an_answer_has_no_question() -> None:
    text = section_of(message("user", "Hi")) + section_of(message("assistant", "Hello"))
    assert question(text) is None
    assert question("no heading at all") is None


def test_the_last_heading_counts_and_headings_have_to_be_exact() -> None:
    text = transcript([]) + "one\n\n# You\n\ntwo\n\n## You\n # You\n# Yours\n"
    assert question(text) == "two\n\n## You\n # You\n# Yours"


def test_what_an_answer_refers_to_is_listed_once() -> None:
    place = Place(2, 0, 4, 0)
    citation = Citation("file:///p/pool.py", place, "pool.py:3")
    attached = Attachment("file:///p/src/pool.py", place, text="x")
    asked = message("user", "Why?", attachments=(attached,))
    answer = message("assistant", "So.", citations=(citation, citation))
    assert transcript([asked, answer], folder="file:///p") == (
        "# You\n\nWhy?\n\nAttached:\n- src/pool.py:3-4\n\n# Rejoinder\n\nSo.\n\nSources:\n- pool.py:3\n\n# You\n\n"
    )


def test_what_is_typed_comes_behind_what_is_there() -> None:
    assert with_typed("", "") == ""
    assert with_typed("one\n", "@file:x ") == "one\n\n@file:x "
