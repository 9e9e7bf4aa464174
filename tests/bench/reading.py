"""The end of a long session, and a long list of sessions."""

from bench.conversations import export_of, messages, session
from bench.figures import Row, milliseconds, rounds
from bench.opened_files import opened_files
from bench.sandbox import Sandbox

_MESSAGES = 10_000
_SIZE = 400
_SESSIONS = 1_000
_READS = 5
_PAGE = {"sessionId": "long", "limit": 50}
_LIST = {"limit": _SESSIONS}


def benchmark(runs: int) -> list[Row]:
    """Every round begins with an engine that has only just started and has read nothing of the long session."""
    with Sandbox() as sandbox:
        _fill(sandbox)
        figures = rounds(lambda: _run(sandbox), runs)
    last = f"last {_PAGE['limit']} messages of a {_MESSAGES:,}-message session"
    return [
        Row(what=f"{last}, engine just started", value=figures.median("cold"), unit="ms", at_most=50.0),
        Row(what=f"{last}, read before", value=figures.median("warm"), unit="ms", at_most=50.0),
        Row(what=f"list of {_SESSIONS:,} sessions", value=figures.median("list"), unit="ms", at_most=30.0),
        Row(what="– the first one of an engine", value=figures.median("first list"), unit="ms"),
        Row(
            what="– message files that it opens",
            value=figures.median("opened"),
            unit="files",
            at_most=0.0,
            note=f"reading the long session opens {figures.median('opened by reading'):.0f}",
        ),
    ]


def _run(sandbox: Sandbox) -> dict[str, float]:
    client = sandbox.serve(project=sandbox.project())
    with opened_files(sandbox.data_dir) as by_list:
        first_list = client.timed("rejoinder/session/list", _LIST)
        lists = [client.timed("rejoinder/session/list", _LIST) for _ in range(_READS)]
    with opened_files(sandbox.data_dir) as by_reading:
        cold = client.timed("rejoinder/session/history", _PAGE)
    warm = [client.timed("rejoinder/session/history", _PAGE) for _ in range(_READS)]
    sandbox.end_engine()
    return {
        "cold": 1000 * cold,
        "warm": milliseconds(warm),
        "list": milliseconds(lists),
        "first list": 1000 * first_list,
        "opened": len(_message_files(by_list)),
        "opened by reading": len(_message_files(by_reading)),
    }


def _fill(sandbox: Sandbox) -> None:
    path = messages(_MESSAGES, size=_SIZE)
    short = path[:2]
    sessions = [(session(f"s-{number}", short, age=number), short) for number in range(_SESSIONS - 1)]
    client = sandbox.serve(project=sandbox.project())
    content = export_of((session("long", path), path), *sessions)
    client.request("rejoinder/session/import", {"format": "json", "content": content})
    sandbox.end_engine()


def _message_files(names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("messages.")]
