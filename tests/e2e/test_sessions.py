"""Sessions over the pipe: IDs and references, lists and pages, branches, the trash, export and import."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Home, messages
from fake_model import FakeModel, Reply

BAD_IDS = ["", "../up", "a/b", "nul\0", "ü", "a b", "x" * 129, "x" * 10_240]


@pytest.mark.parametrize("bad", BAD_IDS, ids=lambda bad: f"{bad[:6]!r}-{len(bad)}")
async def test_what_is_no_id_is_refused_everywhere(home: Home, project: Path, bad: str) -> None:
    async with home.editor(project) as editor:
        for method, params in [
            ("chat", {"text": "x"}),
            ("ask", {"text": "x"}),
            ("preview", {"of": "chat", "text": "x"}),
            ("session/create", {}),
            ("session/get", {}),
            ("session/open", {}),
            ("session/use", {}),
            ("session/update", {"name": "x"}),
            ("session/history", {}),
            ("session/add", {"messages": messages("x")}),
            ("session/clear", {}),
            ("session/fork", {}),
            ("session/rollback", {"messageId": "x"}),
            ("session/delete", {}),
            ("session/restore", {}),
            ("session/export", {"format": "json", "sessionIds": [bad]}),
            ("session/state/get", {}),
            ("session/state/set", {"state": {}}),
            ("session/state/clear", {}),
        ]:
            error = await editor.refused(method, **{"sessionId": bad, **params})
            assert (method, error["code"]) == (method, -32602)
        assert (await editor.refused("chat", text="x", turnId=bad or "/"))["code"] == -32602
        assert (await editor.call("session/list"))["sessions"] == []


async def test_only_chat_and_ask_make_the_session_that_they_name(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        for method, params in [
            ("session/get", {}),
            ("session/open", {}),
            ("session/close", {}),
            ("session/use", {}),
            ("session/update", {"name": "x"}),
            ("session/history", {}),
            ("session/add", {"messages": messages("x")}),
            ("session/clear", {}),
            ("session/fork", {}),
            ("session/rollback", {"messageId": "x"}),
            ("session/delete", {}),
            ("session/delete", {"permanent": True}),
            ("session/restore", {}),
            ("session/export", {"format": "json", "sessionIds": ["nobody"]}),
            ("session/state/get", {}),
            ("session/state/set", {"state": {}}),
            ("session/state/clear", {}),
        ]:
            error = await editor.refused(method, **{"sessionId": "nobody", **params})
            assert (method, error["code"]) == (method, -31001)
        for method in ("chat", "ask"):
            answer = await editor.call(method, text="x", sessionId=f"Made_by.{method}:@-1")
            assert answer["sessionId"] == f"Made_by.{method}:@-1"


async def test_s5_03_lsp_a_reference_is_an_id_then_a_name_then_a_prefix(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        for session_id, name in [("alpha-1", "plans"), ("alpha-2", "plans"), ("plan", "beta-9"), ("beta-9", "gamma")]:
            await editor.call("session/create", sessionId=session_id, name=name)

        async def found(ref: str) -> Any:
            return (await editor.call("session/open", ref=ref))["session"]["sessionId"]

        assert [await found(ref) for ref in ("beta-9", "gamma", "alpha-2", "plan", "beta")] == [
            *("beta-9", "beta-9", "alpha-2", "plan", "beta-9")
        ]
        for ref in ("plans", "alph"):
            error = await editor.refused("session/open", ref=ref)
            assert error["code"] == -31002
            assert sorted(candidate["sessionId"] for candidate in error["data"]["candidates"]) == ["alpha-1", "alpha-2"]
        for ref in ("bet", "nothing", ""):
            assert (await editor.refused("session/open", ref=ref))["code"] == -31001


async def test_history_comes_in_pages_oldest_first(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        texts = [str(number) for number in range(25)]
        await editor.call("session/create", sessionId="s", messages=messages(*texts))
        read: list[str] = []
        cursor: dict[str, str] = {}
        sizes = []
        while True:
            page = await editor.call("session/history", sessionId="s", limit=10, **cursor)
            sizes.append(len(page["messages"]))
            read = [message["content"] for message in page["messages"]] + read
            if "nextCursor" not in page:
                break
            cursor = {"before": page["nextCursor"]}
        assert (read, sizes) == (texts, [10, 10, 5])
        assert (await editor.refused("session/history", sessionId="s", before="nothing"))["code"] == -31018


async def test_lists_come_in_pages_newest_first_with_pinned_ones_before(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        for number in range(5):
            await editor.call("session/create", sessionId=f"s{number}")
        await editor.call("session/update", sessionId="s1", pinned=True)
        await editor.call("session/update", sessionId="s3", archived=True)
        first = await editor.call("session/list", limit=2)
        rest = await editor.call("session/list", limit=9, cursor=first["nextCursor"])
        ids = [session["sessionId"] for session in [*first["sessions"], *rest["sessions"]]]
        assert ids == ["s1", "s4", "s2", "s0"] and "nextCursor" not in rest
        assert [s["sessionId"] for s in (await editor.call("session/list", archived=True))["sessions"]] == ["s3"]
        assert [s["sessionId"] for s in (await editor.call("session/list", query="S2"))["sessions"]] == ["s2"]


async def test_s2_02_lsp_a_session_is_changed_and_its_fields_cleared(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        fields = {"name": "n", "label": "l", "description": "d", "metadata": {"a": [1, None]}, "system": "y"}
        changed = await editor.call("session/update", sessionId="s", **fields, model="m", draft="t")
        assert {**fields, "model": "m", "draft": "t"}.items() <= changed.items()
        cleared = await editor.call("session/update", sessionId="s", label="", system="", model="", draft="")
        assert not {"label", "system", "model", "draft"} & cleared.keys() and cleared["description"] == "d"


async def test_a_title_comes_from_the_first_question_unless_one_was_given(
    home: Home, project: Path, model: FakeModel
) -> None:
    async with home.editor(project, model=model) as editor:
        own = (await editor.call("chat", text="How do pools close?"))["sessionId"]
        assert "pools close" in (await editor.call("session/get", sessionId=own))["name"]
        await editor.call("chat", text="How do pools close?", sessionId="named")
        assert (await editor.call("session/get", sessionId="named"))["name"] == "named"


async def test_s3_05_lsp_a_fork_is_whole_by_itself(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a", "b", "c", "d"))
        second = (await editor.call("session/history", sessionId="s"))["messages"][1]["messageId"]
        fork = await editor.call("session/fork", sessionId="s", messageId=second, newSessionId="f", name="side")
        assert (fork["forkedFrom"], fork["name"], fork["current"], fork["messageCount"]) == (
            *({"sessionId": "s", "messageId": second}, "side", True),
            2,
        )
        await editor.call("session/delete", sessionId="s", permanent=True)
        assert await editor.contents("f") == ["a", "b"]
        assert (await editor.refused("session/fork", sessionId="f", newSessionId="f"))["code"] == -32602


async def test_a_rollback_keeps_what_came_later_as_siblings(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="new"))
    async with home.editor(project, model=model) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("a", "b", "c", "d"))
        page = (await editor.call("session/history", sessionId="s"))["messages"]
        rolled = await editor.call("session/rollback", sessionId="s", messageId=page[1]["messageId"])
        assert rolled["messageCount"] == 2 and await editor.contents("s") == ["a", "b"]
        await editor.call("chat", text="e", sessionId="s")
        after = (await editor.call("session/history", sessionId="s"))["messages"]
        assert [message["content"] for message in after] == ["a", "b", "e", "new"]
        assert after[2]["siblings"] == [page[2]["messageId"], after[2]["messageId"]]
        other = await editor.call("session/rollback", sessionId="s", messageId=page[2]["messageId"], latest=True)
        assert other["head"] == page[3]["messageId"] and await editor.contents("s") == ["a", "b", "c", "d"]
        assert (await editor.refused("session/rollback", sessionId="s", messageId="nothing"))["code"] == -31018


async def test_s2_07_lsp_clear_forgets_for_good_and_keeps_the_system_message(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        said = [{"role": "system", "content": "Be brief."}, *messages("wombats sleep", "yes")]
        await editor.call("session/create", sessionId="s", messages=said)
        await editor.call("session/clear", sessionId="s")
        assert await editor.contents("s") == ["Be brief."]
        await editor.call("session/clear", sessionId="s", keepSystem=False)
        assert await editor.contents("s") == []
    assert b"wombats" not in home.everything_written()


async def test_the_trash_gives_back_and_a_permanent_deletion_does_not(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("quolls hunt"))
        before = await editor.call("session/get", sessionId="s")
        await editor.call("session/delete", sessionId="s")
        assert (await editor.call("session/list"))["sessions"] == []
        await editor.call("session/restore", sessionId="s")
        after = await editor.call("session/get", sessionId="s")
        assert {**after, "current": True, "revision": before["revision"]} == {**before, "current": True}
        assert await editor.contents("s") == ["quolls hunt"]
        await editor.call("session/delete", sessionId="s")
        await editor.call("session/delete", sessionId="s", permanent=True)
        assert (await editor.refused("session/restore", sessionId="s"))["code"] == -31001
    assert b"quolls" not in home.everything_written()


async def test_a_chat_may_have_the_id_of_a_session_in_the_trash(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s", messages=messages("quolls hunt"))
        exported = (await editor.call("session/export", sessionIds=["s"], format="json"))["content"]
        await editor.call("session/delete", sessionId="s")
        await editor.call("chat", text="Who hunts?", sessionId="s", retrieve=False)
        assert "quolls hunt" not in await editor.contents("s")
        (kept,) = (await editor.call("session/list", trashed=True))["sessions"]
        assert (await editor.call("session/restore", sessionId=kept["sessionId"]))["messageCount"] == 1
        assert await editor.contents(kept["sessionId"]) == ["quolls hunt"]
        await editor.call("session/delete", sessionId="s")
        came = await editor.call("session/import", content=exported, format="json")
        assert (came["sessions"], came["skipped"]) == (1, 0)
        assert await editor.contents("s") == ["quolls hunt"]


async def test_state_is_merged_replaced_and_cleared(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        await editor.call("session/state/set", sessionId="s", state={"a": 1, "b": {"c": None}})
        await editor.call("session/state/set", sessionId="s", state={"a": 2})
        assert await editor.call("session/state/get", sessionId="s") == {"state": {"a": 2, "b": {"c": None}}}
        assert await editor.call("session/state/get", sessionId="s", key="a") == {"state": {"a": 2}}
        assert await editor.call("session/state/clear", sessionId="s", key="a") == {"state": {"b": {"c": None}}}
        await editor.call("session/state/set", sessionId="s", state={"d": 1}, replace=True)
        assert await editor.call("session/state/get", sessionId="s") == {"state": {"d": 1}}


async def test_s2_07_lsp_messages_are_added_with_their_times(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        said = [{"role": "user", "content": "a", "createdAt": "2024-05-06T07:08:09+02:00"}]
        added = await editor.call("session/add", sessionId="s", messages=said)
        message = (await editor.call("session/history", sessionId="s"))["messages"][0]
        assert ([message["messageId"]], message["createdAt"]) == (added["messageIds"], "2024-05-06T05:08:09.000Z")
        for wrong in ("yesterday", "2024-05-06", "2024-05-06T07:08:09", "9999-12-31T23:59:59-12:00"):
            said = [{"role": "user", "content": "b", "createdAt": wrong}]
            assert (await editor.refused("session/add", sessionId="s", messages=said))["code"] == -32602
        assert await editor.contents("s") == ["a"]
