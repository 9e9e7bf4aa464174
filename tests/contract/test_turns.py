"""One turn: what is answered, told, stored and previewed."""

from pathlib import Path

import pytest

from core import Core
from fakes import hit
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.domain.conversation import Attachment, Place, Project, Usage
from rejoinder.domain.errors import (
    InvalidInput,
)
from rejoinder.domain.events import (
    CitationAdded,
    ContextFound,
    StatusChanged,
    TextPart,
    ThoughtPart,
    TurnEnded,
    TurnStarted,
    UsageKnown,
)
from rejoinder.domain.prompt import Cited, Finished, Retrying, TextDelta, ThoughtDelta
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.running import RunningTurn
from turns_kit import answered_text, at_gate, said, sent, types_of


async def test_a_turn_is_answered_and_stored(core: Core, project: Project) -> None:
    result = await said(core, "What is this?", session_id="s1")
    assert (result.text, result.stop_reason, result.model) == ("answer 1", "end_turn", "scripted:one")
    assert (result.usage.input_tokens, result.usage.output_tokens) == (10, 2)
    page = await core.history.page(project.project_id, "s1")
    question, answer = (placed.message for placed in page.messages)
    assert (question.role, question.source, question.content) == ("user", "chat", "What is this?")
    assert (answer.role, answer.content, answer.message_id) == ("assistant", "answer 1", result.message_id)
    assert question.turn_id == answer.turn_id == result.turn_id
    session = await core.sessions.get(project.project_id, "s1")
    assert (session.message_count, session.head, session.draft) == (2, result.message_id, None)
    assert core.publisher.kinds("s1")[-1] == "message"


async def test_events_come_in_order_and_the_end_comes_last(core: Core) -> None:
    core.model.script(
        Retrying(1, 0.5, "Too many requests."),
        ThoughtDelta("hm"),
        TextDelta("see"),
        Cited(hit("x")),
        Finished("max_tokens", Usage(5, 6, cost=0.25)),
    )
    core.recall_index.hits = [hit("before", source="message", session_id="s0", message_id="m0")]
    result = await said(core, "go", session_id="s1", turn_id="t1")
    events = core.publisher.events("t1")
    assert types_of(events) == [
        *("TurnStarted", "UserMessageTaken", "ContextFound", "StatusChanged", "ThoughtPart", "TextPart"),
        *("CitationAdded", "UsageKnown", "TurnEnded"),
    ]
    assert events[0] == TurnStarted("scripted:one", "s1")
    assert isinstance(events[2], ContextFound)
    assert isinstance(events[3], StatusChanged)
    assert "Too many requests. Trying again in 0.5 s" in events[3].message
    assert events[4] == ThoughtPart("hm")
    assert isinstance(events[6], CitationAdded)
    assert isinstance(events[7], UsageKnown)
    assert events[8] == TurnEnded("max_tokens", result.usage, result.citations, result.message_id)
    assert result.usage.cost == 0.25
    assert result.citations[0].label.endswith("a.py:1")


async def test_nothing_is_told_before_the_turn_is_released(core: Core) -> None:
    turn = await core.turns.begin(await core.request("hello", turn_id="t1"))
    assert isinstance(turn, RunningTurn)
    await core.io(lambda: None)
    assert core.publisher.updates == []
    turn.released.set()
    await turn.result()
    assert core.publisher.events("t1")


async def test_joined_deltas_lose_nothing(core: Core) -> None:
    words = [f"word{n} " for n in range(200)]
    core.model.script(*map(TextDelta, words), Finished("end_turn"))
    result = await said(core, "go", turn_id="t1")
    parts = [event for event in core.publisher.events("t1") if isinstance(event, TextPart)]
    assert result.text == answered_text(parts) == "".join(words)
    assert parts[0].text == "word0 "
    assert len(parts) < len(words) / 4


async def test_places_that_an_answer_names_become_citations(core: Core, project: Project) -> None:
    await core.searches_opened(project)
    core.project_search.hits = [hit("code", "file:///p/src/app.py", place=Place(4, 0, 9, 0))]
    core.model.script(TextDelta("See src/app.py:7, not src/app.py:70."), Finished("end_turn"))
    result = await said(core, "where?", turn_id="t1")
    assert [(c.uri, c.place, c.label) for c in result.citations] == [
        ("file:///p/src/app.py", Place(6, 0, 7, 0), "src/app.py:7")
    ]
    assert "CitationAdded" in types_of(core.publisher.events("t1"))


async def test_the_first_question_names_the_session_and_the_second_does_not(core: Core, project: Project) -> None:
    first = await said(core, "How does the parser work? Please.")
    await said(core, "Something else?")
    assert (await core.sessions.get(project.project_id, first.session_id)).name == "How does the parser work?"


async def test_a_name_that_was_given_during_the_turn_stays(core: Core, project: Project) -> None:
    turn, gate = await at_gate(core, text="a first question")
    session_id = turn.address.session_id
    await core.sessions.update(project.project_id, session_id, {"name": "mine"})
    gate.opened.set()
    await turn.result()
    assert (await core.sessions.get(project.project_id, session_id)).name == "mine"


