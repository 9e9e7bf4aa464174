"""The shapes of JSON-RPC messages, as far as they can be told before anything is looked up."""

import re
from typing import Any

import orjson

RequestId = str | int | float

_SCALAR = rb'(?:"[^"\\]*"|-?\d+)'
_MEMBER = rb'"(?:jsonrpc|id|method)"\s*:\s*' + _SCALAR + rb"\s*"
_MEMBERS = rb"(" + _MEMBER + rb"(?:,\s*" + _MEMBER + rb"){0,2})"
_FIRST_MEMBERS = re.compile(rb"\s*\{\s*" + _MEMBERS + rb",")
_LAST_MEMBERS = re.compile(rb",\s*" + _MEMBERS + rb"\}\s*\Z")


def is_request_id(value: Any) -> bool:
    """Whether a JSON value can be the ID of a request."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def problem_with(message: Any) -> str | None:
    """Why a JSON value is no message; None when it is one. A reply is never found fault with: it has no reply."""
    if isinstance(message, list):
        return "A batch is not part of the Language Server Protocol."
    if not isinstance(message, dict):
        return "The message is not an object."
    if "method" not in message:
        is_reply = "result" in message or "error" in message
        return None if is_reply else "The message has no `method`."
    if message.get("jsonrpc") != "2.0":
        return '`jsonrpc` is not "2.0".'
    if "id" in message and not is_request_id(message["id"]):
        return "`id` is neither text nor a number."
    return None if isinstance(message["method"], str) else "`method` is not text."


def envelope(head: bytes, tail: bytes) -> dict[str, Any]:
    """What can be told of `jsonrpc`, `id` and `method` from the two ends of a JSON object too large to read.

    Sound for any valid JSON object: from the front only whole members are read, and from the back only members that
    end with the object itself. Quotes within a string are escaped there, so no string can pass for a member.
    """
    members: dict[str, Any] = {}
    for found in (_FIRST_MEMBERS.match(head), _LAST_MEMBERS.search(tail)):
        if found is not None:
            try:
                members |= orjson.loads(b"{%b}" % found[1])
            except orjson.JSONDecodeError:
                continue
    return members
