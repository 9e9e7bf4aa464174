"""Standard input and output where there is none, or no room for what is written."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def open_missing() -> None:
    """Have somewhere to read from and to write to also where whoever started this process has closed them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - until the process ends


def written(run: Callable[[], int]) -> int:
    """What `run` answers, once all that it printed is written; 1, and a word on it, when that cannot be.

    Who reads no more, as `head` does, has seen enough: that is 0.
    """
    try:
        code = run()
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _drop_the_rest()
        return 0
    except OSError as error:
        # a file that cannot be written has a name
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        _drop_the_rest()
        hint = "Make room there, or write it to another place."
        sys.stderr.write(f"error: The output cannot be written: {error.strerror}.\nhint: {hint}\n")
        return 1


def _drop_the_rest() -> None:
    """What is still to be flushed has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
