"""What the system knows of a process: its children, its time on the processors, its memory. Linux only."""

import contextlib
import os
import select
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PATIENCE = 30.0


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def processor_seconds(pids: Iterable[int]) -> float:
    """Time on the processors, in user and kernel mode, of all threads that these processes ever had."""
    ticks = 0
    for pid in pids:
        # the name, in parentheses, may hold anything
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


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
