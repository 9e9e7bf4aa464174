"""What the tests of engine and pipe share: a data folder of their own, and clients that are real processes."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rejoinder.engine.claim import read_address, read_holder
from toy_engine import frame

HERE = Path(__file__).parent


class Client:
    """One process that speaks the protocol on its standard input and output."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._last = 0

    def send(self, method: str, params: Any = None) -> int:
        """Send a request without waiting for its answer."""
        self._last += 1
        self._write({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        return self._last

    def notify(self, method: str) -> None:
        self._write({"jsonrpc": "2.0", "method": method})

    def receive(self) -> Any:
        """The next answer's result."""
        return self._message()["result"]

    def refused(self, params: Any = None) -> tuple[int, str, Any]:
        """What a process says that cannot serve: its exit status, its standard error, and how it answers."""
        self.send("initialize", params)
        error = self._message()["error"]
        return *self.wait(), error

    def _message(self) -> Any:
        header = self.process.stdout.readline()
        assert header.startswith(b"Content-Length:"), (header, self.process.stderr.read())
        self.process.stdout.readline()
        return json.loads(self.process.stdout.read(int(header.split(b":")[1])))

    def ask(self, method: str = "initialize", params: Any = None) -> Any:
        self.send(method, params)
        return self.receive()

    def hang_up(self) -> int:
        """Close the process's input and wait for its end."""
        self.process.stdin.close()
        return self.process.wait()

    def wait(self) -> tuple[int, str]:
        """The exit status of a process that ends by itself, and what it said on standard error."""
        return self.process.wait(), self.process.stderr.read().decode()

    def _write(self, message: Any) -> None:
        self.process.stdin.write(frame(message))
        self.process.stdin.flush()


class Desk:
    """A data folder, and everything that was started for it."""

    def __init__(self, root: Path, runtime: Path) -> None:
        self.data_dir = root / "data"
        self.runtime = runtime
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry),
            "HOME": str(root),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        self._clients: list[Client] = []

    def run(self, arguments: list[str], **popen: Any) -> Client:
        streams: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        client = Client(subprocess.Popen(arguments, env=self.environment, **(streams | popen)))
        self._clients.append(client)
        return client

    def pipe(self, **options: Any) -> Client:
        """A pipe to the toy engine."""
        return self.run([sys.executable, str(HERE / "toy_pipe.py"), self._text(options)])

    def standalone(self, **popen: Any) -> Client:
        """The toy engine with one client, in one process."""
        return self.run([sys.executable, str(HERE / "toy_engine.py"), "standalone", self._text({})], **popen)

    def events(self) -> list[str]:
        """What the engines have noted, without the process IDs."""
        return [line.rpartition(" ")[0] for line in (self.data_dir / "events").read_text().splitlines()]

    def wait_until_free(self) -> None:
        """Wait until no process has the data folder."""
        with contextlib.suppress(FileNotFoundError), (self.data_dir / "engine.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def kill_engine(self, number: int = signal.SIGKILL) -> int:
        """Send the running engine a signal; answers its process ID."""
        pid = read_holder(self.data_dir).pid
        os.kill(pid, number)
        return pid

    def address(self) -> str | None:
        return read_address(self.data_dir)

    def _text(self, options: dict[str, Any]) -> str:
        return json.dumps({"dataDir": str(self.data_dir), "version": "1.0"} | options)

    def close(self) -> None:
        """End everything, and wait for the engine to leave."""
        for client in self._clients:
            client.process.kill()
            client.process.wait()
            for stream in (client.process.stdin, client.process.stdout, client.process.stderr):
                with contextlib.suppress(BrokenPipeError):
                    if stream:
                        stream.close()
        self.wait_until_free()


@contextlib.contextmanager
def open_desk(root: Path, runtime: Path) -> Iterator[Desk]:
    desk = Desk(root, runtime)
    try:
        yield desk
    finally:
        desk.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does and that no event tells of."""
    while not condition():
        time.sleep(0.001)
