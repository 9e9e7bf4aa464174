"""Params and results of the methods that the Language Server Protocol itself declares."""

from functools import lru_cache
from typing import Any

import cattrs
from lsprotocol import types
from lsprotocol.converters import get_converter

from rejoinder.protocol.converter import InvalidValue, camel

Converter = cattrs.Converter
"""What pygls calls its converter."""


@lru_cache(maxsize=1)
def shared_converter() -> Converter:
    """LSP's converter, which takes 10 ms to build and some more to warm up: once is enough."""
    return get_converter()


def params_in(converter: Converter, method: str, params: Any) -> Any:
    """Typed params; those of a method that LSP does not declare stay as they came.

    Raises InvalidValue, whose text names the keys at fault.
    """
    declared: Any = types.METHOD_TO_TYPES.get(method)
    if declared is None:
        return params
    if declared[2] is None:
        return None
    try:
        # the union types' hooks of lsprotocol raise whatever comes of the wrong shape
        return converter.structure({} if params is None else params, declared[2])
    except cattrs.BaseValidationError as error:
        problems = cattrs.transform_error(error, path="params")
        raise InvalidValue("; ".join(map(_with_wire_path, problems))) from None
    except Exception as error:
        raise InvalidValue(f"params: not those of {method!r}") from error


def result_out(converter: Converter, method: str, result: Any) -> Any:
    """A result as a JSON value."""
    response = response_type(method)
    if response is None:
        return converter.unstructure(result)
    return converter.unstructure(response(id=0, result=result, jsonrpc="2.0")).get("result")


def result_in(converter: Converter, method: str, result: Any) -> Any:
    """A client's typed result; that of a method that LSP does not declare stays as it came."""
    response = response_type(method)
    if response is None:
        return result
    return converter.structure({"id": 0, "jsonrpc": "2.0", "result": result}, response).result


def response_type(method: str) -> Any:
    """LSP's class for the reply; None for a notification and for what LSP does not declare."""
    return types.METHOD_TO_TYPES.get(method, (None, None))[1]


def is_notification(method: str) -> bool:
    """Whether LSP declares it as a message without a reply."""
    return method in types.METHOD_TO_TYPES and response_type(method) is None


def _with_wire_path(problem: str) -> str:
    text, at, path = problem.rpartition(" @ ")
    return text + at + ".".join(map(camel, path.split(".")))
