"""The limits of the process that reads documents, which it sets itself before it reads anything.

Linux holds it to all of them. macOS knows of none for memory, and Windows of none at all: there a thread of the process
looks several times a second, and ends it. Time is limited everywhere, because who started the process ends it, too.
What no system but a Unix one can forbid is to write files.
"""

import contextlib
import os
import threading
import time

from rejoinder import platform

OVER = 70
"""The exit status of a process that took too much."""
_LOOK_SECONDS = 0.1


def hold_to(*, memory: int, processor_seconds: int) -> None:
    """Let this process have so many bytes and so much time, write no file, and come after others."""
    platform.lower_priority()
    _ask_the_system(memory, processor_seconds)
    watch(memory=memory, processor_seconds=processor_seconds)


def watch(*, memory: int, processor_seconds: int) -> None:
    """End this process once it holds more main memory than that, or has used more of the processor."""

    def look() -> None:
        while platform.memory_in_use() <= memory and time.process_time() <= processor_seconds:
            time.sleep(_LOOK_SECONDS)
        os._exit(OVER)

    threading.Thread(target=look, name="limits", daemon=True).start()


def _ask_the_system(memory: int, processor_seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    limits = {"RLIMIT_AS": memory, "RLIMIT_CPU": processor_seconds, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0}
    for name, limit in limits.items():
        # macOS refuses some of them
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(getattr(resource, name), (limit, limit))