async def test_usage_adds_up(core: Core, project: Project) -> None:
    core.model.script(TextDelta("a"), Finished("end_turn", Usage(10, 1, cost=0.5)))
    core.model.script(TextDelta("b"), Finished("end_turn", Usage(20, 2)))
    for text in ("one", "two"):
        await said(core, text, session_id="s1")
    usage = (await core.sessions.get(project.project_id, "s1")).usage
    assert (usage.input_tokens, usage.output_tokens, usage.cost) == (30, 3, 0.5)
    assert usage.seconds > 0


async def test_what_a_provider_does_not_report_is_estimated(core: Core) -> None:
    core.model.script(TextDelta("x" * 350), Finished("end_turn"))
    usage = (await said(core, "go")).usage
    assert usage.input_tokens == core.model.prompts[0].tokens
    assert usage.output_tokens == 105


async def test_the_history_goes_along_and_old_context_does_not(core: Core) -> None:
    core.recall_index.hits = [hit("a passage of old")]
    await said(core, "one", session_id="s1", attachments=(Attachment("file:///x", text="attached"),))
    core.recall_index.hits = []
    await said(core, "two", session_id="s1")
    assert sent(core) == ["one", "answer 1", "two"]


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_a_text_with_nothing_in_it_is_refused(core: Core, project: Project, text: str) -> None:
    with pytest.raises(InvalidInput):
        await core.turns.begin(await core.request(text))
    assert await core.sessions.all(project.project_id) == []


async def test_below_an_answer_a_text_is_needed_too(core: Core) -> None:
    first = await said(core, "one", session_id="s1")
    with pytest.raises(InvalidInput):
        await said(core, " ", session_id="s1", parent_id=first.message_id)
    assert await core.texts("s1") == ["one", "answer 1"]


@pytest.mark.parametrize("bad", [{"session_id": "../x"}, {"turn_id": "a b"}, {"session_id": "x" * 10_000}])
async def test_what_is_no_id_is_refused(core: Core, project: Project, bad: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        await core.turns.begin(await core.request("hello", **bad))


async def test_the_requests_model_wins_over_the_sessions_and_that_over_the_setting(
    core: Core, project: Project
) -> None:
    await core.sessions.create(project, session_id="s1")
    await said(core, "a", session_id="s1")
    await core.sessions.update(project.project_id, "s1", {"model": "of-the-session"})
    await said(core, "b", session_id="s1")
    await said(core, "c", session_id="s1", model="of-the-request")
    assert [choice.model for choice in core.models.choices] == [None, "of-the-session", "of-the-request"]


async def test_a_preview_is_what_would_be_sent_and_changes_nothing(core: Core, project: Project) -> None:
    core.recall_index.hits = [hit("passage")]
    await said(core, "one", session_id="s1")
    before = await core.sessions.get(project.project_id, "s1")
    prompt = await core.turns.preview(await core.request("two", session_id="s1"))
    assert len(core.model.prompts) == 1
    assert await core.sessions.get(project.project_id, "s1") == before
    await said(core, "two", session_id="s1")
    assert core.model.prompts[-1].messages == prompt.messages


async def test_a_preview_makes_no_session(core: Core, project: Project) -> None:
    for fields in ({}, {"session_id": "new"}):
        assert (await core.turns.preview(await core.request("hello", **fields))).question == "hello"
    assert await core.sessions.all(project.project_id) == []


async def test_a_preview_counts_what_is_masked_in_it(core: Core) -> None:
    secret = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1b"
    await said(core, f"one {secret}", session_id="s1")
    assert (await core.turns.preview(await core.request("two", session_id="s1"))).masked == 1
    assert (await core.turns.preview(await core.request("two", session_id="s2"))).masked == 0
    assert secret not in repr(core.model.prompts)


async def test_masking_can_be_switched_off_for_the_model_and_not_for_the_disk(core: Core) -> None:
    secret = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1b"
    await said(core, secret, session_id="s1", redact=False)
    assert sent(core) == [secret]
    await core.close()
    files = [path for path in core.folder.parent.rglob("*") if path.is_file()]
    assert not any(secret.encode() in path.read_bytes() for path in files)


async def test_placeholders_go_on_counting_after_a_restart(core: Core, tmp_path: Path) -> None:
    one, two = ("ghp_" + letter * 36 for letter in "ab")
    await said(core, one, session_id="s1")
    await core.close()
    again = Core(TinyDbHistory(tmp_path / "data"), core.folder)
    await said(again, two, session_id="s1")
    assert sent(again) == ["[masked:github-token:1]", "answer 1", "[masked:github-token:2]"]
    await again.close()


async def test_what_the_system_said_in_the_conversation_is_told_to_the_model(core: Core, project: Project) -> None:
    await core.sessions.create(project, session_id="s1", system="be kind", messages=[MessageDraft("system", "rule")])
    await said(core, "hello", session_id="s1")
    system = core.model.prompts[0].messages[0].content
    assert "be kind" in system
    assert "rule" in system
