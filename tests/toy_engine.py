"""An engine with a toy for a service: a real process for the tests of `rejoinder.engine`.

    toy_engine.py engine|standalone '{"dataDir": …, "version": …, …}'

The service answers each request with what it knows, and writes what becomes of it to the file `events` in the data
folder. Where the data folder holds a FIFO named `stopping`, stopping waits until somebody reads it.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from rejoinder import platform
from rejoinder.domain.errors import RejoinderError, StorageFull
from rejoinder.engine import daemon, reception
from rejoinder.engine.greeting import Greeting
from rejoinder.lsp.errors import to_wire_error


def main(role: str, text: str) -> int:
    options = json.loads(text)
    data_dir = Path(options["dataDir"])
    limits = reception.Limits(**options.get("limits", {}))
    common = {"data_dir": data_dir, "version": options["version"], "limits": limits, "to_wire": to_wire_error}
    try:
        if role == "standalone":
            asyncio.run(daemon.run_standalone(open_service=lambda: Toy.open(data_dir, options), **common))
        else:
            idle_seconds, listener = options.get("idleSeconds", 0), platform.inherited_listener()
            opening = {"open_service": lambda: Toy.open(data_dir, options), "listener": listener}
            asyncio.run(daemon.run_engine(idle_seconds=idle_seconds, **opening, **common))
    except RejoinderError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return 1
    return 0


class Toy:
    def __init__(self, data_dir: Path, version: str) -> None:
        self.data_dir = data_dir
        self.version = version
        self.no_turn = asyncio.Event()
        self.no_turn.set()
        self.note("opened")

    @classmethod
    async def open(cls, data_dir: Path, options: dict[str, Any]) -> "Toy":
        if options.get("fail") == "told":
            raise StorageFull("somewhere")
        if options.get("fail") == "crash":
            os._exit(7)
        return cls(data_dir, options["version"])

    def note(self, event: str) -> None:
        with (self.data_dir / "events").open("a") as file:
            file.write(f"{event} {os.getpid()}\n")

    async def serve(self, greeting: Greeting, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while message := await read_message(reader):
                if message["method"] == "exit":
                    return
                if message["method"] == "turn/begin":
                    self.no_turn.clear()
                if message["method"] == "turn/end":
                    self.no_turn.set()
                if message["method"] == "stray":
                    print("what a library prints")  # must not reach the client
                if "id" in message:
                    result = {"pid": os.getpid(), "version": self.version, "flags": dict(greeting.flags)}
                    echo = message.get("params")
                    writer.write(frame({"jsonrpc": "2.0", "id": message["id"], "result": {**result, "echo": echo}}))
                    await writer.drain()
        finally:
            self.note("client gone")

    async def quiet(self) -> None:
        await self.no_turn.wait()

    async def drain(self) -> None:
        self.note("draining")
        await self.no_turn.wait()
        self.note("drained")

    async def stop(self) -> None:
        if (fifo := self.data_dir / "stopping").exists():
            await asyncio.to_thread(fifo.write_text, "stopping")
        self.note("stopped")


async def read_message(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    header = await reader.readline()
    if not header:
        return None
    await reader.readline()
    message: dict[str, Any] = json.loads(await reader.readexactly(int(header.split(b":")[1])))
    return message


def frame(message: dict[str, Any]) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
