"""Answers of a shape: by a JSON schema, a pydantic class or a dataclass, checked and asked for again."""

import dataclasses
import json
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from e2e.command import Command, asking
from e2e.kit import Home, sent_texts, text_of, types_of
from e2e.python_kit import async_program, program, texts
from fake_model import FakeModel, Reply, error_body
from rejoinder_client import Text
from rejoinder_client.errors import InvalidParams, ModelNotConfigured, SchemaInvalid

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "points": {"type": "array", "items": {"type": "string"}}},
    "required": ["title", "points"],
    "additionalProperties": False,
}
VALUE = {"title": "Pools", "points": ["kept open", "reused"]}
WRONG = {"title": 5, "points": ["kept open"]}


class Summary(BaseModel):
    """What a conversation says."""

    title: str = Field(min_length=1)
    points: list[str]


@dataclasses.dataclass
class Plain:
    """The same without pydantic."""

    title: str
    points: list[str]


async def test_s3_03_lsp_a_schema_gives_json_that_is_stored_as_it_is(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text=f"Here it is:\n```json\n{json.dumps(VALUE)}\n```\n"))
    async with home.editor(project, model=model) as editor:
        result = await editor.call("ask", text="Summarise", sessionId="s", turnId="once", schema=SCHEMA)
        assert (result["json"], json.loads(result["text"])) == (VALUE, VALUE)
        sent = await model.next_request()
        assert sent.json["response_format"]["json_schema"]["schema"] == SCHEMA
        assert '"required": ["title", "points"]' in sent_texts(sent)[-1]
        updates = editor.taken()
        assert text_of(updates) == result["text"] and types_of(updates).count("text") == 1
        assert await editor.contents("s") == ["Summarise", result["text"]]
        again = await editor.call("ask", text="Summarise", sessionId="s", turnId="once", schema=SCHEMA)
        assert again["json"] == VALUE and len(model.requests) == 1
        preview = await editor.call("preview", of="ask", text="Summarise", schema=SCHEMA)
        assert '"additionalProperties": false' in preview["messages"][-1]["content"]


async def test_s3_03_lsp_what_is_wrong_is_asked_for_again_with_the_errors(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text="I would rather not."), Reply(text=json.dumps(WRONG)), Reply(text=json.dumps(VALUE)))
    async with home.editor(project, model=model) as editor:
        result = await editor.call("ask", text="Summarise", sessionId="s", schema=SCHEMA)
        assert result["json"] == VALUE
        updates = editor.taken()
        told = [each["update"]["message"] for each in updates if each["update"]["type"] == "status"]
        assert len(told) == 2 and "asking again" in told[0] and "$.title" in told[1]
        assert text_of(updates) == result["text"]
        first, second, third = model.requests
        assert sent_texts(second)[-2] == "I would rather not." and "no JSON" in sent_texts(second)[-1]
        assert sent_texts(third)[-2] == json.dumps(WRONG) and "5 is not of type 'string'" in sent_texts(third)[-1]
        assert await editor.contents("s") == ["Summarise", result["text"]]
        used = [len(json.dumps(request.json)) for request in (first, second, third)]
        assert result["usage"]["inputTokens"] > max(used) // 4 + min(used) // 4


async def test_s3_03_lsp_an_answer_that_stays_wrong_is_an_error_and_leaves_no_turn(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(*[Reply(text=json.dumps(WRONG))] * 3)
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("ask", text="Summarise", sessionId="s", schema=SCHEMA)
        assert error["code"] == -31011 and "$.title: 5 is not of type 'string'" in error["data"]["errors"]
        assert len(model.requests) == 3
        assert await editor.contents("s") == []
        assert (await editor.call("session/get", sessionId="s"))["draft"] == "Summarise"
        model.script(Reply(text='{"title": "cut', finish="length"))
        error = await editor.refused("ask", text="Summarise", sessionId="s", schema=SCHEMA)
        assert error["code"] == -31011 and "cut off" in error["message"] and len(model.requests) == 4


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "#"},
        {"type": "string", "pattern": "(a"},
        {"enum": ["x" * 200_000]},
    ],
    ids=["no type", "elsewhere", "endless", "no pattern", "huge"],
)
async def test_s3_03_lsp_what_is_no_schema_is_refused_before_anything(
    home: Home, project: Path, model: FakeModel, schema: object
) -> None:
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("ask", text="Summarise", sessionId="new", schema=schema)
        assert error["code"] == -31011 and error["data"]["errors"]
        assert (await editor.refused("session/get", sessionId="new"))["code"] == -31001
        assert model.requests == []
        error = await editor.refused("ask", text="Summarise", schema=[schema])
        assert error["code"] == -32602


async def test_s3_03_lsp_an_attempt_can_be_cancelled(home: Home, project: Path, model: FakeModel) -> None:
    model.script(Reply(text="no JSON"), Reply(text=json.dumps(VALUE), hangs_after=1))
    async with home.editor(project, model=model) as editor:
        asked = editor.send_for("ask", text="Summarise", sessionId="s", schema=SCHEMA)
        await model.next_request()
        second = await model.next_request()
        editor.notify("rejoinder/chat/cancel", {"sessionId": "s"})
        result = await editor.result_of(asked)
        assert (result["stopReason"], result["text"]) == ("cancelled", "") and "json" not in result
        await second.disconnect()
        assert len(model.requests) == 2


