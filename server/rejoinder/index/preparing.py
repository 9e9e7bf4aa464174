"""Cuts and embeds files ahead of their turn in a second process, so that a first index uses two processors.

The process is `python -m rejoinder.index.preparing`: a JSON object a line in, one out, until its input ends.
"""

import base64
import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import IO

import attrs
import orjson

from rejoinder.index.embedders import BuiltinEmbedder
from rejoinder.index.packed_rows import pack_vectors
from rejoinder.index.passages import CutFile, cut_file, to_embed

MOST_IN_FLIGHT = 3
_COMMAND = (sys.executable, "-P", "-m", "rejoinder.index.preparing")
_WAIT_SECONDS = 60.0
_MOST_SECONDS = 20.0


@attrs.frozen(eq=False)
class Prepared:
    """What was made of a file's text; `model` made the packed vectors."""

    cut: CutFile
    model: str
    vectors: bytes


class Preparing:
    """Gives texts to the second process and takes back what it makes of them. Without it, files are made here."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._given: set[str] = set()
        """Keys of what is with the process."""
        self._made: dict[str, Prepared] = {}
        self._news = threading.Condition()

    @property
    def has_room(self) -> bool:
        """Whether more may be given."""
        return len(self._given) < MOST_IN_FLIGHT

    def knows(self, key: str) -> bool:
        """Whether this was given."""
        return key in self._given or key in self._made

    def is_at(self, key: str | None) -> bool:
        """Whether this was given and is not made yet."""
        return key in self._given

    def give(self, key: str, path: str, text: str) -> None:
        """Have a file made; `key` is how it is taken later."""
        process = self._started()
        if process is None or process.stdin is None:
            return
        self._given.add(key)
        try:
            process.stdin.write(orjson.dumps([key, path, text], option=orjson.OPT_APPEND_NEWLINE))
            process.stdin.flush()
        except OSError:
            self._ended(process)

    def take(self, key: str) -> Prepared | None:
        """What was made of a file, waited for when it is under way; None when it was not given."""
        with self._news:
            if self._news.wait_for(lambda: key not in self._given, _WAIT_SECONDS):
                return self._made.pop(key, None)
        self.close()
        return None

    def close(self) -> None:
        """End the process and forget what it made."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        with self._news:
            self._given.clear()
            self._made.clear()

    def _started(self) -> subprocess.Popen[bytes] | None:
        if self._process is None:
            try:
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            except OSError:
                return None
            threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process if self._process.poll() is None else None

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is None:
            return
        with process.stdout, contextlib.suppress(ValueError, OSError):
            for line in process.stdout:
                key, cut, model, vectors = orjson.loads(line)
                prepared = Prepared(CutFile(**cut), model, base64.b64decode(vectors))
                with self._news:
                    if key in self._given:
                        self._given.remove(key)
                        self._made[key] = prepared
                        self._news.notify_all()
        self._ended(process)

    def _ended(self, process: "subprocess.Popen[bytes]") -> None:
        with self._news:
            if process is self._process or self._process is None:
                self._given.clear()
                self._news.notify_all()


def _serve(source: Iterable[bytes], out: IO[bytes]) -> None:
    embedder = BuiltinEmbedder()
    for line in source:
        key, path, text = orjson.loads(line)
        _end_in(_MOST_SECONDS)
        cut = cut_file(path, text)
        vectors = base64.b64encode(pack_vectors(embedder.embed(to_embed(path, cut.scopes, cut.texts(text))))).decode()
        reply = [key, attrs.asdict(cut, recurse=False), embedder.identity, vectors]
        out.write(orjson.dumps(reply, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()


def _end_in(seconds: float) -> None:
    """End this process when the file takes that long: some grammars never finish with some texts."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        _serve(sys.stdin.buffer, sys.stdout.buffer)
