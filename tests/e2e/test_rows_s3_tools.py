"""Functions of a program that a model calls inside a session, over a real engine."""

import enum
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from e2e.kit import Home, home_in
from e2e.python_kit import async_program, program
from fake_model import Call, FakeModel, Reply
from rejoinder_client import (
    Approval,
    ApprovalRequest,
    Client,
    Decision,
    StoredMessage,
    ToolCallStarted,
    ToolUpdate,
    default_tools,
    tool,
)
from rejoinder_client.errors import InvalidParams, NotFound


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home_in(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture
def client(home: Home, model: FakeModel, tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "calc.py").write_text("def add(a, b):\n    return a + b\n")
    with program(home, tmp_path, model=model) as made:
        yield made


def calling(name: str, args: str = "{}") -> Reply:
    return Reply(text="", calls=(Call(name, args),))


def call_of(messages: list[StoredMessage]) -> tuple[str, str, str | None]:
    """Name, status and output of the only call of the last answer."""
    assert messages[-1].tool_calls is not None
    (call,) = messages[-1].tool_calls
    return call.name, call.status, call.output


def get_user_orders(user_id: str, state: Literal["open", "all"] = "all") -> list[dict[str, str]]:
    """Get orders for a user.

    Args:
        user_id: as in `user-123`
    """
    return [{"id": "1", "item": f"Laptop of {user_id}, {state}"}]


def test_s3_08_py_a_function_is_called_with_its_types_and_the_result_is_in_history(
    client: Client, model: FakeModel
) -> None:
    model.script(calling("get_user_orders", '{"user_id": "user-123"}'), Reply(text="A laptop."), Reply(text="Soon."))
    session = client.session(system="You are a customer service assistant.", tools=[get_user_orders])
    assert str(session.run("What are my recent orders?")) == "A laptop."
    (offered,) = model.requests[0].json["tools"]
    assert offered["function"]["name"] == "get_user_orders"
    assert offered["function"]["description"] == "Get orders for a user."
    properties = offered["function"]["parameters"]["properties"]
    assert properties["user_id"] == {"type": "string", "description": "as in `user-123`"}
    assert properties["state"]["enum"] == ["open", "all"]
    output = '[{"id":"1","item":"Laptop of user-123, all"}]'
    assert output in str(model.requests[1].json["messages"][-1])
    assert call_of(session.messages) == ("get_user_orders", "done", output)
    assert [message.role for message in session.messages] == ["user", "assistant"]
    session.run("When will order 1 arrive?")
    assert output in str(model.requests[2].json["messages"])


async def test_s3_08_py_functions_of_a_program_with_an_event_loop(home: Home, model: FakeModel, tmp_path: Path) -> None:
    class Colour(enum.Enum):
        RED = "red"

    @tool(name="paint", description="Paint it.", asks=True)
    async def paint_it(colour: Colour, coats: int = 1) -> None:
        assert colour is Colour.RED and coats == 2

    async def decide(request: ApprovalRequest) -> bool:
        return request.name == "paint"

    model.script(calling("paint", '{"colour": "red", "coats": "2"}'), calling("paint", '{"colour": "red", "coats": 2}'))
    async with async_program(home, tmp_path, model=model) as client:
        session = await client.session(user_id="ada", tools=[paint_it], on_approval=decide)
        answer = await session.run("Paint it red.")
        first, second = (await session.messages)[-1].tool_calls or []
        assert "coats" in (first.output or "") and first.status == "failed"
        assert (second.status, second.output) == ("done", "done")
        assert answer.stop_reason == "end_turn"


def test_s3_08_py_what_changes_something_asks_first(client: Client, model: FakeModel) -> None:
    cancelled: list[str] = []

    @tool(asks=True)
    def cancel_order(order_id: str) -> str:
        """Cancel an order."""
        cancelled.append(order_id)
        return "cancelled"

    asked: list[ApprovalRequest] = []

    def decide(request: ApprovalRequest) -> Decision | bool | str:
        asked.append(request)
        return decisions.pop(0)

    session = client.session(tools=[cancel_order], on_approval=decide)
    call = calling("cancel_order", '{"order_id": "7"}')
    decisions: list[Decision | bool | str] = ["Not the seventh.", True, Decision(allow=True, args={"order_id": "8"})]
    for outcome in ("denied", "done", "done"):
        model.script(call, Reply(text="So be it."))
        session.run("Cancel order 7.")
        assert call_of(session.messages)[1] == outcome
    assert cancelled == ["7", "8"]
    assert [(request.name, request.args) for request in asked] == [("cancel_order", {"order_id": "7"})] * 3
    assert "Not the seventh." in str(model.requests[1].json["messages"][-1])
    decisions[:] = [Decision(allow=True, for_session=True)]
    for _ in range(2):
        model.script(call, Reply(text="So be it."))
        session.run("Cancel order 7.")
    assert len(asked) == 4 and cancelled == ["7", "8", "7", "7"]


def test_s3_08_py_with_nobody_to_ask_it_is_a_no(client: Client, model: FakeModel) -> None:
    @tool(asks=True)
    def launch() -> None:
        raise AssertionError("it was launched")

    model.script(calling("launch"), Reply(text="I may not."))
    session = client.session(tools=[launch])
    session.run("Launch!")
    name, status, output = call_of(session.messages)
    assert (name, status) == ("launch", "denied") and "on_approval" in str(output)


def test_s3_08_py_a_decision_that_fails_is_a_no(client: Client, model: FakeModel) -> None:
    def decide(request: ApprovalRequest) -> bool:
        raise OSError("no display")

    model.script(calling("launch"), Reply(text="I may not."))
    session = client.session(tools=[tool(asks=True)(lambda_named("launch"))], on_approval=decide)
    session.run("Launch!")
    assert call_of(session.messages)[1:] == ("denied", "The program could not decide: OSError.")


def lambda_named(name: str):  # type: ignore[no-untyped-def]
    def function() -> str:
        raise AssertionError("it was called")

    function.__name__ = name
    return function


def test_s3_08_py_a_program_sees_calls_in_the_stream_and_decides_itself(client: Client, model: FakeModel) -> None:
    @tool(asks=True)
    def launch(height: int) -> str:
        return f"{height} m"

    model.script(calling("launch", '{"height": 3}'), Reply(text="Up it went."))
    session = client.session()
    seen: list[object] = []
    turn_id = "launching"
    for update in session.stream("Launch!", tools=[launch], on_approval="wait", turn_id=turn_id):
        seen.append(update)
        if isinstance(update, Approval):
            session.respond(turn_id, update.call_id, True)
            with pytest.raises(NotFound):
                session.respond(turn_id, update.call_id, "Not twice.")
    (started,) = (each for each in seen if isinstance(each, ToolCallStarted))
    assert (started.name, started.args, started.needs_approval) == ("launch", {"height": 3}, True)
    assert ("done", "3 m") in [(each.status, each.output) for each in seen if isinstance(each, ToolUpdate)]


def test_s3_08_py_a_function_that_raises_is_told_of(client: Client, model: FakeModel) -> None:
    def divide(a: int, b: int) -> float:
        return a / b

    def leave() -> None:
        sys.exit("enough")

    def wrong() -> int:
        return next(iter(()))

    for name, args, problem in (
        ("divide", '{"a": 1, "b": 0}', "ZeroDivisionError: division by zero"),
        ("divide", '{"a": "one", "b": 2}', "'one' is not of type 'integer'"),
        ("leave", "{}", "SystemExit: enough"),
        ("wrong", "{}", "StopIteration"),
        ("nowhere", "{}", "There is no tool 'nowhere'"),
    ):
        model.script(calling(name, args), Reply(text="I see."))
        session = client.session(tools=[divide, leave, wrong])
        assert str(session.run("Do it.")) == "I see."
        _, status, output = call_of(session.messages)
        assert status == "failed" and problem in str(output), output
        assert "Traceback" not in str(output)


def test_s3_08_py_a_function_that_hangs_ends_with_its_time(home: Home, model: FakeModel, tmp_path: Path) -> None:
    released, entered = threading.Event(), threading.Event()

    def wait_for_ever() -> None:
        entered.set()
        released.wait()

    model.script(calling("wait_for_ever"), Reply(text="It takes too long."), Reply(text="Here I am."))
    with program(home, tmp_path, model=model, options={"tools.timeout": 1}) as client:
        session = client.session(tools=[wait_for_ever])
        assert str(session.run("Wait.")) == "It takes too long."
        assert entered.is_set()
        assert call_of(session.messages)[1:] == ("failed", "The tool did not answer within 1 s.")
        assert str(session.run("Are you there?")) == "Here I am."
    released.set()


def test_s3_08_py_an_answer_that_is_too_long_is_cut(client: Client, model: FakeModel) -> None:
    def flood() -> str:
        return "x" * 100_000_000

    model.script(calling("flood"), Reply(text="That was much."))
    session = client.session(tools=[flood])
    session.run("Flood!")
    _, status, output = call_of(session.messages)
    assert status == "done" and len(str(output)) < 100_000 and "cut" in str(output)


def test_s3_08_py_what_is_no_tool_is_refused_before_anything_is_sent(client: Client, model: FakeModel) -> None:
    def anything(*things: str) -> None:
        pass

    def unknown(what: FakeModel) -> None:
        pass

    session = client.session()
    for bad in (anything, unknown, lambda: None, 5):
        with pytest.raises(InvalidParams, match="cannot be a tool"):
            session.run("Hello", tools=[bad])  # type: ignore[list-item]
    with pytest.raises(InvalidParams, match="there are two of this name"):
        session.run("Hello", tools=[get_user_orders, get_user_orders])
    with pytest.raises(InvalidParams, match="there is no tool 'nowhere'"):
        session.run("Hello", tools=["nowhere"])
    assert model.requests == []


def test_s3_08_py_a_program_that_goes_away_leaves_a_clear_word(home: Home, model: FakeModel, tmp_path: Path) -> None:
    model.script(calling("vanish"), Reply(text="It has left."))
    source = (
        "import os\nfrom rejoinder_client import Client\n"
        "def vanish() -> None:\n    os._exit(0)\n"
        f"settings = {{'model': 'openai-compatible:fake', 'baseUrl': {model.url!r}, 'retrieve': False}}\n"
        "Client(settings=settings).session('vanishing', tools=[vanish]).run('Vanish!')\n"
    )
    subprocess.run([sys.executable, "-c", source], cwd=tmp_path, env=home.environment, timeout=120, check=True)
    with program(home, tmp_path, model=model) as client:
        session = client.existing("vanishing")
        while not session.messages:
            for _ in session.follow():
                break
        assert call_of(session.messages) == ("vanish", "failed", "The program that has this function is gone.")


def test_s2_10_py_default_tools_are_loaded_by_one_call(client: Client, model: FakeModel, tmp_path: Path) -> None:
    (tmp_path.parent / "outside.txt").write_text("none of its business")
    model.script(calling("read_file", '{"path": "calc.py"}'), calling("read_file", '{"path": "../outside.txt"}'))
    session = client.session(tools=default_tools())
    session.run("What does add do?")
    names = {offered["function"]["name"] for offered in model.requests[0].json["tools"]}
    listed = client.tools()
    assert names == {each.name for each in listed if each.source == "built-in" and not each.asks}
    assert {"read_file", "list_files", "search_project", "diagnostics"} <= names
    assert all(each.effect == "read" for each in listed if each.name in names)
    inside, outside = session.messages[-1].tool_calls or []
    assert "return a + b" in str(inside.output) and inside.status == "done"
    assert outside.status == "failed" and "none of its business" not in str(model.requests[2].json)


def test_s2_10_py_functions_and_default_tools_go_together(client: Client, model: FakeModel) -> None:
    client.session().run("Hello", tools=[get_user_orders, *default_tools()])
    names = [offered["function"]["name"] for offered in model.requests[0].json["tools"]]
    assert "get_user_orders" in names and "read_file" in names
    client.session().run("Hello")
    assert "tools" not in model.requests[1].json
