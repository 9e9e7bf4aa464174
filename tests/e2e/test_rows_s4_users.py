"""Users of one store: state, memory and messages of one are never another's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from e2e.command import Command, asking
from e2e.kit import Editor, Home, sent_texts
from e2e.python_kit import program, texts
from fake_model import FakeModel, Reply
from rejoinder_client import Client, Message, RejoinderError

RECALLING = {"retrieve": True}


async def test_s4_05_lsp_each_user_has_a_state_of_his_own(fresh_home: Home, project: Path) -> None:
    async def state(editor: Editor, **user: str) -> Any:
        return (await editor.call("session/state/get", sessionId="s", **user))["state"]

    async with fresh_home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        await editor.call("session/state/set", sessionId="s", state={"theme": "dark", "a": 1}, userId="ann")
        await editor.call("session/state/set", sessionId="s", state={"theme": "light"}, userId="bob@example.org")
        assert await state(editor) == {}
        await editor.call("session/state/set", sessionId="s", state={"theme": "plain"})
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        assert await state(editor, userId="ann") == {"theme": "dark", "a": 1}
        await editor.call("session/state/set", sessionId="s", state={}, replace=True)
        await editor.call("session/state/clear", sessionId="s", userId="ann", key="a")
        assert await state(editor, userId="ann") == {"theme": "dark"}
        await editor.call("session/state/clear", sessionId="s", userId="ann")
        assert (await state(editor), await state(editor, userId="ann")) == ({}, {})
        assert await state(editor, userId="bob@example.org") == {"theme": "light"}


async def test_s4_05_lsp_each_user_has_a_memory_of_his_own(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        entry = await editor.call("memory/add", text="The harbour opens at nine.", kind="long", userId="ann")
        assert entry["userId"] == "ann"
        for other in ({"userId": "bob"}, {}):
            assert (await editor.call("memory/list", **other))["entries"] == []
            assert (await editor.call("memory/search", query="harbour", **other))["hits"] == []
            assert (await editor.call("context", query="harbour", **other))["hits"] == []
            for method in ("memory/update", "memory/delete"):
                fields = {"text": "x"} if method == "memory/update" else {}
                error = await editor.refused(method, memoryId=entry["memoryId"], **fields, **other)
                assert error["code"] == -31018
            await editor.call("memory/clear", kind="all", **other)
        (hit,) = (await editor.call("memory/search", query="harbour", userId="ann"))["hits"]
        assert hit["text"] == "The harbour opens at nine."


async def test_s4_05_lsp_a_model_reads_nothing_of_another_user(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options=RECALLING) as editor:
        await editor.call("memory/add", text="Ann likes the blue harbour.", userId="ann")
        await editor.call("chat", text="The harbour of ann is blue.", sessionId="shared", userId="ann")
        await editor.call("chat", text="The harbour of ann is old.", sessionId="own", userId="ann")
        for session_id in ("shared", "elsewhere"):
            await editor.call("chat", text="Which colour has the harbour?", sessionId=session_id, userId="bob")
            assert not any("blue" in text or "old" in text for text in sent_texts(model.requests[-1]))
        await editor.call("ask", text="Which colour has the harbour?", userId="bob")
        assert not any("blue" in text or "old" in text for text in sent_texts(model.requests[-1]))
        mentioned = await editor.call("preview", of="chat", text="#session:own says?", sessionId="x", userId="bob")
        assert "old" not in str(mentioned["messages"])
        await editor.call("chat", text="Which colour has the harbour?", sessionId="shared", userId="ann")
        assert any("The harbour of ann is blue." in text for text in sent_texts(model.requests[-1]))
        shared = await editor.contents("shared", userId="bob")
        assert shared[0] == "Which colour has the harbour?" and len(shared) == 2
        assert len(await editor.contents("shared", userId="ann")) == 4 and len(await editor.contents("shared")) == 6


async def test_s4_05_lsp_a_summary_of_all_does_not_tell_one_of_the_others(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        for user in ("ann", "bob"):
            await editor.call("chat", text=f"The harbour of {user} is closed.", sessionId="s", userId=user)
        model.script(Reply(text="The harbour of ann is closed."))
        await editor.call("session/summarize", sessionId="s")
        long = "word " * 4000
        for text in (long, "And now?"):
            await editor.call("chat", text=text, sessionId="s", userId="bob", settings={"maxTokens": 64})
        assert not any("of ann" in text for text in sent_texts(model.requests[-1]))


async def test_s4_05_lsp_search_finds_what_its_user_said(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        for user in ("ann", "bob"):
            await editor.call("chat", text=f"The harbour of {user}", sessionId="s", userId=user)
        await editor.call("chat", text="The harbour of nobody", sessionId="s")
        for user in ("ann", "bob", None):
            params = {"userId": user} if user else {}
            hits = (await editor.call("search", query="harbour", sources=["message"], **params))["hits"]
            assert [hit["text"] for hit in hits] == [f"The harbour of {user or 'nobody'}"]


async def test_s4_05_lsp_a_turn_of_another_user_is_not_answered_again(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text="for ann"), Reply(text="for bob"))
    async with home.editor(project, model=model) as editor:
        first = await editor.call("chat", text="Hello?", sessionId="s", turnId="t", userId="ann")
        again = await editor.call("chat", text="Hello?", sessionId="s", turnId="t", userId="ann")
        other = await editor.call("chat", text="Hello?", sessionId="s", turnId="t", userId="bob")
        assert (first["text"], again["text"], other["text"]) == ("for ann", "for ann", "for bob")


async def test_s4_05_lsp_a_running_turn_of_another_user_is_not_joined(
    home: Home, project: Path, model: FakeModel
) -> None:
    gate = model.gate()
    model.script(Reply(text="for ann", gate=gate))
    async with home.editor(project, model=model) as editor:
        params = {"text": "Hello?", "sessionId": "s", "turnId": "t"}
        first = editor.send_for("chat", **params, userId="ann")
        await editor.update("started")
        assert (await editor.refused("chat", **params, userId="bob"))["code"] == -32602
        gate.open()
        assert (await editor.result_of(first))["text"] == "for ann"


async def test_s4_05_lsp_each_user_has_a_current_session_of_his_own(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        used = [
            (await editor.call("chat", text="Hello?", **({"userId": user} if user else {})))["sessionId"]
            for user in ("ann", "bob", None, "ann")
        ]
        assert used[0] == used[3] and len(set(used)) == 3
        opened = await editor.call("session/open", userId="bob")
        assert (opened["session"]["sessionId"], opened["session"]["userId"]) == (used[1], "bob")
        listed = (await editor.call("session/list", userId="ann"))["sessions"]
        assert [session["sessionId"] for session in listed] == [used[0]]
        assert len((await editor.call("session/list"))["sessions"]) == 3


@pytest.mark.parametrize("user_id", ["", "a\nb", "u" * 129, "sk-ant-api03-abcdefghijklmnopqrstuvwxyz01"])
async def test_s4_05_lsp_what_cannot_name_a_user_is_refused(home: Home, project: Path, user_id: str) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        for method, params in (
            ("session/state/get", {"sessionId": "s"}),
            ("session/create", {"sessionId": "t"}),
            ("memory/list", {}),
            ("chat", {"text": "Hello?", "sessionId": "s"}),
        ):
            assert (await editor.refused(method, **params, userId=user_id))["code"] == -32602


def test_s4_05_py_user_id_separates_state_memory_and_messages(home: Home, project: Path, model: FakeModel) -> None:
    with program(home, project, model=model) as client:
        ann, bob = (client.session("app_main", user_id=user) for user in ("ann", "bob"))
        nobody = client.session("app_main")
        assert (ann.user_id, nobody.user_id) == ("ann", None)
        ann.set_state("theme", "dark")
        ann.store_long_memory("Ann likes technical explanations.", quality_score=0.8)
        ann.add(Message.user("Ann was here."))
        ann.run("Who was here?")
        assert "Ann was here." in "".join(sent_texts(model.requests[-1]))
        assert len(ann.messages) == 3 and ann.get_state("theme") == "dark"
        assert [hit.text for hit in ann.search_memory("explanations")] == ["Ann likes technical explanations."]
        for other in (bob, nobody):
            assert other.get_state("theme") is None and other.search_memory("explanations") == []
            assert "technical" not in other.get_memory_context("explanations")
            other.run("Who was here?")
            assert "Ann was here." not in "".join(sent_texts(model.requests[-1]))
        assert texts(bob.messages) == ["Who was here?", bob.messages[-1].content]
        assert bob.fork("copy").user_id == "bob"


def test_s4_05_cli_a_user_has_a_state_and_a_session_of_his_own(home: Home, project: Path, model: FakeModel) -> None:
    rejoinder = Command(home, project)
    rejoinder("session", "create", "Shared", "--id", "shared")
    rejoinder("state", "set", "theme", "dark", "--text", "--user", "ann", "--session", "shared")
    assert rejoinder("state", "get", "theme", "--user", "ann", "--session", "shared").out == '"dark"\n'
    assert rejoinder("state", "get", "theme", "--user", "bob", "--session", "shared", code=3)
    rejoinder("ask", "Hello?", "--user", "ann", *asking(model))
    (own,) = rejoinder.json("session", "list", "--user", "ann")["sessions"]
    assert own["userId"] == "ann" and len(rejoinder.sessions()) == 2


class Act(NamedTuple):
    """Somebody writes something somewhere."""

    what: str
    user: str
    project: int
    number: int

    @property
    def mark(self) -> str:
        """What tells whose it is."""
        return f"{self.user}-of-{self.project}"


ACTS = st.builds(
    Act,
    what=st.sampled_from(["state", "long", "short", "message", "forget"]),
    user=st.sampled_from(["default", "ann", "bob"]),
    project=st.integers(0, 1),
    number=st.integers(0, 5),
)


@pytest.fixture(scope="module")
def two_projects(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Client]]:
    """Programs with a project each, over one store."""
    folders = [tmp_path_factory.mktemp("project") for _ in range(2)]
    with program(home, folders[0]) as first, program(home, folders[1]) as second:
        yield [first, second]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=3, max_size=10))
def test_s4_05_py_no_row_of_one_user_or_project_is_ever_returned_to_another(
    two_projects: list[Client], acts: list[Act]
) -> None:
    for act in acts:
        session = two_projects[act.project].session("shared", user_id=act.user)
        text = f"{act.mark} saw harbour {act.number}"
        if act.what == "state":
            session.set_state(f"key{act.number}", text)
        elif act.what == "message":
            session.add(Message.user(text))
        elif act.what == "forget":
            session.clear_memory("short")
            session.clear_state(f"key{act.number}")
        else:
            (session.store_long_memory if act.what == "long" else session.store_short_memory)(text)
    for index, client in enumerate(two_projects):
        for user in ("default", "ann", "bob"):
            found = everything_of(client, user)
            assert all(text.startswith(f"{user}-of-{index}") for text in found), found
    last = acts[-1]
    if last.what != "forget":
        assert f"{last.mark} saw harbour {last.number}" in everything_of(two_projects[last.project], last.user)


def everything_of(client: Client, user: str) -> list[str]:
    """What a user is told, in every way there is."""
    session = client.session("shared", user_id=user)
    found = [str(value) for value in session.state.values()]
    found += [entry.text for entry in client.memory.list(user_id=user)]
    found += [hit.text for hit in session.search_memory("harbour", limit=50)]
    found += texts(session.messages)
    hits = [hit for hit in client.search("harbour", user_id=user, limit=200) if hit.source != "code"]
    found += [hit.text for hit in hits]
    prompt = session.preview("What of the harbour?", retrieve=True)
    return found + [message.origin.text for message in prompt.messages if message.origin is not None]


def test_s4_05_py_a_bad_user_id_is_an_error_with_a_hint(home: Home, project: Path) -> None:
    with program(home, project) as client, pytest.raises(RejoinderError) as caught:
        client.session("s", user_id="two\nlines").set_state("a", 1)
    assert caught.value.hint
