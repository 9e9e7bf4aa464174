"""State: JSON values and dates that a program keeps with a session, until it clears them."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from e2e.command import Command
from e2e.kit import Home
from e2e.python_kit import program
from rejoinder_client import RejoinderError, Session

VALUES: dict[str, Any] = {
    "text": "Grüße ☕",
    "number": -1.5,
    "large": 2**63,
    "nothing": None,
    "yes": True,
    "list": [1, [2, {"three": 3}]],
    "mapping": {"a": {"b": []}},
    "$date": "not a date",
}
WHENS: dict[str, Any] = {
    "day": date(2024, 5, 6),
    "moment": datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
    "elsewhere": datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    "clock": datetime(2024, 5, 6, 7, 8, 9),
    "within": [{"due": date(2024, 2, 29)}],
    "alike": {"$date": "2024-05-06"},
}


async def test_s4_01_lsp_state_is_saved_restored_got_set_and_cleared(fresh_home: Home, project: Path) -> None:
    async with fresh_home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        assert (await editor.call("session/state/get", sessionId="s"))["state"] == {}
        saved = await editor.call("session/state/set", sessionId="s", state=VALUES, replace=True)
        assert saved["state"] == VALUES
        merged = await editor.run("session/state/set", sessionId="s", state={"number": 3, "yes": 1})
        assert merged["state"]["number"] == 3 and merged["state"]["yes"] is not True
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        expected = {**VALUES, "number": 3, "yes": 1}
        assert (await editor.call("session/state/get", sessionId="s"))["state"] == expected
        assert (await editor.call("session/state/get", sessionId="s", key="list"))["state"] == {"list": VALUES["list"]}
        assert (await editor.call("session/state/get", sessionId="s", key="none"))["state"] == {}
        del expected["text"]
        assert (await editor.call("session/state/clear", sessionId="s", key="text"))["state"] == expected
        assert (await editor.call("session/state/clear", sessionId="s"))["state"] == {}


async def test_s4_01_lsp_what_cannot_be_state_is_refused_and_nothing_is_lost(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        await editor.call("session/state/set", sessionId="s", state={"kept": 1})
        for state in ({"a": 2, "$users": {"bob": {}}}, [1], "x"):
            error = await editor.refused("session/state/set", sessionId="s", state=state)
            assert error["code"] == -32602
        assert (await editor.refused("session/state/set", sessionId="none", state={}))["code"] == -31001
        assert (await editor.call("session/state/get", sessionId="s"))["state"] == {"kept": 1}


def test_s4_01_py_state_and_dates_come_back_as_they_were(fresh_home: Home, project: Path) -> None:
    with program(fresh_home, project) as client:
        session = client.session("s")
        session.save_state({**VALUES, **WHENS})
        session.set_state("number", session.get_state("number", 0) + 10)
        assert session.get_state("none", "default") == "default" and session.get_state("nothing", 5) is None
    fresh_home.kill()
    with program(fresh_home, project) as client:
        session = client.session("s")
        state = session.restore_state()
        assert state == {**VALUES, **WHENS, "number": 8.5}
        assert [type(state[key]) for key in ("day", "clock", "within")] == [date, datetime, list]
        assert state["elsewhere"].utcoffset() == timedelta(hours=5, minutes=30) and state["clock"].tzinfo is None
        session.update_state({"list": [], "new": 1})
        session.clear_state("text")
        assert session.state == {key: value for key, value in state.items() if key != "text"} | {"list": [], "new": 1}
        session.clear_state()
        assert session.state == {}


async def test_s4_01_py_dates_are_rfc_3339_on_the_wire(home: Home, project: Path) -> None:
    with program(home, project) as client:
        client.session("s").save_state({"day": date(2024, 5, 6), "moment": WHENS["moment"], "clock": WHENS["clock"]})
    async with home.editor(project) as editor:
        state = (await editor.call("session/state/get", sessionId="s"))["state"]
    assert state["day"] == {"$date": "2024-05-06"}
    assert state["moment"] == {"$date": "2024-05-06T07:08:09.123456+00:00"}
    assert datetime.fromisoformat(state["clock"]["$date"]).tzinfo is not None and state["clock"]["$naive"] is True


def test_s4_01_py_what_json_cannot_hold_is_named_and_nothing_is_lost(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s")
        session.save_state({"kept": 1})
        for value in ({1}, object(), float("nan"), 2**64, {1: 2}, b"x", "\udc00"):
            with pytest.raises(RejoinderError, match=r"state\['a'\]") as caught:
                session.save_state({"b": 2, "a": [value]})
            assert caught.value.hint
        assert session.state == {"kept": 1}


def test_s4_01_py_a_secret_in_the_state_is_masked(fresh_home: Home, project: Path) -> None:
    secret = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
    with program(fresh_home, project) as client:
        client.session("s").set_state("key", [secret])
        assert secret not in str(client.session("s").state)
    assert secret.encode() not in fresh_home.everything_written()


def test_s4_01_py_a_session_of_its_own_finds_its_state_again(tmp_path: Path, home: Home, project: Path) -> None:
    with program(home, project) as client, Session("project_alpha", client=client) as session:
        session.save_state({"progress": 75, "phase": "testing"})
    with program(home, project) as client:
        assert Session("project_alpha", client=client).restore_state()["progress"] == 75


def test_s4_01_cli_state_is_set_shown_got_and_cleared(home: Home, project: Path) -> None:
    rejoinder = Command(home, project)
    rejoinder("session", "create", "Game", "--id", "game")
    rejoinder("state", "set", "score", "10")
    rejoinder("state", "set", "player", "Zoë", "--text", "--session", "game")
    rejoinder("state", "set", "due", "2024-05-06T07:08:09Z", "--date")
    assert rejoinder("state", "get", "score").out == "10\n"
    shown = rejoinder("state", "show", "--session", "Game").out
    assert "player" in shown and "Zoë" in shown and "2024-05-06T07:08:09+00:00" in shown
    assert rejoinder.json("state", "show")["state"]["due"] == {"$date": "2024-05-06T07:08:09+00:00"}
    with program(home, project) as client:
        assert client.session("game").get_state("due") == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert "due" in rejoinder("state", "clear", "due").out
    assert rejoinder("state", "get", "due", code=3).err.startswith("error: There is no 'due'.")
    assert rejoinder("state", "get", "due", "--default", '"never"').out == '"never"\n'
    assert "--yes" in rejoinder("state", "clear", code=2).err
    rejoinder("state", "clear", "--yes")
    assert rejoinder("state", "show").out == "There is no state.\n"


def test_s4_01_cli_what_is_no_json_is_refused(home: Home, project: Path) -> None:
    rejoinder = Command(home, project)
    rejoinder("session", "create", "Game")
    for arguments in (("a", "dark"), ("a", "NaN"), ("a", "soon", "--date")):
        assert "hint: " in rejoinder("state", "set", *arguments, code=2).err
    assert rejoinder("state", "set", "a", "1", "--session", "nothing-like-it", code=3).err
    assert rejoinder("state", "show").out == "There is no state.\n"
