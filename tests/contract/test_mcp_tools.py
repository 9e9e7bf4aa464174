"""Tools of servers of the Model Context Protocol: real processes, however they behave."""

import asyncio
import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from mcp import types

from rejoinder.adapters.mcp_config import read_server
from rejoinder.adapters.mcp_results import spec_of
from rejoinder.adapters.mcp_tools import McpTools
from rejoinder.domain.conversation import Project
from rejoinder.services.tool_ports import Tool, ToolContext, ToolFailed

SERVER = Path(__file__).resolve().parents[1] / "mcp_server.py"
OWN = {"command": sys.executable, "args": [str(SERVER)]}


def with_options(*options: str, **keys: Any) -> dict[str, Any]:
    return {"command": sys.executable, "args": [str(SERVER), *options], **keys}


IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")


class Source:
    """The tools of some tables, which a test may change."""

    def __init__(self) -> None:
        self.tables: Any = {}
        self.environment: Mapping[str, str] = {}
        self.tools_of = McpTools(lambda: self.tables, version="0")

    async def tools(self, *wanted: str) -> dict[str, Tool]:
        context = ToolContext(
            project=Project(project_id="p", name="p", paths=(), created_at=datetime.now(UTC)),
            workspace=None,  # type: ignore[arg-type]
            wanted=wanted or None,
            environment=self.environment,
        )
        return {tool.spec.name: tool for tool in await self.tools_of.tools(context)}

    async def call(self, name: str, /, **args: Any) -> str:
        tool = (await self.tools(name))[name]
        return await tool.call(args, None)  # type: ignore[arg-type]

    @property
    def notes(self) -> str:
        return "\n".join(self.tools_of.notes())


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """One that starts servers of its own."""
    made = Source()
    yield made
    await made.tools_of.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Source]:
    """One whose only server is shared by tests."""
    made = Source()
    made.tables = {"none": {"command": "/nowhere/to/be/found"}, "shop": {**OWN, "env": {"KEY": "key ${SHOP_KEY}"}}}
    made.environment = {"SHOP_KEY": "k-1"}
    yield made
    await made.tools_of.close()


@IN_ONE_LOOP
async def test_a_servers_tools_are_offered_and_called(shop: Source) -> None:
    tools = await shop.tools("shop")
    spec = tools["shop__add"].spec
    assert (spec.source, spec.effect, spec.needs_approval) == ("shop", "reach", True)
    assert spec.description == "Add two numbers." and set(spec.parameters["properties"]) == {"a", "b"}
    assert await shop.call("shop__add", a=2, b=3) == "5"
    assert '"item": "Laptop"' in await shop.call("shop__orders", user="ada")
    with pytest.raises(ToolFailed, match="no such luck"):
        await shop.call("shop__fail", reason="no such luck")
    assert await shop.call("shop__shop_open") == "open"
    assert "[mcp.shop] tools that no model could call are left out: a_name_that_is_so_long_that_" in shop.notes


@IN_ONE_LOOP
async def test_a_server_that_dies_during_a_call_is_started_again(shop: Source) -> None:
    before = await shop.call("shop__process")
    with pytest.raises(ToolFailed, match="The server shop cannot be used: it ended"):
        await shop.call("shop__die")
    after = await shop.call("shop__process")
    assert before != after
    with pytest.raises(ProcessLookupError):
        os.kill(int(before.split()[0]), 0)