async def test_s3_03_lsp_a_server_without_schemas_is_asked_in_words(
    home: Home, project: Path, model: FakeModel
) -> None:
    refused = Reply(status=400, body=error_body("response_format is not supported"))
    model.script(refused, Reply(text="[]"), Reply(text=json.dumps(VALUE)))
    async with home.editor(project, model=model) as editor:
        assert (await editor.call("ask", text="Summarise", schema=SCHEMA))["json"] == VALUE
        assert ["response_format" in request.json for request in model.requests] == [True, False, False]


async def test_s3_03_lsp_without_a_model_a_schema_is_refused_with_one_hint(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        error = await editor.refused("ask", text="Summarise", sessionId="none", schema=SCHEMA)
        assert error["code"] == -31004 and "model" in error["data"]["hint"]
        assert (await editor.refused("session/get", sessionId="none"))["code"] == -31001


def test_s3_03_py_a_class_gives_an_instance(home: Home, project: Path, model: FakeModel) -> None:
    model.script(*[Reply(text=json.dumps(VALUE))] * 6)
    with program(home, project, model=model) as client:
        session = client.session("s")
        summary = session.ask("Summarise", schema=Summary)
        assert summary == Summary(title="Pools", points=["kept open", "reused"])
        assert session.ask("Summarise", schema=Plain) == Plain(title="Pools", points=["kept open", "reused"])
        assert session.ask("Summarise", schema=SCHEMA).json == VALUE
        answer = session.json("Summarise", schema=Summary)
        assert answer.output.points == ["kept open", "reused"] and answer.usage.output_tokens and answer.message_id
        assert client.ask("Summarise", schema=Summary, remember=False).title == "Pools"
        assert json.loads(texts(session.messages)[-1]) == VALUE
        pieces = [event.text for event in session.ask_stream("Summarise", schema=Summary) if isinstance(event, Text)]
        assert json.loads("".join(pieces)) == VALUE


def test_s3_03_py_wrong_answers_are_asked_for_again_and_end_in_an_error(
    home: Home, project: Path, model: FakeModel
) -> None:
    model.script(Reply(text='{"title": "", "points": []}'), Reply(text=json.dumps(VALUE)))
    with program(home, project, model=model) as client:
        session = client.session("s")
        assert session.ask("Summarise", schema=Summary).title == "Pools" and len(model.requests) == 2
        model.script(*[Reply(text=json.dumps(WRONG))] * 3)
        with pytest.raises(SchemaInvalid) as caught:
            session.ask("Summarise", schema=Summary)
        assert any("$.title" in each for each in caught.value.data["errors"]) and caught.value.hint
        assert len(session.messages) == 2
        with pytest.raises(InvalidParams, match="no shape"):
            session.ask("Summarise", schema=object())  # type: ignore[call-overload]
        with pytest.raises(SchemaInvalid):
            session.ask("Summarise", schema={"type": "objekt"})
        assert len(model.requests) == 5
    with program(home, project) as client, pytest.raises(ModelNotConfigured):
        client.ask("Summarise", schema=Summary)


async def test_s3_03_py_with_an_event_loop(home: Home, project: Path, model: FakeModel) -> None:
    model.script(*[Reply(text=json.dumps([VALUE]))] * 2)
    async with async_program(home, project, model=model) as client:
        assert (await client.ask("Summarise", schema=list[Summary]))[0].title == "Pools"
        session = await client.session("s")
        assert (await session.json("Summarise", schema=list[Summary])).output[0].points == VALUE["points"]


def test_s3_03_cli_only_the_json_is_printed(home: Home, project: Path, model: FakeModel) -> None:
    (project / "summary.json").write_text(json.dumps(SCHEMA))
    run = Command(home, project)
    model.script(Reply(text="no"), *[Reply(text=json.dumps(VALUE))] * 3)
    assert json.loads(run("ask", "Summarise", "--schema", "summary.json", *asking(model)).out) == VALUE
    assert json.loads(run("ask", "Summarise", "--schema", json.dumps(SCHEMA), *asking(model)).out) == VALUE
    answer = json.loads(run("ask", "Summarise", "--schema", "summary.json", "--json", *asking(model)).out)
    assert answer["json"] == VALUE
    model.script(*[Reply(text=json.dumps(WRONG))] * 3)
    ran = run("ask", "Summarise", "--schema", "summary.json", *asking(model), code=1)
    assert ran.out == "" and "no valid answer" in ran.err and "$.title: 5 is not of type 'string'" in ran.err
    count = len(model.requests)
    assert "cannot be read" in run("ask", "Hm", "--schema", "nowhere.json", *asking(model), code=2).err
    assert "no JSON" in run("ask", "Hm", "--schema", "{", *asking(model), code=2).err
    assert "The schema cannot be used" in run("ask", "Hm", "--schema", '{"type": "no"}', *asking(model), code=1).err
    assert len(model.requests) == count
