"""Which files anybody opens in a folder, as the kernel tells it (inotify). Linux only."""

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_OPEN = 0x20
_HEAD = struct.Struct("iIII")


@contextmanager
def opened_files(folder: Path) -> Iterator[list[str]]:
    """Names of files beneath the folder that any process opens within the block; the list is filled at its end."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "inotify_init1")
    names: list[str] = []
    try:
        for inner, _, _ in os.walk(folder):
            if libc.inotify_add_watch(descriptor, os.fsencode(inner), _IN_OPEN) < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch", inner)
        _take(descriptor)  # the walk itself opened folders
        yield names
        names += _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> list[str]:
    """The names of the events that are there; those of folders themselves have none."""
    names: list[str] = []
    while True:
        try:
            events = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return [name for name in names if name]
        while events:
            length = _HEAD.unpack_from(events)[3]
            names.append(os.fsdecode(events[_HEAD.size : _HEAD.size + length].rstrip(b"\0")))
            events = events[_HEAD.size + length :]
