"""Calling handlers of every kind that pygls knows, in the order of the messages."""

import asyncio
import inspect
from collections.abc import Callable, Generator
from typing import Any

from pygls.feature_manager import is_thread_function

Handler = Callable[..., Any]
_Steps = Generator[Any, Any, Any]


def call(handler: Handler, *args: Any) -> Any:
    """A handler's result, or an awaitable of it.

    Plain functions, and generators (pygls' own handlers, which hand over to ours) as far as they go without waiting,
    run at once: documents change in the order in which the messages came.
    """
    if is_thread_function(handler):  # type: ignore[no-untyped-call]
        return asyncio.to_thread(handler, *args)
    if inspect.isgeneratorfunction(handler):
        return _drive(handler(*args), None)
    return handler(*args)


def _drive(steps: _Steps, value: Any) -> Any:
    while True:
        try:
            handler, args, _ = steps.send(value)
        except StopIteration as stop:
            return stop.value
        value = call(handler, *(args or ()))
        if inspect.isawaitable(value):
            return _drive_on(steps, value)


async def _drive_on(steps: _Steps, pending: Any) -> Any:
    rest = _drive(steps, await pending)
    return await rest if inspect.isawaitable(rest) else rest
