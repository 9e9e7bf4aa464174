"""The blocking classes' foundation: an event loop in a thread, and calls that wait for what runs in it.

`blocking` and `iterating` make a method that blocks of one that is awaited, with the same parameters and documentation;
so the asynchronous classes are the only implementation, and type checkers see every signature.
"""

import abc
import asyncio
import concurrent.futures
import functools
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from rejoinder_client.errors import ConnectionLost

P = ParamSpec("P")
A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)
T = TypeVar("T")

_END = object()


class LoopThread:
    """An event loop that runs in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._closing = False
        self._telling = threading.RLock()
        """Held while the loop is told to do something: behind what ends it nothing would ever run.

        One thread may hold it twice, for the garbage collector comes at any moment.
        """
        self._thread = threading.Thread(target=self._loop.run_forever, name="rejoinder_client", daemon=True)
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        """Whether nothing runs here any more."""
        return self._closing

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> "concurrent.futures.Future[T]":
        """Run a coroutine without waiting for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and wait for its result.

        When the waiting thread is interrupted (Ctrl-C), the coroutine is cancelled and its end waited for, so that
        nothing of it runs on. Raises ConnectionLost when this is closed, also meanwhile by another thread.
        """
        running: concurrent.futures.Future[asyncio.Task[T]] = concurrent.futures.Future()
        outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
        try:
            # Within the block: an interrupt may come before the loop has been told, while it is, or after.
            with self._telling:
                if self._closing:
                    coroutine.close()
                    raise _closed()
                self._loop.call_soon_threadsafe(_begin, self._loop, coroutine, running, outcome)
            return outcome.result()
        except BaseException as exc:
            if self._closing and isinstance(exc, concurrent.futures.CancelledError):
                raise _closed() from None
            with self._telling:
                is_wanted = not self._closing and not outcome.done()
                if is_wanted:
                    self._loop.call_soon_threadsafe(_give_up, coroutine, running, outcome)
            if is_wanted:
                concurrent.futures.wait([outcome])
            raise

    def dispose(self, items: AsyncGenerator[Any, None]) -> None:
        """Close an asynchronous generator, and wait for its end unless this is the loop's own thread.

        A generator that was forgotten is closed by the garbage collector, in whichever thread that is at work.
        """
        if self._closing:
            return
        if threading.current_thread() is self._thread:
            self.submit(_close(items))
        else:
            self.run(_close(items))

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        with self._telling:
            if self._closing:
                return
            self._closing = True
        try:
            self.submit(_finish()).result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


class Blocking(Generic[A_co]):
    """An object whose work is done by an asynchronous one, in the loop of a thread."""

    def __init__(self, inner: A_co, loop: LoopThread) -> None:
        self._inner = inner
        self._loop = loop


class Closing(Blocking[A_co], abc.ABC):
    """One that is closed at the end of a `with` block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of what is held."""


def blocking(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Blocking[A], P], T]:
    """A method that waits for the result."""

    @functools.wraps(method)
    def wait(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._loop.run(method(self._inner, *args, **kwargs))

    return wait


def iterating(
    method: Callable[Concatenate[A, P], AsyncGenerator[T, None]],
) -> Callable[Concatenate[Blocking[A], P], Generator[T, None, None]]:
    """A method whose items are iterated over. Leaving the loop early closes the asynchronous generator, too."""

    @functools.wraps(method)
    def iterate(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        items = method(self._inner, *args, **kwargs)
        try:
            while (item := self._loop.run(_next(items))) is not _END:
                yield item
        finally:
            self._loop.dispose(items)

    return iterate


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await anext(items, _END)  # type: ignore[arg-type]


async def _close(items: AsyncGenerator[Any, None]) -> None:
    await items.aclose()


def _begin(
    loop: asyncio.AbstractEventLoop,
    coroutine: Coroutine[Any, Any, T],
    running: "concurrent.futures.Future[asyncio.Task[T]]",
    outcome: "concurrent.futures.Future[T]",
) -> None:
    def settle(task: "asyncio.Task[T]") -> None:
        if task.cancelled():
            outcome.set_exception(concurrent.futures.CancelledError())
        elif (error := task.exception()) is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(task.result())

    task = loop.create_task(coroutine)
    task.add_done_callback(settle)
    running.set_result(task)


def _give_up(
    coroutine: Coroutine[Any, Any, T],
    running: "concurrent.futures.Future[asyncio.Task[T]]",
    outcome: "concurrent.futures.Future[T]",
) -> None:
    """Cancel what `_begin` started; what it was never called for does not run at all."""
    if running.done():
        running.result().cancel()
    else:
        coroutine.close()
        outcome.set_exception(concurrent.futures.CancelledError())


def _closed() -> ConnectionLost:
    return ConnectionLost("The client is closed.", hint="Open another one.")


async def _finish() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
