"""llama.cpp's server with the home-made tiny model, for tests against a real one.

`tests/tools/llama.sh` brings both to `.tools/llama` of this checkout.
"""

import re
import subprocess
import threading
from pathlib import Path
from types import TracebackType

SENTENCE = "A tiny model wrote this line and always stops here."
"""What the model says, whatever it is asked."""

PATIENCE = 60.0
MISSING = "llama.cpp's server with the tiny model is missing: run tests/tools/llama.sh"
_LISTENING = re.compile(r"listening on (http://[\d.]+:\d+)")


is_permitted = False
"""Whether the test that runs is marked `real_model`; every other one has to do with fakes."""


def folder() -> Path:
    """Where program and model are expected."""
    return Path(__file__).resolve().parent.parent / ".tools" / "llama"


def installed() -> bool:
    """Whether program and model are there."""
    return (folder() / "llama-server").exists() and (folder() / "tiny.gguf").exists()


class LlamaServer:
    """The server on a free port, one thread of computation, prompts up to `context` tokens."""

    def __init__(self, *, context: int = 4096, slots: int = 2, api_key: str | None = None) -> None:
        self._command = [
            str(folder() / "llama-server"),
            *("--model", str(folder() / "tiny.gguf"), "--host", "127.0.0.1", "--port", "0", "--offline", "--no-ui"),
            *("--threads", "1", "--ctx-size", str(context * slots), "--parallel", str(slots)),
            *(("--api-key", api_key) if api_key else ()),
        ]
        self._process: subprocess.Popen[str] | None = None
        self._listening = threading.Event()
        self._log: list[str] = []
        self.url = ""
        """The address for clients."""

    def __enter__(self) -> "LlamaServer":
        if not is_permitted:
            raise RuntimeError("a test that uses a real model is marked: @pytest.mark.real_model")
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        if not self._listening.wait(PATIENCE) or not self.url:
            self._stop()
            raise RuntimeError("llama-server did not start:\n" + "".join(self._log[-20:]))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def _read(self) -> None:
        """Read the server's log to its end, so that it never blocks on it."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._log.append(line)
            if match := _LISTENING.search(line):
                self.url = match[1] + "/v1"
                self._listening.set()
        self._listening.set()

    def _stop(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._reading.join(PATIENCE)
        self._process.stdout.close()
