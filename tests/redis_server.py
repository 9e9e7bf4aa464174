"""A real Redis server for tests. `tests/tools/redis.sh` brings it to `.tools/redis` of this checkout."""

import socket
import subprocess
from pathlib import Path

MISSING = "redis-server is missing: run tests/tools/redis.sh"
_PROGRAM = Path(__file__).resolve().parent.parent / ".tools" / "redis" / "redis-server"


def installed() -> bool:
    """Whether the program is there."""
    return _PROGRAM.exists()


class RedisServer:
    """A server on a port of its own, which writes every change to its folder before it answers."""

    def __init__(self, folder: Path, *, password: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self._command = [
            str(_PROGRAM),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no"),
            *(("--requirepass", password) if password else ()),
        ]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, with what it had before; returns when it answers."""
        process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                self._process = process
                return
        process.wait()
        raise RuntimeError("redis-server did not start:\n" + "".join(said))

    def stop(self) -> None:
        """Kill it, as a machine that goes down would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
