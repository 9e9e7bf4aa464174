"""What is sound of a damaged file is read; a warning names the file (session manager: corrupted session file)."""

import logging
from pathlib import Path

from rejoinder_client import Client, Message, open_pipe

logging.basicConfig(format="%(levelname)s: %(message)s")


def connected() -> Client:
    """A client whose server ends with it, so that nobody has the files open in between."""
    return Client(open_pipe(data_dir="sessions", environment={"REJOINDER_IDLE_SECONDS": "0"}))


with connected() as client:
    session = client.session("my_project", messages=[Message.user("First")])
    session.add(Message.user("Second"))

for file in Path("sessions").glob("projects/*/sessions/*/messages.*.jsonl"):
    file.write_bytes(file.read_bytes().replace(b"Second", b"S\0cond"))

with connected() as client:
    messages = client.sessions.load("my_project") or []
    print(f"{len(messages)} sound message: {messages[0].content}")
