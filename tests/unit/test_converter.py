import math
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejoinder.protocol import methods, turns, types, updates
from rejoinder.protocol.converter import InvalidValue, camel, structure, unstructure
from rejoinder.protocol.methods import CLIENT_NOTIFICATIONS, EDITOR_CONTEXT, METHODS
from rejoinder.protocol.settings import Settings

RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}


def refusal(value: Any, declared: Any) -> str:
    with pytest.raises(InvalidValue) as caught:
        structure(value, declared)
    return str(caught.value)


@pytest.mark.parametrize(("value", "declared"), [("5", str), (5, int), (5, float), (0.5, float), (True, bool)])
def test_a_value_of_its_type_is_kept(value: Any, declared: Any) -> None:
    assert structure(value, declared) == value


@pytest.mark.parametrize(
    ("value", "declared", "said"),
    [
        (5, str, "expected text, got a whole number"),
        ("5", int, "expected a whole number, got text"),
        (5.0, int, "expected a whole number, got a number"),
        (True, int, "expected a whole number, got true or false"),
        (True, float, "expected a number, got true or false"),
        ("0.5", float, "expected a number, got text"),
        ("no", bool, "expected true or false, got text"),
        (0, bool, "expected true or false, got a whole number"),
        (None, str, "expected text, got null"),
        ({"a": 1}, str, "expected text, got an object"),
        ("ab", list[str], "expected a list, got text"),
        ({"a": 1}, list[str], "expected a list, got an object"),
        ([["a", 1]], dict[str, Any], "expected an object, got a list"),
        ([], methods.ChatParams, "expected an object, got a list"),
        ("x", methods.ChatParams, "expected an object, got text"),
        ("x", Literal["a", "b"], "literal"),
        ([], Literal["a", "b"], "literal"),
    ],
)
def test_nothing_is_coerced(value: Any, declared: Any, said: str) -> None:
    assert said in refusal(value, declared)


@pytest.mark.parametrize("value", [10**400, math.nan, math.inf], ids=["huge", "nan", "inf"])
def test_a_number_that_json_cannot_hold_is_refused(value: Any) -> None:
    refusal(value, float)


@pytest.mark.parametrize(
    ("params", "declared", "said"),
    [
        ({}, methods.ChatParams, "missing key 'text' @ params"),
        ({"state": {}}, methods.StateSetParams, "missing key 'sessionId' @ params"),
        ({"text": 5}, methods.ChatParams, "@ params.text"),
        ({"text": "a", "sessionId": 5}, methods.ChatParams, "@ params.sessionId"),
        ({"text": "a", "attachments": [{"uri": "u"}, {"uri": 1}]}, methods.ChatParams, "@ params.attachments[1].uri"),
        (
            {"uri": "u", "range": {**RANGE, "end": {"line": "0", "character": 0}}},
            types.Attachment,
            "@ params.range.end.line",
        ),
        ({"text": "a", "settings": {"effort": "huge"}}, methods.ChatParams, "@ params.settings.effort"),
        ({"sessionId": "a", "state": []}, methods.StateSetParams, "@ params.state"),
        ({"of": "talk", "text": "a"}, methods.PreviewParams, "@ params.of"),
    ],
)
def test_a_refusal_names_the_key_as_it_is_on_the_wire(params: Any, declared: Any, said: str) -> None:
    assert said in refusal(params, declared)


def test_every_key_at_fault_is_named() -> None:
    said = refusal({"text": 5, "queue": "yes"}, methods.ChatParams)
    assert "params.text" in said
    assert "params.queue" in said


def test_unknown_keys_are_ignored_and_wire_names_are_camel_case() -> None:
    params = structure({"text": "a", "sessionId": "s", "session_id": "other", "future": {}}, methods.ChatParams)
    assert params == methods.ChatParams(text="a", session_id="s")


def test_null_is_as_good_as_leaving_out_what_is_optional() -> None:
    assert structure({"text": "a", "sessionId": None}, methods.ChatParams) == methods.ChatParams(text="a")
    cleared = structure({"sessionId": "s", "keepSystem": None}, methods.SessionClearParams)
    assert cleared == methods.SessionClearParams(session_id="s", keep_system=True)


@pytest.mark.parametrize("token", ["t", 5, None])
def test_a_token_is_a_text_or_a_number(token: Any) -> None:
    assert structure({"text": "a", "workDoneToken": token}, methods.ChatParams).work_done_token == token


@pytest.mark.parametrize("token", [True, 1.5, [], {}])
def test_a_token_is_nothing_else(token: Any) -> None:
    assert "@ params.workDoneToken" in refusal({"text": "a", "workDoneToken": token}, methods.ChatParams)


