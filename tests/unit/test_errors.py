"""Every error of the domain has its code, and an unexpected one says nothing of itself."""

import asyncio
import inspect
import logging
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from rejoinder.domain import errors
from rejoinder.lsp.errors import Refusal, from_client, to_wire_error
from rejoinder.protocol.converter import InvalidValue
from rejoinder.protocol.errors import ErrorCode

EXPECTED: list[tuple[errors.RejoinderError, ErrorCode, dict[str, Any]]] = [
    (errors.InvalidInput("x", hint="h", key="uri"), ErrorCode.INVALID_PARAMS, {"hint": "h", "key": "uri"}),
    (errors.ContentModified("a.py", version=3), ErrorCode.CONTENT_MODIFIED, {"version": 3}),
    (errors.SessionNotFound("s"), ErrorCode.SESSION_NOT_FOUND, {"sessionId": "s"}),
    (errors.NotFound("message", "m", hint="h"), ErrorCode.NOT_FOUND, {"what": "message", "id": "m"}),
    (errors.Ambiguous("r", [{"sessionId": "a"}]), ErrorCode.AMBIGUOUS, {"candidates": [{"sessionId": "a"}]}),
    (errors.SessionBusy("t"), ErrorCode.SESSION_BUSY, {"turnId": "t"}),
    (errors.ModelError("x", hint="h"), ErrorCode.MODEL_UNAVAILABLE, {}),
    (errors.ModelNotConfigured("x", hint="h"), ErrorCode.MODEL_NOT_CONFIGURED, {}),
    (errors.ModelAuth("x", hint="h"), ErrorCode.MODEL_AUTH, {}),
    (errors.ModelRateLimited("x", retry_after=2.5), ErrorCode.MODEL_RATE_LIMITED, {"retryAfter": 2.5}),
    (errors.ModelUnavailable("x", hint="h", retryable=True), ErrorCode.MODEL_UNAVAILABLE, {"retryable": True}),
    (errors.RequestRefused("x", hint="h", retryable=False), ErrorCode.MODEL_UNAVAILABLE, {"retryable": False}),
    (errors.ModelTimeout("x", hint="h"), ErrorCode.MODEL_TIMEOUT, {}),
    (errors.BudgetExceeded("x", hint="h"), ErrorCode.BUDGET_EXCEEDED, {}),
    (errors.ContextTooLarge("x", hint="h"), ErrorCode.CONTEXT_TOO_LARGE, {}),
    (errors.SchemaInvalid("x", errors=("y",), hint="h"), ErrorCode.SCHEMA_INVALID, {"errors": ["y"]}),
    (errors.TooLarge("x", limit=5, hint="h"), ErrorCode.TOO_LARGE, {"limit": 5}),
    (errors.SourceUnreadable("x", reason="damaged", hint="h"), ErrorCode.SOURCE_UNREADABLE, {"reason": "damaged"}),
    (errors.StorageError("x", hint="h"), ErrorCode.STORAGE_LOCKED, {}),
    (errors.StorageLocked("pid 5"), ErrorCode.STORAGE_LOCKED, {"holder": "pid 5"}),
    (errors.StorageCorrupt("x", path="p", backup="b", hint="h"), ErrorCode.STORAGE_CORRUPT, {"path": "p"}),
    (errors.StorageFull("p"), ErrorCode.STORAGE_FULL, {"path": "p"}),
    (errors.IndexUnavailable("x", hint="h"), ErrorCode.INDEX_UNAVAILABLE, {}),
    (errors.NotTrusted("baseUrl", hint="h"), ErrorCode.NOT_TRUSTED, {"what": "baseUrl"}),
    (errors.Unexpected("5f"), ErrorCode.INTERNAL_ERROR, {"correlationId": "5f"}),
]


@pytest.mark.parametrize(("error", "code", "data"), EXPECTED, ids=lambda value: type(value).__name__)
def test_code_and_data(error: errors.RejoinderError, code: ErrorCode, data: dict[str, Any]) -> None:
    found_code, message, found_data = to_wire_error(error)
    assert found_code == code
    assert message == error.message
    assert found_data["hint"] == error.hint
    assert data.items() <= found_data.items()


def test_no_class_is_forgotten() -> None:
    classes = {cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.RejoinderError)}
    assert classes - {errors.RejoinderError} == {type(error) for error, _, _ in EXPECTED}


def test_a_new_class_has_the_code_of_its_base() -> None:
    class Later(errors.StorageFull):
        pass

    assert to_wire_error(Later("p"))[0] == ErrorCode.STORAGE_FULL


def test_what_is_not_known_is_left_out() -> None:
    assert "retryAfter" not in to_wire_error(errors.ModelRateLimited("x", retry_after=None))[2]


def test_errors_of_the_protocol() -> None:
    assert to_wire_error(InvalidValue("missing key 'text' @ params"))[:2] == (-32602, "missing key 'text' @ params")
    assert to_wire_error(asyncio.CancelledError())[0] == -32800
    refusal = Refusal(ErrorCode.INVALID_REQUEST, "no", hint="do")
    assert to_wire_error(refusal) == (-32600, "no", {"hint": "do"})


def test_unexpected_error_is_in_the_log_and_not_on_the_wire(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        try:
            raise OSError("/home/someone/secret")
        except OSError as error:
            code, message, data = to_wire_error(error)
    assert code == ErrorCode.INTERNAL_ERROR
    assert set(data) == {"correlationId", "hint"}
    assert "secret" not in message + str(data)
    record = caplog.records[0]
    assert data["correlationId"] in record.getMessage()
    assert record.exc_info is not None and isinstance(record.exc_info[1], OSError)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": -32601, "message": "no"}, -32601, "no"),
        ({"code": "x"}, -32603, "The client answered with an error."),
        ("nonsense", -32603, "The client answered with an error."),
    ],
)
def test_error_of_a_client(error: Any, code: int, message: str) -> None:
    raised = from_client(error)
    assert isinstance(raised, JsonRpcException)
    assert (raised.code, raised.message) == (code, message)