@IN_ONE_LOOP
async def test_a_call_that_hangs_is_cancelled_in_the_server_too(shop: Source, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    call = asyncio.create_task(shop.call("shop__hang", mark=str(mark)))
    while not mark.exists():
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    while mark.read_text() != "cancelled":
        await asyncio.sleep(0.01)
    assert await shop.call("shop__add", a=1, b=1) == "2"


@IN_ONE_LOOP
async def test_a_server_that_floods_is_ended(shop: Source) -> None:
    assert len(await shop.call("shop__huge", size=1_000_000)) == 1_000_000
    with pytest.raises(ToolFailed, match="it sent a message of more than 8 MB"):
        await shop.call("shop__huge", size=20_000_000)
    assert await shop.call("shop__add", a=1, b=1) == "2"


async def test_what_is_not_there_ends_at_once_or_greets_first(source: Source) -> None:
    source.tables = {
        "none": {"command": "/nowhere/to/be/found"},
        "closed": {"command": str(SERVER)},
        "ends": with_options("--dies"),
        "greets": with_options("--greets", read=["add"], tools=["add", "orders"], timeout=5),
    }
    tools = await source.tools()
    assert set(tools) == {"greets__add", "greets__orders"}
    assert "[mcp.none] cannot be used: there is no program '/nowhere/to/be/found'." in source.notes
    assert f"[mcp.closed] cannot be used: {SERVER}: Permission denied." in source.notes
    assert "[mcp.ends] cannot be used: it ended: no license was found." in source.notes
    assert (tools["greets__add"].spec.effect, tools["greets__add"].spec.needs_approval) == ("read", False)
    assert tools["greets__orders"].spec.needs_approval and tools["greets__orders"].spec.timeout == 5
    assert await source.call("greets__add", a=1, b=1) == "2"


def test_no_tool_of_a_server_that_is_trusted_asks() -> None:
    tool = types.Tool(name="order", input_schema={"type": "object"})
    server = read_server("shop", {**OWN, "trusted": True}, {})
    spec = spec_of(tool, server)
    assert spec is not None and (spec.effect, spec.needs_approval) == ("reach", False)


@IN_ONE_LOOP
async def test_only_the_servers_that_are_wanted_are_started(shop: Source) -> None:
    assert await shop.tools("default", "read_file") == {}
    assert set(await shop.tools("shop__add")) == set(await shop.tools("shop")) != set()
    assert "none" not in shop.notes


async def test_all_servers_end_with_the_source(source: Source) -> None:
    source.tables = {"shop": OWN, "stubborn": with_options("--stays")}
    running = [int((await source.call(f"{name}__process")).split()[0]) for name in source.tables]
    await source.tools_of.close()
    for process in running:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert await source.tools() == {}


@IN_ONE_LOOP
async def test_keys_come_from_variables_and_a_server_sees_no_others(
    shop: Source,
) -> None:
    assert await shop.call("shop__variable", name="KEY") == "key k-1"
    assert await shop.call("shop__variable", name="PYTEST_CURRENT_TEST") == "not set"
    assert (await shop.call("shop__process")).split()[1] != str(Path.cwd())


async def test_a_server_at_an_address(source: Source) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVER), "--http", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(await process.stdout.readline())}/mcp"
        source.environment = {"SHOP_KEY": "k-1"}
        source.tables = {"shop": {"url": url, "headers": {"X-Key": "${SHOP_KEY}"}}}
        assert await source.call("shop__add", a=2, b=3) == "5"
        assert await source.call("shop__header", name="x-key") == "k-1"
        with pytest.raises(ToolFailed):
            await source.call("shop__huge", size=20_000_000)
        assert await source.call("shop__add", a=1, b=1) == "2"
    finally:
        process.kill()
        await process.wait()
    with pytest.raises(ToolFailed, match="The server shop cannot be used"):
        await source.call("shop__add", a=1, b=1)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (5, "it is no table"),
        ({}, "either a `command` or a `url`"),
        ({"command": "a", "url": "https://b"}, "either a `command` or a `url`"),
        ({"command": "a", "port": 1}, "a key 'port' that is not known"),
        ({"command": ["a"]}, "`command` has to be a text"),
        ({"command": "a", "args": "b"}, "`args` has to be a list of texts"),
        ({"command": "a", "timeout": 0}, "`timeout` has to be a number above 0"),
        ({"url": "file:///etc/passwd"}, "`url` is no address of a server"),
        ({"command": "a", "env": {"K": "${NOT_SET}"}}, "`env.K` names the variable NOT_SET, which is not set"),
        ({"command": "a", "env": {"TOKEN": "ghp_" + "a1B2" * 9}}, "`env.TOKEN` looks like a key"),
        ({"url": "https://b", "headers": {"Authorization": "Bearer " + "a1B2" * 9}}, "looks like a key"),
    ],
)
async def test_a_table_that_names_no_server_is_told_of(source: Source, table: Any, problem: str) -> None:
    source.tables = {"shop": table}
    assert await source.tools() == {} and problem in source.notes
    assert "a1B2" not in source.notes


async def test_tables_that_are_none_count_as_none(source: Source) -> None:
    source.tables = ["shop"]
    assert await source.tools() == {}


async def test_without_the_extra_it_is_named(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    source.tables = {"shop": OWN}
    assert await source.tools() == {} and 'pip install "rejoinder[mcp]"' in source.notes
