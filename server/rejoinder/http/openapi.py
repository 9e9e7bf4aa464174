"""The server's own specification, OpenAPI 3.1, made from the types that requests are read with."""

from typing import Any

from pydantic.json_schema import models_json_schema

from rejoinder import __version__
from rejoinder.http.limits import Limits
from rejoinder.http.shapes import ChatRequest, ChatResponse, ErrorResponse, Health, QueryRequest

_REFUSALS = {
    401: "The key is missing or wrong.",
    403: "The key stands for another user, or the request comes from a web page of another place.",
    406: "The answer has no form that is accepted.",
    408: "The body did not come in time.",
    409: "Another turn is running in the session.",
    413: "The body or the text is too large.",
    415: "The body is no JSON.",
    421: "The server does not answer to that name.",
    422: "The request is not understood; the message names the key.",
    429: "Too many requests, or too many turns at once; `Retry-After` says how long to wait.",
    500: "The server failed; the hint names the place in its log.",
    502: "The model cannot answer.",
    503: "The server is busy, about to end, or without its engine; `Retry-After` says how long to wait.",
    504: "The model did not answer in time.",
    507: "The server's disk is full.",
}
_OF_HEALTH = (401, 403, 421, 429, 500)


def document(limits: Limits) -> dict[str, Any]:
    """The specification."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rejoinder",
            "version": __version__,
            "description": "Remote sessions. A key stands for one user, and reads no other user's sessions. "
            f"A body has at most {limits.body_bytes} bytes; each key has {limits.requests_a_minute} requests a minute "
            f"and {limits.turns_at_once} turns at once.",
        },
        "paths": {
            "/agent": {"post": _agent()},
            "/health": {"get": _health("health")},
            "/agent/health": {"get": _health("agentHealth")},
            "/openapi.json": {"get": _specification()},
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": _schemas(),
        },
    }


def _agent() -> dict[str, Any]:
    answers = {
        "description": "The answer. As events: `text` with more of it, then `done` with the whole, or `error`.",
        "content": {
            "application/json": {"schema": _ref("ChatResponse")},
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }
    forms = {"anyOf": [_ref("ChatRequest"), _ref("QueryRequest")]}
    return {
        "operationId": "agent",
        "summary": "One turn of a session, which is made when it is not there.",
        "security": [{"bearer": []}, {"header": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key in the same session gets the answer of the first request.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": forms}}},
        "responses": {"200": answers, **_refusals(*_REFUSALS)},
    }


def _health(operation: str) -> dict[str, Any]:
    answer = {"description": "Turns are taken, or are no more.", "content": _json(_ref("Health"))}
    return {
        "operationId": operation,
        "summary": "Whether turns are taken; with a key, also whether it counts.",
        "responses": {"200": answer, **_refusals(*_OF_HEALTH)},
    }


def _specification() -> dict[str, Any]:
    answer = {"description": "This document.", "content": _json({"type": "object"})}
    return {
        "operationId": "openapi",
        "summary": "This specification.",
        "responses": {"200": answer, **_refusals(403, 421)},
    }


def _refusals(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {"description": _REFUSALS[status], "content": _json(_ref("ErrorResponse"))} for status in statuses
    }


def _schemas() -> dict[str, Any]:
    shapes = (ChatRequest, QueryRequest, ChatResponse, ErrorResponse, Health)
    _, schemas = models_json_schema(
        [(shape, "validation") for shape in shapes], ref_template="#/components/schemas/{model}"
    )
    made: dict[str, Any] = schemas["$defs"]
    return made


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
