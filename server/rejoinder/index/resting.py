"""Whether an index is to rest until somebody says otherwise, also after the process that was told so has ended."""

import logging
import os
from pathlib import Path

from rejoinder.platform import make_private_folder, open_private

log = logging.getLogger("rejoinder.index")

_NOTE = "paused"


class Rest:
    """A note in the index's folder keeps it; without a folder nothing is remembered."""

    def __init__(self, folder: Path | None) -> None:
        self._note = None if folder is None else folder / _NOTE
        self.going_on = self._note is not None and self._note.exists()
        """Whether the index rests just now."""

    def begin(self, *, keep: bool) -> None:
        """Rest; without `keep`, or where it cannot be kept, as long as this process runs."""
        self.going_on = True
        if self._note is None or not keep:
            return
        try:
            make_private_folder(self._note.parent)
            os.close(open_private(self._note, os.O_WRONLY | os.O_CREAT))
        except OSError as error:
            log.warning("that the index is to rest cannot be kept: %s", error)

    def end(self) -> None:
        """Rest no more."""
        self.going_on = False
        if self._note is not None:
            try:
                self._note.unlink(missing_ok=True)
            except OSError as error:
                log.warning("that the index is to go on cannot be kept: %s", error)
