"""Functions of a program over a restart of the engine: they are there again with the program, and missed clearly."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home
from e2e.python_kit import async_program
from fake_model import Call, FakeModel, Reply
from rejoinder_client import Approval, End, tool
from rejoinder_client.errors import ConnectionLost, ModelNotConfigured

ORDERS = Reply(text="", calls=(Call("orders", "{}", "call_2"),))
CANCEL = Reply(text="I cancel it.", calls=(Call("cancel_order", '{"order_id": "7"}'),))


async def left_waiting(home: Home, project: Path, model: FakeModel, cancelled: list[str]) -> None:
    """Have a program's turn wait for a decision about its function, and the engine end."""
    async with async_program(home, project, model=model) as client, home.editor(project) as editor:
        await editor.call("session/create", sessionId="s")
        await editor.call("session/open", sessionId="s")
        model.script(CANCEL)
        session = await client.session("s", tools=functions(cancelled), on_approval="wait")
        turn = asyncio.create_task(session.run("Cancel order 7.", turn_id="t1"))
        await editor.update("approval")
        home.kill()
        with pytest.raises(ConnectionLost):
            await turn


def functions(cancelled: list[str]) -> list[Callable[..., Any]]:
    """What the program offers: one function that asks, one that does not."""

    @tool(asks=True)
    def cancel_order(order_id: str) -> str:
        """Cancel an order."""
        cancelled.append(order_id)
        return "it is cancelled"

    def orders() -> list[str]:
        """All orders."""
        return ["8", "9"]

    return [cancel_order, orders]


async def decide(editor: Editor, verdict: str) -> object:
    return await editor.call("tool/respond", turnId="t1", callId="call_1", decision=verdict)


async def test_a_turn_waits_for_its_program_and_says_so(fresh_home: Home, project: Path, model: FakeModel) -> None:
    cancelled: list[str] = []
    await left_waiting(fresh_home, project, model, cancelled)
    async with fresh_home.editor(project, model=model) as editor:
        running = (await editor.call("session/open", sessionId="s"))["running"]
        assert [each["update"]["type"] for each in running["updates"]][-1] == "approval"
        error = await editor.refused("tool/respond", turnId="t1", callId="call_1", decision="allow")
        assert error["code"] == -31018 and "no connected program with the function 'cancel_order'" in error["message"]
        assert "once more" in error["data"]["hint"]
        assert (await editor.call("session/open", sessionId="s"))["running"]["turnId"] == "t1"
        async with async_program(fresh_home, project, model=model) as client:
            # all that a program does to have its functions back: it opens its session as it always does
            session = await client.session("s", tools=functions(cancelled))
            model.script(ORDERS, Reply(text="Two are left."))
            await decide(editor, "allow")
            assert (await editor.update("end"))["update"]["stopReason"] == "end_turn"
            offered = [each["function"]["name"] for each in model.requests[-1].json["tools"]]
            assert offered == ["cancel_order", "orders"]
            calls = (await session.messages)[-1].tool_calls or []
            assert [(call.status, call.output) for call in calls] == [
                ("done", "it is cancelled"),
                ("done", '["8","9"]'),
            ]
            assert cancelled == ["7"]


async def test_the_program_itself_may_decide_when_it_is_back(fresh_home: Home, project: Path, model: FakeModel) -> None:
    cancelled: list[str] = []
    await left_waiting(fresh_home, project, model, cancelled)
    model.script(ORDERS, Reply(text="Two are left."))
    async with async_program(fresh_home, project, model=model) as client, async_program(fresh_home, project) as other:
        # where no model is set nobody could go on
        with pytest.raises(ModelNotConfigured):
            await (await other.existing("s")).respond("t1", "call_1", True)
        session = await client.existing("s")
        session.tools = functions(cancelled)
        async with contextlib.aclosing(session.follow()) as followed:
            while not isinstance((await anext(followed)).update, Approval):
                pass
            await session.respond("t1", "call_1", True)
            while not isinstance((await anext(followed)).update, End):
                pass
        assert cancelled == ["7"] and (await session.messages)[-1].content.endswith("Two are left.")
