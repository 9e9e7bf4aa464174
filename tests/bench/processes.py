"""What the system knows of a process: its children, its time on the processors, its memory. Linux only."""

import contextlib
import ctypes
import os
import select
import time
from collections.abc import Iterable
from pathlib import Path

_PATIENCE = 30.0


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def processor_seconds(pids: Iterable[int]) -> float:
    """Time on the processors, in user and kernel mode, of all threads that these processes ever had."""
    return sum(time.clock_gettime(_clock(pid)) for pid in pids)


def _clock(pid: int) -> int:
    """A process's own clock. It counts nanoseconds, where `/proc` has hundredths of seconds, rounded down."""
    clock = ctypes.c_int()
    if error := ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise ProcessLookupError(error, os.strerror(error), pid)
    return clock.value


def resident_megabytes(pid: int) -> float:
    """Memory in use (RSS), shared pages counted in full. A megabyte has 10⁶ bytes."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") * 1024 / 1e6


def proportional_megabytes(pid: int) -> float:
    """Memory in use (PSS), pages that are shared counted in part."""
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") * 1024 / 1e6


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended; TimeoutError when it does not."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if not select.select([descriptor], [], [], _PATIENCE)[0]:
                raise TimeoutError(f"process {pid} does not end")
        finally:
            os.close(descriptor)


def _kilobytes(file: Path, key: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(key))
