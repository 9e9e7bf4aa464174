"""Ctrl+C between two steps rather than within one."""

import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """Have Ctrl+C wait for the end of the block, which raises KeyboardInterrupt then.

    A frame that is drawn by half, or is not known to be drawn, stays on the screen. Where Ctrl+C does something else,
    or nothing, it is left alone. For the main thread, which signals come to.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield
        return
    pressed = False

    def note(*_: object) -> None:
        nonlocal pressed
        pressed = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
