"""Answers of a shape, over a scripted model."""

import json
from typing import Any

import attrs
import pytest

from core import Core
from fake_tools import tool
from rejoinder.domain.conversation import Usage
from rejoinder.domain.errors import ModelNotConfigured, ModelUnavailable, RequestRefused, SchemaInvalid
from rejoinder.domain.events import StatusChanged, TextPart
from rejoinder.domain.prompt import Finished, ModelInfo, TextDelta, ToolAsked
from turns_kit import at_gate, begun, ending, said

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
SECRET = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"


def scripted(core: Core, *texts: str, stop: Any = "end_turn") -> None:
    for text in texts:
        core.model.script(TextDelta(text), Finished(stop, Usage(10, 2, cost=0.5)))


async def asked(core: Core, **fields: Any) -> Any:
    return await said(core, "How many?", kind="ask", session_id="s", schema=SCHEMA, turn_id="t", **fields)


async def test_usage_adds_up_over_the_attempts(core: Core) -> None:
    scripted(core, "no", '{"a": "x"}', 'It is {"a": 3}.')
    result = await asked(core)
    assert result.text == '{"a": 3}' and result.usage.cost == 1.5
    assert (result.usage.input_tokens, result.usage.output_tokens) == (30, 6)
    session = await core.sessions.get((await core.project()).project_id, "s")
    assert session.usage.tokens == 36
    texts = [event.text for event in core.publisher.events("t") if isinstance(event, TextPart)]
    assert texts == ['{"a": 3}']
    assert sum(isinstance(event, StatusChanged) for event in core.publisher.events("t")) == 2
    # the last attempt is told of the last mistake alone
    assert [part.content for part in core.model.prompts[2].messages].count("no") == 0


async def test_an_answer_that_was_cut_off_is_not_asked_for_again(core: Core) -> None:
    for stop, words in (("max_tokens", "cut off"), ("refusal", "refuses")):
        scripted(core, '{"a":', stop=stop)
        with pytest.raises(SchemaInvalid, match=words):
            await said(core, "How many?", kind="ask", session_id="s", schema=SCHEMA)
    assert len(core.model.prompts) == 2 and await core.texts("s") == []
    scripted(core, '{"a": 1}', stop="max_tokens")
    assert (await asked(core)).text == '{"a": 1}'


async def test_a_turn_that_is_cancelled_keeps_no_half_of_a_value(core: Core) -> None:
    scripted(core, "no")
    turn, _ = await at_gate(core, TextDelta('{"a"'), kind="ask", session_id="s", schema=SCHEMA, turn_id="t")
    turn.cancel()
    result = await turn.result()
    assert (result.text, result.stop_reason) == ("", "cancelled")
    assert await core.texts("s") == ["wait", ""] and ending(core, "t").stop_reason == "cancelled"


async def test_a_server_without_schemas_is_asked_in_words_from_then_on(core: Core) -> None:
    core.model.script(RequestRefused("no", hint="No.", retryable=False))
    scripted(core, "no", '{"a": 1}')
    assert (await asked(core)).text == '{"a": 1}'
    assert [prompt.schema for prompt in core.model.prompts] == [SCHEMA, None, None]


async def test_other_failures_of_the_model_stay_what_they_are(core: Core) -> None:
    core.model.script(ModelUnavailable("gone", hint="Start it.", retryable=True))
    with pytest.raises(ModelUnavailable):
        await asked(core)
    core.model.script(RequestRefused("no", hint="No.", retryable=False))
    core.model.script(RequestRefused("still no", hint="No.", retryable=False))
    with pytest.raises(RequestRefused, match="still"):
        await asked(core)


async def test_what_goes_back_to_the_model_is_masked(core: Core) -> None:
    scripted(core, json.dumps({"a": SECRET}), '{"a": 1}')
    schema = {**SCHEMA, "description": f"with {SECRET}"}
    await said(core, "How many?", kind="ask", session_id="s", schema=schema)
    for prompt in core.model.prompts:
        assert SECRET not in str(prompt.messages)
    assert core.model.prompts[0].schema is None and SECRET not in str(core.model.prompts)


async def test_without_a_model_or_a_schema_there_is_no_session(core: Core) -> None:
    core.models.model.info = ModelInfo(id="extractive", provider="rejoinder", label="None")
    with pytest.raises(ModelNotConfigured):
        await begun(core, "How many?", kind="ask", session_id="new", schema=SCHEMA)
    with pytest.raises(SchemaInvalid):
        await begun(core, "How many?", kind="ask", session_id="new", schema={"$ref": "#"})
    assert await core.sessions.all((await core.project()).project_id) == []


async def test_tools_are_called_on_the_way_to_a_value(core: Core) -> None:
    core.tool_source.there.append(tool(effect="read"))
    core.model.info = attrs.evolve(core.model.info, tools=True)
    core.model.script(TextDelta("Let me look. "), ToolAsked("c1", "note", '{"text": "milk"}'), Finished("end_turn"))
    scripted(core, "no", '{"a": 1}')
    result = await asked(core, tools=("note",))
    assert result.text == '{"a": 1}'
    session_id, project = result.session_id, await core.project()
    reply = (await core.history.page(project.project_id, session_id)).messages[-1].message
    assert [(call.name, call.output, call.at) for call in reply.tool_calls] == [("note", "noted milk", 0)]
    # the last attempt knows what the tool had answered before
    assert any("noted milk" in part.content for part in core.model.prompts[2].messages)
