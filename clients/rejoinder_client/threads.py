"""Functions that block, each in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


class Ended(Exception):
    """A function has ended its thread as one ends a program. The text says how."""


async def in_thread(function: Callable[[], T]) -> T:
    """Call a function that may block; its exception is raised here.

    The thread is no pool's: one that never comes back keeps nobody else waiting, nor the program from its end.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def run() -> None:
        try:
            result = context.run(function)
        except Exception as error:
            _settle(loop, outcome, failure=error)
        except BaseException as error:
            # `sys.exit()` and its like are meant for a program, which this thread is not
            _settle(loop, outcome, failure=Ended(f"{type(error).__name__}: {error}"))
        else:
            _settle(loop, outcome, result=result)

    threading.Thread(target=run, name=f"rejoinder {getattr(function, '__name__', 'call')}", daemon=True).start()
    return await outcome


def _settle(
    loop: asyncio.AbstractEventLoop,
    outcome: "asyncio.Future[T]",
    *,
    result: T | None = None,
    failure: Exception | None = None,
) -> None:
    def settle() -> None:
        if outcome.done():
            return
        if failure is None:
            outcome.set_result(result)  # type: ignore[arg-type]
        elif isinstance(failure, StopIteration):
            # a future takes none: it would look like a coroutine's end
            outcome.set_exception(RuntimeError("the function raised StopIteration"))
        else:
            outcome.set_exception(failure)

    with contextlib.suppress(RuntimeError):
        # nobody waits any more where the loop is closed
        loop.call_soon_threadsafe(settle)
