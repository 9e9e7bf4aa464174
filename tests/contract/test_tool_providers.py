"""Tools over real HTTP, in the form of each provider's API: how they are declared, called, and answered."""

from typing import Any

import attrs
import orjson
import pytest

from fake_model import Call, FakeModel, Reply
from models_kit import KEY_VARIABLE, MODELS, named, path_of, text_of
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.domain.conversation import ToolCall
from rejoinder.domain.prompt import Finished, ModelSettings, Prompt, PromptMessage, ToolAsked
from rejoinder.domain.tool_messages import messages_of
from rejoinder.domain.tools import ToolSpec

PARAMETERS = {
    "type": "object",
    "properties": {"path": {"type": "string", "description": "Where."}, "lines": {"type": "integer"}},
    "required": ["path"],
    "additionalProperties": False,
}
TOOL = ToolSpec(name="look", description="Looks.", parameters=PARAMETERS)
PROMPT = Prompt(
    messages=(PromptMessage("system", "Be brief."), PromptMessage("user", "Look!")), question="Look!", tools=(TOOL,)
)
CALLS = (Call("look", '{"path": "a.py"}', "call_1"), Call("look", '{"path": "b.py"}', "call_2"))


@pytest.fixture(params=MODELS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def answer(catalogue: ModelCatalogue, server: FakeModel, provider: str, prompt: Prompt) -> list[Any]:
    choice = named(MODELS[provider], server.root + path_of(provider), apiKeyEnv=KEY_VARIABLE)
    return [event async for event in catalogue.get(choice).stream(prompt, ModelSettings())]


def declared(provider: str, body: Any) -> list[tuple[str, str, Any]]:
    """The tools of a request: name, description, schema."""
    if provider == "openai-compatible":
        tools = [each["function"] for each in body["tools"]]
        return [(each["name"], each["description"], each["parameters"]) for each in tools]
    if provider == "anthropic":
        return [(each["name"], each["description"], each["input_schema"]) for each in body["tools"]]
    (tools,) = [each["functionDeclarations"] for each in body["tools"]]
    return [
        (each["name"], each["description"], next(value for key, value in each.items() if key.startswith("parameters")))
        for each in tools
    ]


async def test_tools_are_declared_as_they_are(server: FakeModel, catalogue: ModelCatalogue, provider: str) -> None:
    await answer(catalogue, server, provider, PROMPT)
    ((name, description, schema),) = declared(provider, server.requests[0].json)
    assert (name, description) == ("look", "Looks.")
    assert schema["properties"].keys() == {"path", "lines"} and schema["required"] == ["path"]


async def test_calls_are_read_with_the_text_before_them(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    server.script(Reply(text="Let me see.", calls=CALLS))
    events = await answer(catalogue, server, provider, PROMPT)
    assert text_of(events) == "Let me see."
    asked = [event for event in events if isinstance(event, ToolAsked)]
    assert [(each.call_id, each.name, orjson.loads(each.args)) for each in asked] == [
        ("call_1", "look", {"path": "a.py"}),
        ("call_2", "look", {"path": "b.py"}),
    ]
    assert isinstance(events[-1], Finished) and events[-1].stop_reason == "end_turn"


async def test_without_tools_a_request_says_nothing_of_them(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    await answer(catalogue, server, provider, attrs.evolve(PROMPT, tools=()))
    assert "tools" not in server.requests[0].json


async def test_results_go_back_in_the_providers_own_form(
    server: FakeModel, catalogue: ModelCatalogue, provider: str
) -> None:
    server.script(Reply(text="Let me see.", calls=CALLS))
    events = await answer(catalogue, server, provider, PROMPT)
    asked = [event for event in events if isinstance(event, ToolAsked)]
    calls = [
        ToolCall(each.call_id, each.name, orjson.loads(each.args), "done", f"output {each.call_id}", 0, 11, each.kept)
        for each in asked
    ]
    more = messages_of("Let me see.", calls, lambda text: text)
    await answer(catalogue, server, provider, attrs.evolve(PROMPT, messages=(*PROMPT.messages, *more)))
    CHECKS[provider](server.requests[1].json)


def _openai(body: Any) -> None:
    said, first, second = body["messages"][-3:]
    assert (said["role"], said["content"]) == ("assistant", "Let me see.")
    assert [(each["id"], each["function"]["name"]) for each in said["tool_calls"]] == [
        ("call_1", "look"),
        ("call_2", "look"),
    ]
    assert orjson.loads(said["tool_calls"][0]["function"]["arguments"]) == {"path": "a.py"}
    assert (first["role"], first["tool_call_id"], first["content"]) == ("tool", "call_1", "```\noutput call_1\n```")
    assert second["tool_call_id"] == "call_2"


def _anthropic(body: Any) -> None:
    said, results = body["messages"][-2:]
    assert [block["type"] for block in said["content"]] == ["text", "tool_use", "tool_use"]
    assert (said["content"][1]["id"], said["content"][1]["input"]) == ("call_1", {"path": "a.py"})
    assert results["role"] == "user"
    assert [(block["type"], block["tool_use_id"]) for block in results["content"]] == [
        ("tool_result", "call_1"),
        ("tool_result", "call_2"),
    ]


def _google(body: Any) -> None:
    said, results = body["contents"][-2:]
    calls = [part for part in said["parts"] if "functionCall" in part]
    assert [part["functionCall"]["args"] for part in calls] == [{"path": "a.py"}, {"path": "b.py"}]
    assert calls[0]["thoughtSignature"] == "c2lnbmVk"
    assert [part["functionResponse"]["name"] for part in results["parts"]] == ["look", "look"]


CHECKS = {"openai-compatible": _openai, "anthropic": _anthropic, "google": _google}


async def test_thoughts_that_were_signed_go_back_with_their_calls(server: FakeModel, catalogue: ModelCatalogue) -> None:
    kept = {"thoughts": [{"type": "thinking", "thinking": "hm", "signature": "signed"}]}
    call = ToolCall("call:1", "look", {"path": "a.py"}, "done", "it", 0, 0, kept)
    more = messages_of("", [call], lambda text: text)
    await answer(catalogue, server, "anthropic", attrs.evolve(PROMPT, messages=(*PROMPT.messages, *more)))
    said, results = server.requests[0].json["messages"][-2:]
    assert [block["type"] for block in said["content"]] == ["thinking", "tool_use"]
    assert said["content"][1]["id"] == results["content"][0]["tool_use_id"] == "call_1"