def test_free_values_are_kept_as_they_are() -> None:
    state = {"jsonrpc": "2.0", "my_key": [1, 2.5, None, {"from": True}], "class": {"_x": ""}}
    params = structure({"sessionId": "s", "state": state}, methods.StateSetParams)
    assert params.state == state
    assert unstructure(params)["state"] == state


def test_nested_tables_are_checked_to_their_depth() -> None:
    declared = dict[str, dict[str, Any]]
    assert structure({"a": {"model": "x"}}, declared) == {"a": {"model": "x"}}
    assert "expected an object" in refusal({"a": 5}, declared)


def test_what_is_none_is_left_out_and_false_and_empty_are_not() -> None:
    assert unstructure(methods.ChatParams(text="", queue=False, session_id=None)) == {"text": "", "queue": False}


def test_what_is_none_and_not_optional_is_said() -> None:
    assert unstructure(turns.VersionedDocument("u", None)) == {"uri": "u", "version": None}


@pytest.mark.parametrize("cls", updates.UPDATE_TYPES, ids=lambda cls: cls.__name__)
def test_an_update_is_known_by_its_type(cls: type) -> None:
    tag = attrs.fields_dict(cls)["type"].default
    update = structure(_smallest(cls), updates.Update)  # type: ignore[arg-type]
    assert type(update) is cls
    assert unstructure(update)["type"] == tag


@pytest.mark.parametrize("update", [{"type": "bogus"}, {"type": ["text"]}, {"text": "a"}, "text", None])
def test_an_unknown_update_is_refused(update: Any) -> None:
    params = {"sessionId": "s", "turnId": "t", "seq": 0, "update": update}
    assert "params.update" in refusal(params, methods.ChatUpdateParams)


def test_the_types_of_updates_are_those_of_the_protocol() -> None:
    assert [attrs.fields_dict(cls)["type"].default for cls in updates.UPDATE_TYPES] == [
        *("started", "user_message", "text", "thought", "status", "context", "citation", "tool_call"),
        *("tool_update", "approval", "usage", "end"),
    ]


@pytest.mark.parametrize(("name", "wire"), [("text", "text"), ("message_id", "messageId"), ("top_p", "topP")])
def test_camel(name: str, wire: str) -> None:
    assert camel(name) == wire


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, numbers)

DECLARED = sorted(
    {
        *(method.params for method in (*METHODS, *CLIENT_NOTIFICATIONS, EDITOR_CONTEXT)),
        *(method.result for method in (*METHODS, EDITOR_CONTEXT)),
        Settings,
    },
    key=lambda cls: cls.__name__,
)


def value_of(declared: Any) -> st.SearchStrategy[Any]:
    """Any value of a declared type; `Any` stands for a JSON value."""
    if declared is Any:
        return json_values
    origin, arguments = _origin(declared)
    if origin is dict:
        return st.dictionaries(st.text(max_size=5), value_of(arguments[1]), max_size=2)
    if origin is list:
        return st.lists(value_of(arguments[0]), max_size=2)
    if origin == "union":
        return st.one_of([value_of(argument) for argument in arguments])
    if attrs.has(declared):
        fields = {
            field.name: st.just(field.default) if field.name == "type" else value_of(field.type)
            for field in attrs.fields(attrs.resolve_types(declared))
        }
        return st.builds(declared, **fields)
    return st.from_type(declared)


def _origin(declared: Any) -> tuple[Any, tuple[Any, ...]]:
    origin = get_origin(declared)
    return ("union" if origin in (Union, UnionType) else origin), get_args(declared)


def _smallest(cls: type) -> dict[str, Any]:
    """The shortest wire form of an update."""
    smallest: dict[str, Any] = {
        "message": {
            **{"messageId": "m", "turnId": "t", "role": "user", "source": "chat", "content": ""},
            "createdAt": "2026-01-01T00:00:00Z",
        }
        if cls is updates.UserMessage
        else "",
        "citation": {"uri": "u", "range": RANGE, "label": "l"},
        "usage": {},
        "hits": [],
        "citations": [],
        "args": {},
        "needsApproval": True,
        "stopReason": "end_turn",
    }
    wire = {
        camel(field.name): smallest.get(camel(field.name), "x")
        for field in attrs.fields(cls)
        if field.default is attrs.NOTHING
    }
    return {**wire, "type": attrs.fields_dict(cls)["type"].default}


@pytest.mark.parametrize("cls", DECLARED, ids=lambda cls: cls.__name__)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_declared_value_comes_back_from_the_wire(cls: type, data: st.DataObject) -> None:
    value = data.draw(value_of(cls))
    assert structure(unstructure(value), cls) == value
