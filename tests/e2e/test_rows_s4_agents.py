"""Agents in a session through real processes: who answers, with what, and several of them one after the other."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.command import REJOINDER, Command, asking
from e2e.kit import Home, home_in, sent_texts
from e2e.python_kit import async_program, program
from fake_model import Call, FakeModel, Reply
from rejoinder_client import Agent, Status, Task, Text
from rejoinder_client.errors import InvalidParams, ModelAuth, NotFound, NotTrusted
from terminal import Terminal

FOUND = "Finding 17: zebras sleep nine minutes."
REPORT = "Report: the zebra hardly sleeps."
PATIENT_TURNS = 20
"""A turn does not wait long for what is recalled, and a busy machine is slow."""

TABLES = """
[agents.researcher]
role = "Finds facts"
goal = "Facts with their places."
instructions = "You cite each fact."

[agents.writer]
description = "Writes what was found"
instructions = "You write short reports."

[agents.broken]
rolle = "Nobody"
"""
EDITOR_FILE = """---
name: editor
role: Shortens texts
model: openai-compatible:other
tools: []
---
You shorten what was written.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose user has agents: two good tables, a bad one, and a file."""
    with home_in(tmp_path_factory.mktemp("agents")) as home:
        (home.config.parent / "agents").mkdir(parents=True)
        home.config.write_text(TABLES)
        (home.config.parent / "agents" / "editor.md").write_text(EDITOR_FILE)
        yield home


def system_of(request: Any) -> str:
    """The system prompt that reached a model."""
    return str(request.json["messages"][0]["content"])


async def test_s4_06_lsp_an_agent_answers_with_its_own_prompt_and_model(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="s", system="You are the session's own.")
        answer = await editor.call("chat", text="Hello?", sessionId="s", agent="editor")
        assert answer["agent"] == "editor" and answer["model"] == "openai-compatible:other"
        started = await editor.update("started")
        assert started["update"]["agent"] == "editor"
        sent = system_of(model.requests[-1])
        assert "You are editor. Your role: Shortens texts." in sent and "You shorten what was written." in sent
        assert "session's own" not in sent and model.requests[-1].json["model"] == "other"
        again = await editor.call("chat", text="And you?", sessionId="s")
        assert "agent" not in again and "session's own" in system_of(model.requests[-1])
        said = (await editor.call("session/history", sessionId="s"))["messages"]
        assert [message.get("agent") for message in said] == [None, "editor", None, None]
        preview = await editor.call("preview", of="chat", text="Hm?", sessionId="s", agent="RESEARCHER")
        assert "Your goal: Facts with their places." in preview["messages"][0]["content"]
        markdown = (await editor.call("session/export", sessionIds=["s"], format="markdown"))["content"]
        assert "## Assistant (editor)" in markdown


async def test_s4_06_lsp_a_name_that_there_is_not_is_refused_with_those_that_there_are(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("chat", text="Hello?", sessionId="new", agent="nobody")
        assert error["code"] == -31018 and error["data"]["id"] == "nobody"
        assert all(name in error["data"]["hint"] for name in ("researcher", "writer", "editor"))
        for name in ("../../config", "/etc/passwd", "", "a\nb", "x" * 65):
            assert (await editor.refused("ask", text="Hello?", agent=name))["code"] == -32602
        broken = await editor.refused("chat", text="Hello?", agent="broken")
        assert broken["code"] == -32602 and "'rolle'" in broken["message"] and "`role`" in broken["message"]
        listed = await editor.call("agents/list")
        assert [agent["name"] for agent in listed["agents"]] == ["researcher", "writer", "editor"]
        assert {agent["source"] for agent in listed["agents"]} == {"user"}
        assert any("[agents.broken]" in note for note in listed["notes"])
        assert (await editor.call("session/list"))["sessions"] == [] and model.requests == []


async def test_s4_06_lsp_agents_that_a_session_keeps_are_there_after_a_restart(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="s")
        agent = {"name": "critic", "role": "Doubts", "tools": ["read_file"], "knowledge": ["a.md"]}
        kept = await editor.call("agents/put", sessionId="s", agent=agent)
        assert kept == {**agent, "source": "session"}
        home.kill(15)
    async with home.editor(project, model=model) as editor:
        names = [agent["name"] for agent in (await editor.call("agents/list", sessionId="s"))["agents"]]
        assert names == ["critic", "researcher", "writer", "editor"]
        assert (await editor.call("chat", text="Hm?", sessionId="s", agent="critic"))["agent"] == "critic"
        assert (await editor.refused("chat", text="Hm?", sessionId="t", agent="critic"))["code"] == -31018
        await editor.call("session/fork", sessionId="s", newSessionId="copy")
        assert (await editor.call("chat", text="Hm?", sessionId="copy", agent="critic"))["agent"] == "critic"
        await editor.call("agents/put", sessionId="s", agent={"name": "critic", "instructions": "Be kind."})
        await editor.call("chat", text="Hm?", sessionId="s", agent="critic")
        assert "Be kind." in system_of(model.requests[-1]) and "Doubts" not in system_of(model.requests[-1])
        await editor.call("agents/remove", sessionId="s", name="critic")
        assert (await editor.refused("agents/remove", sessionId="s", name="critic"))["code"] == -31018
        exported = (await editor.call("session/export", sessionIds=["copy"], format="json"))["content"]
        await editor.call("session/delete", sessionId="copy", permanent=True)
        await editor.call("session/import", format="json", content=exported)
        said = (await editor.call("session/history", sessionId="copy"))["messages"]
        assert said[-1]["agent"] == "critic"
        assert (await editor.call("agents/list", sessionId="copy"))["agents"][0]["role"] == "Doubts"


async def test_s4_06_lsp_names_of_agents_are_proposed(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        found = await editor.call("complete", text="/agent R", offset=8)
        assert [item["label"] for item in found["items"]] == ["researcher", "writer", "editor"]
        assert found["start"] == 7 and found["items"][0]["kind"] == "agent"
        assert found["items"][1]["detail"] == "Writes what was found"


async def test_s4_06_lsp_a_projects_agents_are_read_when_it_is_trusted(
    home: Home, project: Path, model: FakeModel
) -> None:
    folder = project / ".rejoinder" / "agents"
    folder.mkdir(parents=True)
    (folder / "local.md").write_text("You are of this project.")
    (folder / "writer.md").write_text("You take the place of the user's writer.")
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("chat", text="Hello?", agent="local")
        assert error["code"] == -31016 and "local" in error["message"] and model.requests == []
        listed = await editor.call("agents/list")
        assert "local" not in [agent["name"] for agent in listed["agents"]]
        assert any("local" in note and "trusted" in note for note in listed["notes"])
        opened = next(one for one in (await editor.call("project/list"))["projects"] if str(project) in one["paths"])
        await editor.call("project/trust", projectId=opened["projectId"], trusted=True)
        assert (await editor.call("chat", text="Hello?", agent="local"))["agent"] == "local"
        assert "You are of this project." in system_of(model.requests[-1])
        await editor.call("chat", text="Hello?", agent="writer")
        assert "You write short reports." in system_of(model.requests[-1])


async def test_s4_06_lsp_a_workspace_cannot_define_agents(home: Home, project: Path, model: FakeModel) -> None:
    settings = {"agents": {"evil": {"instructions": "Obey the wombat."}}}
    async with home.editor(project, model=model, settings=settings) as editor:
        assert (await editor.refused("chat", text="Hello?", agent="evil"))["code"] == -31018


def test_s4_06_py_the_writer_reads_what_the_researcher_found(home: Home, project: Path, model: FakeModel) -> None:
    researcher = Agent("Researcher", role="Research Analyst", instructions="Find facts.")
    writer = Agent("Writer", role="Technical Writer")
    model.script(Reply(text=FOUND), Reply(text=REPORT))
    with program(home, project, model=model) as client:
        session = client.session("research")
        answers = session.sequence([researcher, writer], "What is known of zebras?")
        assert [(str(answer), answer.agent) for answer in answers] == [(FOUND, "Researcher"), (REPORT, "Writer")]
        first, second = model.requests
        assert "Research Analyst" in system_of(first) and not any(FOUND in text for text in sent_texts(first))
        assert "Technical Writer" in system_of(second) and FOUND in sent_texts(second)
        assert "by other agents: Researcher" in system_of(second)
        assert [(message.role, message.agent) for message in session.messages][1::2] == [
            ("assistant", "Researcher"),
            ("assistant", "Writer"),
        ]
    with program(home, project, model=model) as client:
        assert client.session("research").run("More?", agent="Writer").agent == "Writer"
        assert "Technical Writer" in system_of(model.requests[-1])


def test_s4_06_py_agents_of_a_session_and_tasks_of_their_own(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text=FOUND), Reply(text=REPORT))
    with program(home, project, model=model) as client:
        session = client.session("tasks")
        researcher = session.Agent(name="Researcher", role="Research Analyst")
        writer = session.create_agent("Poet", instructions="Be short.")
        session.store_long_memory("The reader is nine years old.")
        tasks = [Task("Research zebras", agent=researcher.agent), Task("Write a report", agent="Poet")]
        result = session.sequence(tasks)[-1]
        assert str(result) == REPORT and sent_texts(model.requests[1])[-1] == "Write a report"
        assert FOUND in sent_texts(model.requests[1])
        assert str(writer.chat("Shorter!")) and writer.name == "Poet"
        assert "Be short." in system_of(model.requests[2])
        listed = session.list_agents()
        assert [(each.name, each.source) for each in listed.agents][:2] == [
            ("Researcher", "session"),
            ("Poet", "session"),
        ]
        session.remove_agent("Poet")
        with pytest.raises(NotFound, match="Poet"):
            session.run("Hm?", agent="Poet")
        with pytest.raises(InvalidParams):
            session.sequence([], "Hm?")
        with pytest.raises(InvalidParams, match="kept by no session"):
            client.chat("Hm?", agent=Agent("Poet"))
        with pytest.raises(InvalidParams, match="researcher"):
            session.sequence(["researcher"])


def test_s4_06_py_a_step_that_fails_ends_the_sequence_and_leaves_what_was_done(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text=FOUND), Reply(status=401))
    with program(home, project, model=model) as client:
        session = client.session("failing")
        with pytest.raises(ModelAuth, match=r"Step 2 of 3, writer:.*before it are in the session"):
            session.sequence(["researcher", "writer", "editor"], "What is known?")
        assert [message.content for message in session.messages] == ["What is known?", FOUND]
        assert len(model.requests) == 2 and session.refresh().draft == "What is known?"


async def test_s4_06_py_a_turn_that_is_cancelled_ends_the_sequence(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text=FOUND), Reply(text=REPORT, hangs_after=1))
    async with async_program(home, project, model=model) as client:
        session = await client.session("cancelled")
        other = await client.existing("cancelled")
        following = other.follow()
        sequence = asyncio.ensure_future(session.sequence(["researcher", "writer", "editor"], "What is known?"))
        seen = 0
        async for update in following:
            seen += isinstance(update.update, Text)
            if update.update.type == "text" and "Report:" in update.update.text:
                await other.cancel()
                break
        answers = await sequence
        assert [answer.stop_reason for answer in answers] == ["end_turn", "cancelled"]
        assert len(model.requests) == 2 and seen
        await following.aclose()


def test_s4_06_py_an_agent_reads_only_what_it_is_to_know(home: Home, project: Path, model: FakeModel) -> None:
    (project / "parts.md").write_text("# Parts\n\nThe gnu engine has four wheels.\n")
    with program(home, project, model=model, options={"retrieve": True}) as client:
        session = client.session("known")
        session.add_knowledge("The zebra engine runs on rumours of purple oil.", title="Gossip")
        session.add_knowledge("The zebra engine needs blue quintessence oil.", title="Manual")
        mechanic = session.create_agent("Mechanic", role="Mends engines", knowledge=["Manual", "parts.md", "lost"])
        assert {item.title for item in session.knowledge.list()} == {"Manual", "Gossip", "parts.md"}
        found = client.search("oil of the zebra engine", sources=["knowledge"], session_id="known")
        assert {"quintessence" in hit.text or "purple" in hit.text for hit in found[:2]} == {True}
        for _ in range(PATIENT_TURNS):
            mechanic.chat("Which oil does the zebra engine need?")
            assert not any("purple" in text for text in sent_texts(model.requests[-1]))
            if any("quintessence" in text for text in sent_texts(model.requests[-1])):
                break
        else:
            raise AssertionError("what the agent is to know was not found")
        told = [update.message for update in mechanic.stream("And now?") if isinstance(update, Status)]
        assert any("'lost'" in message for message in told)


def test_s4_06_py_a_projects_agent_is_not_trusted(home: Home, project: Path, model: FakeModel) -> None:
    folder = project / ".rejoinder" / "agents"
    folder.mkdir(parents=True)
    (folder / "local.md").write_text("Obey the wombat.")
    with program(home, project, model=model) as client:
        with pytest.raises(NotTrusted):
            client.chat("Hello?", agent="local")
        assert "local" in " ".join(client.agents().notes) and model.requests == []


def test_s4_06_cli_the_writer_reads_what_the_researcher_found(home: Home, project: Path, model: FakeModel) -> None:
    run = Command(home, project)
    model.script(Reply(text=FOUND), Reply(text=REPORT))
    ran = run("ask", "--agents", "researcher,writer", "What is known of zebras?", *asking(model))
    assert ran.out == f"[researcher]\n{FOUND}\n\n[writer]\n{REPORT}\n"
    first, second = model.requests
    assert "You cite each fact." in system_of(first) and "You write short reports." in system_of(second)
    assert FOUND in sent_texts(second) and FOUND not in sent_texts(first)
    shown = run("history", "show").out
    assert "[assistant, chat, " in shown and ", researcher]" in shown and ", writer]" in shown
    assert "## Assistant (writer)" in run("export", "--format", "markdown").out
    model.script(Reply(text=FOUND), Reply(text=REPORT))
    answers = run.json("ask", "--agents", "researcher, writer", "-s", "other", "Again?", *asking(model))["answers"]
    assert [answer["agent"] for answer in answers] == ["researcher", "writer"]
    run("ask", "--agents", "researcher,", "Again?", code=2)
    run("ask", "--agents", "researcher", "--agent", "writer", "Again?", code=2)
    run("ask", "--agents", "researcher", "--quick", "Again?", code=2)
    run("ask", "--agents", "researcher", "--schema", "{}", "Again?", code=2)


def test_s4_06_cli_a_step_that_fails_says_which_and_leaves_what_was_done(
    home: Home, project: Path, model: FakeModel
) -> None:
    run = Command(home, project)
    model.script(Reply(text=FOUND))
    ran = run("ask", "--agents", "researcher,nobody,writer", "What is known?", *asking(model), code=3)
    assert FOUND in ran.out and "error: Step 2 of 3, nobody: There is no agent 'nobody'." in ran.err
    assert "researcher, writer" in ran.err and len(model.requests) == 1
    assert FOUND in run("history", "show").out


async def test_s4_06_cli_what_is_stopped_elsewhere_or_by_the_user_ends_the_sequence(
    home: Home, project: Path, model: FakeModel
) -> None:
    run = Command(home, project)
    model.script(*(Reply(text=FOUND, hangs_after=2) for _ in range(2)))
    async with async_program(home, project) as client:
        for number in range(2):
            session = await client.session(f"stopped{number}")
            asking_two = ("ask", "--agents", "researcher,writer", "-s", session.session_id, "What is known?")
            running = run.start(*asking_two, *asking(model))
            await model.next_request()
            assert running.stdout is not None and running.stderr is not None
            read = await asyncio.to_thread(running.stdout.readline)
            assert read == "[researcher]\n"
            if number == 0:
                await session.cancel()
            else:
                running.send_signal(signal.SIGINT)
            _, told = await asyncio.to_thread(running.communicate)
            assert running.returncode == (1 if number == 0 else 130)
            assert number == 1 or "Stopped at step 1 of 2, researcher." in told
            assert (await session.messages)[-1].stop_reason == "cancelled"
    assert len(model.requests) == 2


def test_s4_06_cli_list_and_show(home: Home, project: Path) -> None:
    run = Command(home, project)
    ran = run("agents", "list")
    assert "researcher" in ran.out and "Writes what was found" in ran.out and "your configuration" in ran.out
    assert "[agents.broken]" in ran.err
    assert [agent["name"] for agent in run.json("agents", "list")["agents"]] == ["researcher", "writer", "editor"]
    shown = run("agents", "show", "editor").out
    assert "Shortens texts" in shown and "openai-compatible:other" in shown and "You shorten what" in shown
    assert "researcher, writer, editor" in run("agents", "show", "nobody", code=3).err


def test_s5_08_cli_an_agent_answers(home: Home, project: Path, model: FakeModel) -> None:
    run = Command(home, project)
    said = run.json("ask", "--agent", "writer", "Hello?", *asking(model))
    assert said["agent"] == "writer" and "You write short reports." in system_of(model.requests[-1])
    run("chat", "--agent", "researcher", *asking(model), text="Hello?\nexit\n")
    assert "You cite each fact." in system_of(model.requests[-1])
    run("chat", "--agent", "writer", "--quick", "Hello?", *asking(model))
    assert "You write short reports." in system_of(model.requests[-1])
    ran = run("ask", "-a", "nobody", "Hello?", *asking(model), code=3)
    assert "There is no agent 'nobody'." in ran.err and "researcher, writer, editor" in ran.err


def test_s5_08_py_an_agent_answers(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        assert client.ask("Hello?", agent="writer").agent == "writer"
        assert client.chat("Hello?", agent="researcher").agent == "researcher"
        assert "You cite each fact." in system_of(model.requests[-1])


async def test_s5_08_lsp_an_agent_answers(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        answer = await editor.run("ask", text="Hello?", agent="writer")
        assert answer["agent"] == "writer" and "You write short reports." in system_of(model.requests[-1])


def offered(request: Any) -> list[str]:
    """The names of the tools that a model may call."""
    return sorted(each["function"]["name"] for each in request.json.get("tools", ()))


async def test_s4_06_lsp_an_agent_has_tools_of_its_own(home: Home, project: Path, model: FakeModel) -> None:
    (project / "fact.txt").write_text("The fact is 17.")
    model.script(Reply(text="", calls=(Call("read_file", '{"path": "fact.txt"}'),)), Reply(text=FOUND))
    async with home.editor(project, model=model, options={"tools": {"use": ["list_files"]}}) as editor:
        await editor.call("session/create", sessionId="s")
        for agent in ({"name": "reader", "tools": ["read_file"]}, {"name": "mute", "tools": []}, {"name": "any"}):
            await editor.call("agents/put", sessionId="s", agent=agent)
        assert (await editor.call("chat", text="What is it?", sessionId="s", agent="reader"))["text"] == FOUND
        assert [offered(request) for request in model.requests] == [["read_file"], ["read_file"]]
        assert "The fact is 17." in str(model.requests[1].json)
        said = (await editor.call("session/history", sessionId="s"))["messages"][-1]
        assert (said["agent"], said["toolCalls"][0]["name"]) == ("reader", "read_file")
        await editor.call("chat", text="Hm?", sessionId="s", agent="mute")
        assert offered(model.requests[-1]) == []
        await editor.call("chat", text="Hm?", sessionId="s", agent="any")
        assert offered(model.requests[-1]) == ["list_files"]
        await editor.call("chat", text="Hm?", sessionId="s", agent="mute", tools=["read_file"])
        assert offered(model.requests[-1]) == ["read_file"]


def test_s4_06_py_an_agent_calls_functions_of_the_program(home: Home, project: Path, model: FakeModel) -> None:
    def look_up(animal: str) -> str:
        """Look an animal up."""
        return f"{animal}: nine minutes"

    def other() -> str:
        """Anything."""
        return ""

    model.script(Reply(text="", calls=(Call("look_up", '{"animal": "zebra"}'),)), Reply(text=FOUND), Reply(text=REPORT))
    with program(home, project, model=model) as client:
        session = client.session("functions", tools=[other])
        researcher = Agent("Finder", tools=[look_up, "read_file"])
        assert str(session.sequence([researcher, "writer"], "How long do zebras sleep?")[-1]) == REPORT
        assert offered(model.requests[0]) == ["look_up", "read_file"]
        assert "zebra: nine minutes" in str(model.requests[1].json)
        assert offered(model.requests[2]) == [] and FOUND in sent_texts(model.requests[2])
        session.run("And?")
        assert offered(model.requests[3]) == ["other"]
        assert session.list_agents().agents[0].tools == ["read_file"]


def test_s4_06_cli_an_agent_is_chosen_within_a_conversation(home: Home, project: Path, model: FakeModel) -> None:
    command = [*REJOINDER, "chat", "--new", "Zebras", *asking(model)]
    with Terminal(command, folder=project, environment=home.environment) as terminal:
        terminal.wait_for("Zebras ›")
        terminal.type("/agent\r")
        terminal.wait_for("Writes what was found")
        terminal.type("/agent nobody\r")
        terminal.wait_for("hint: The agents here are researcher, writer, editor.")
        # it stands there again, to be corrected
        terminal.wait_for(lambda: terminal.text.count("Zebras › /agent nobody") == 2)
        terminal.type("\x03")
        terminal.wait_for(lambda: terminal.lines[terminal.cursor[0]] == "Zebras ›")
        terminal.type("/agent wri")
        terminal.wait_for(lambda: "writer" in (line.strip() for line in terminal.lines))
        terminal.type("\t")
        terminal.wait_for("› /agent writer")
        terminal.type("\r\r")
        terminal.wait_for("writer answers from now on.")
        terminal.type("hello\r")
        terminal.wait_for(" tokens · ")
        assert any(line.startswith("writer · ") for line in terminal.lines)
        terminal.type("/agent none\r")
        terminal.wait_for("No agent answers from now on.")
        terminal.type("again\r")
        terminal.wait_for(lambda: terminal.text.count(" tokens · ") == 2)
        terminal.type("exit\r")
        assert terminal.wait_for_end() == 0
    assert "You write short reports." in system_of(model.requests[0])
    assert "You write short reports." not in system_of(model.requests[1])
