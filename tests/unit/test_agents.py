"""Agents: what a table may say, names, and whom a name means."""

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from rejoinder.domain.agents import (
    LONGEST_INSTRUCTIONS,
    Agent,
    checked_name,
    chosen,
    decode_agents,
    encode_agents,
    masked,
    read_agent,
    system_text,
)
from rejoinder.domain.conversation import Message, Session
from rejoinder.domain.documents import decode_message, decode_session, encode_message, encode_session
from rejoinder.domain.errors import InvalidInput, NotFound

FULL: dict[str, Any] = {
    "role": "Finds facts",
    "goal": "All facts",
    "instructions": "Cite them.",
    "description": "For facts",
    "model": "small",
    "tools": ["read_file"],
    "knowledge": ["manual.pdf"],
}


def test_a_table_becomes_an_agent_and_comes_back_from_the_store() -> None:
    agent = read_agent("researcher", FULL, "session")
    assert (agent.role, agent.tools, agent.knowledge) == ("Finds facts", ("read_file",), ("manual.pdf",))
    plain = read_agent("plain", {}, "session")
    silent = read_agent("silent", {"tools": []}, "session")
    assert decode_agents(encode_agents((agent, plain, silent))) == (agent, plain, silent)
    assert plain.tools is None and silent.tools == ()
    assert decode_agents(None) == ()


def test_lists_may_be_written_with_commas() -> None:
    agent = read_agent("a", {"tools": "read_file, search ,", "knowledge": "a.md"}, "user")
    assert (agent.tools, agent.knowledge) == (("read_file", "search"), ("a.md",))


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("rolle", "x", "'rolle'"),
        ("color", "blue", "'color'"),
        (5, "x", "'5'"),
        ("role", 5, "`role`"),
        ("goal", ["x"], "`goal`"),
        ("instructions", "x" * (LONGEST_INSTRUCTIONS + 1), "`instructions`"),
        ("tools", {"a": 1}, "`tools`"),
        ("tools", [5], "`tools`"),
        ("tools", ["x"] * 101, "`tools`"),
        ("knowledge", ["x" * 1001], "`knowledge`"),
        ("model", True, "`model`"),
    ],
)
def test_a_wrong_key_is_named(key: Any, value: Any, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_agent("a", {key: value}, "user")
    assert told in caught.value.message and caught.value.hint


def test_the_key_that_was_meant_is_proposed() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_agent("a", {"instruction": "x"}, "user")
    assert caught.value.hint == "Did you mean `instructions`?"


@pytest.mark.parametrize("name", ["writer", "Research Assistant", "Zoë", "a.b-c_d@e", "x" * 64, "7"])
def test_what_may_be_a_name(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../x", "a/b", "a\\b", "C:x", "-x", "x ", "x.", "a,b", "a\nb", "a\0", "x" * 65, "~", "*"],
)
def test_what_may_not(name: str) -> None:
    with pytest.raises(InvalidInput):
        checked_name(name)


def test_whom_a_name_means() -> None:
    agents = [Agent(name="Writer"), Agent(name="writer"), Agent(name="Editor")]
    assert chosen("writer", agents) is agents[1] and chosen("EDITOR", agents) is agents[2]
    for name in ("WRITER", "nobody"):
        with pytest.raises(NotFound) as caught:
            chosen(name, agents)
        assert "Writer, writer, Editor" in caught.value.hint
    with pytest.raises(NotFound) as caught:
        chosen("nobody", [])
    assert "config.toml" in caught.value.hint


def test_what_the_model_is_told() -> None:
    agent = Agent(name="writer", role="Writes", goal="Be read.", instructions="Be short.", description="For people")
    text = system_text(agent, ["writer", "researcher", "critic", "researcher"])
    assert text == (
        "You are writer. Your role: Writes.\n\nYour goal: Be read.\n\nBe short.\n\n"
        "Earlier answers in this conversation are by other agents: critic, researcher. Build on them."
    )
    assert system_text(Agent(name="plain"), []) == "You are plain."


def test_texts_are_masked_and_names_are_not() -> None:
    agent = masked(read_agent("a", FULL, "session"), lambda text: "*" * len(text))
    assert agent.name == "a" and agent.tools == ("read_file",)
    assert set("".join([agent.role or "", agent.instructions or "", *agent.knowledge])) == {"*"}


@pytest.mark.parametrize("document", [5, ["x"], [{"name": "../x"}], [{"name": "a", "bad": 1}], [{}], {"name": "a"}])
def test_a_damaged_document_is_refused(document: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        decode_agents(document)


def test_sessions_and_messages_keep_their_agents_and_old_ones_have_none() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    session = Session(
        session_id="s",
        project_id="p",
        name="S",
        scope="workspace",
        created_at=now,
        updated_at=now,
        agents=(read_agent("a", FULL, "session"),),
    )
    document = encode_session(session)
    assert decode_session(document) == session
    del document["agents"]
    assert decode_session(document).agents == ()
    assert encode_session(attrs.evolve(session, draft="x"), since=session) == {"draft": "x"}
    message = Message(
        message_id="m", turn_id="t", role="assistant", source="chat", content="x", created_at=now, agent="a"
    )
    assert decode_message(encode_message(message)) == message
    assert "agent" not in encode_message(attrs.evolve(message, agent=None))
