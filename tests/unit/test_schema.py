import json
from importlib.resources import files

import attrs
import jsonschema
import pytest

from rejoinder.protocol import PROTOCOL_VERSION, methods
from rejoinder.protocol.converter import camel, unstructure
from rejoinder.protocol.errors import ErrorCode
from rejoinder.protocol.methods import CHAT_CANCEL, CLIENT_NOTIFICATIONS, EDITOR_CONTEXT, METHODS
from rejoinder.protocol.schema import schema, text
from rejoinder.protocol.settings import Settings
from rejoinder.protocol.shapes import settings

PROMISED = [
    "chat",
    "ask",
    "preview",
    "edit",
    "tool/respond",
    "tool/list",
    "tool/offer",
    "complete",
    "models",
    "models/use",
    "usage",
    "agents/list",
    "agents/put",
    "agents/remove",
    "prompts/list",
    "session/list",
    "session/get",
    "session/open",
    "session/close",
    "session/create",
    "session/use",
    "session/update",
    "session/history",
    "session/add",
    "session/clear",
    "session/fork",
    "session/rollback",
    "session/delete",
    "session/restore",
    "session/summarize",
    "session/export",
    "session/import",
    "session/import/find",
    "session/cleanup",
    "session/attachment",
    "session/state/get",
    "session/state/set",
    "session/state/clear",
    "memory/add",
    "memory/get",
    "memory/list",
    "memory/search",
    "memory/update",
    "memory/delete",
    "memory/clear",
    "knowledge/add",
    "knowledge/list",
    "knowledge/search",
    "knowledge/remove",
    "knowledge/clear",
    "context",
    "search",
    "index/status",
    "index/rebuild",
    "index/explain",
    "index/pause",
    "index/resume",
    "project/list",
    "project/relink",
    "project/trust",
    "backup/create",
    "backup/restore",
    "transcript/open",
    "transcript/send",
    "transcript/stop",
    "transcript/regenerate",
    "transcript/model",
    "transcript/apply",
    "transcript/ask",
    "transcript/edit",
    "transcript/decide",
    "config",
]

CODES = {
    "SESSION_NOT_FOUND": -31001,
    "AMBIGUOUS": -31002,
    "SESSION_BUSY": -31003,
    "MODEL_NOT_CONFIGURED": -31004,
    "MODEL_AUTH": -31005,
    "MODEL_RATE_LIMITED": -31006,
    "MODEL_UNAVAILABLE": -31007,
    "MODEL_TIMEOUT": -31008,
    "BUDGET_EXCEEDED": -31009,
    "CONTEXT_TOO_LARGE": -31010,
    "SCHEMA_INVALID": -31011,
    "STORAGE_LOCKED": -31012,
    "STORAGE_CORRUPT": -31013,
    "STORAGE_FULL": -31014,
    "INDEX_UNAVAILABLE": -31015,
    "NOT_TRUSTED": -31016,
    "TOOL_DENIED": -31017,
    "NOT_FOUND": -31018,
    "TOO_LARGE": -31019,
    "SOURCE_UNREADABLE": -31020,
    "PARSE_ERROR": -32700,
    "INVALID_REQUEST": -32600,
    "METHOD_NOT_FOUND": -32601,
    "INVALID_PARAMS": -32602,
    "INTERNAL_ERROR": -32603,
    "SERVER_NOT_INITIALIZED": -32002,
    "REQUEST_CANCELLED": -32800,
    "CONTENT_MODIFIED": -32801,
}

SETTINGS = [
    "model",
    "baseUrl",
    "apiKeyEnv",
    "temperature",
    "maxTokens",
    "timeout",
    "contextTokens",
    "sessionScope",
    "retrieve",
    "embedder",
    "dataDir",
    "cacheDir",
    "ignore",
    "redact",
    "instructions",
    "onDisconnect",
    "trashDays",
    "proxy",
    "caFile",
    "log",
]
GUARDED = {"baseUrl", "apiKeyEnv", "apiKeyKeyring", "models", "servers", "budget"} | {
    *("redact", "dataDir", "embedder", "proxy", "caFile"),
}


def test_the_schema_beside_the_package_is_current() -> None:
    kept = files("rejoinder.protocol").joinpath("schema.json").read_text("utf-8")
    assert kept == text(), "run: python -m rejoinder.protocol.generate"


def test_the_schema_is_one() -> None:
    document = schema()
    jsonschema.Draft202012Validator.check_schema({"$defs": document["$defs"]})
    refs = {word.split('"')[0] for word in json.dumps(document).split('"#/$defs/')[1:]}
    assert refs <= set(document["$defs"])


def test_every_promised_method_is_declared_and_no_other() -> None:
    assert sorted(method.name for method in METHODS) == sorted(PROMISED)
    assert PROTOCOL_VERSION == 1


def test_a_method_is_a_command_too() -> None:
    assert (methods.STATE_GET.wire, methods.STATE_GET.command) == (
        "rejoinder/session/state/get",
        "rejoinder.session.state.get",
    )
    assert len({method.command for method in METHODS}) == len(METHODS)


def test_notifications_and_the_request_to_a_client() -> None:
    assert CHAT_CANCEL.wire == "rejoinder/chat/cancel"
    assert [note.name for note in CLIENT_NOTIFICATIONS] == ["chat/update", "session/changed", "index/changed"]
    assert EDITOR_CONTEXT.wire == "rejoinder/editor/context"


def test_error_codes() -> None:
    assert {code.name: code.value for code in ErrorCode} == CODES


def test_every_promised_setting_is_declared_with_help() -> None:
    declared = {camel(field.name): field for field in attrs.fields(Settings)}
    assert set(SETTINGS) <= set(declared)
    assert all(field.metadata["help"] for _, field in settings())


def test_what_a_workspace_must_not_set_is_guarded() -> None:
    guarded = {camel(field.name) for field in attrs.fields(Settings) if field.metadata["guarded"]}
    assert guarded >= GUARDED
    assert guarded & {"model", "temperature", "sessionScope", "ignore"} == set()


@pytest.mark.parametrize(
    "params",
    [methods.ChatParams(text="a", queue=True), methods.SessionDeleteParams(session_id="s"), methods.Nothing()],
    ids=lambda params: type(params).__name__,
)
def test_a_value_fits_its_own_schema(params: object) -> None:
    definitions = schema()["$defs"]
    rule = {"$ref": f"#/$defs/{type(params).__name__}", "$defs": definitions}
    jsonschema.validate(unstructure(params), rule)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([], rule)
