"""Another client's requests while a large text is masked and fitted into a prompt."""

import threading

from bench.client import Client
from bench.conversations import messages
from bench.figures import Row, rounds
from bench.sandbox import Sandbox

_BYTES = 1 << 20


def benchmark(runs: int) -> list[Row]:
    """One client attaches a text of a megabyte, another asks for a session again and again."""
    with Sandbox() as sandbox:
        sandbox.environment["REJOINDER_CONTEXT_TOKENS"] = str(_BYTES)
        model = sandbox.model()
        sending, asking = sandbox.serve(model=model), sandbox.serve(model=model)
        asking.request("rejoinder/session/create", {"sessionId": "asked"})
        (message,) = messages(1, size=_BYTES)
        figures = rounds(lambda: _run(sending, asking, message.content), runs)
    what = "another request's longest wait while a text of 1 MiB is sent to a model"
    return [
        Row(what=what, value=figures.median("longest"), unit="ms"),
        Row(what="– the turn with that text", value=figures.median("turn"), unit="ms"),
    ]


def _run(sending: Client, asking: Client, text: str) -> dict[str, float]:
    turn: list[float] = []

    def send() -> None:
        attachment = {"uri": "untitled:large", "text": text}
        params = {"text": "What is this?", "attachments": [attachment], "ephemeral": True, "retrieve": False}
        turn.append(sending.timed("rejoinder/ask", params))

    thread = threading.Thread(target=send)
    thread.start()
    waits = [0.0]
    while thread.is_alive():
        waits.append(asking.timed("rejoinder/session/get", {"sessionId": "asked"}))
    thread.join()
    return {"longest": 1000 * max(waits), "turn": 1000 * turn[0]}
