"""A remote session's address, waiting and events, without a server."""

from collections.abc import AsyncIterator

import pytest

from rejoinder_client import RemoteSession
from rejoinder_client.errors import InvalidParams
from rejoinder_client.remote_address import remote_address
from rejoinder_client.remote_errors import RemoteBusy, RemoteDenied, RemoteError, RemoteTimeout, RemoteUnreachable
from rejoinder_client.remote_events import server_events
from rejoinder_client.remote_wire import Retries

ADDRESSES = {
    "localhost:8787": "http://localhost:8787/agent",
    "127.0.0.1:8000/agent": "http://127.0.0.1:8000/agent",
    "127.8.8.8": "http://127.8.8.8/agent",
    "[::1]:8787": "http://[::1]:8787/agent",
    "agent.example:5000/chat": "https://agent.example:5000/chat",
    "192.168.1.100:8000/agent": "https://192.168.1.100:8000/agent",
    "https://agent.example": "https://agent.example/agent",
    "https://agent.example/": "https://agent.example/agent",
    "HTTP://Localhost:1/x/y": "http://localhost:1/x/y",
    " localhost ": "http://localhost/agent",
}


@pytest.mark.parametrize("given", ADDRESSES)
def test_scheme_and_path_are_guessed(given: str) -> None:
    assert remote_address(given).url == ADDRESSES[given]


@pytest.mark.parametrize(
    "given", ["", "http://", "ftp://host/", "http://u:p@host/", "host/?q=1", "host#x", "host:port", "[::1", "file:///x"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        remote_address(given)
    assert refused.value.hint


def test_a_key_goes_unencrypted_to_this_machine_alone() -> None:
    for url in ("http://agent.example/agent", "http://192.168.1.100:8000"):
        with pytest.raises(InvalidParams, match="unencrypted"):
            RemoteSession(url, api_key="k" * 20)
        RemoteSession(url).close()
        RemoteSession(url, api_key="k" * 20, insecure=True).close()
    RemoteSession("localhost", api_key="k" * 20).close()


@pytest.mark.parametrize("options", [{"session_id": "a/b"}, {"api_key": "a\nb"}, {"api_key_env": "NOT_SET"}])
def test_what_cannot_be_sent_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InvalidParams):
        RemoteSession("localhost", **options)  # type: ignore[arg-type]


def test_waits_double_up_to_a_limit_and_the_server_may_ask_for_more() -> None:
    longest = Retries(9, first=0.5, longest=4.0, chance=lambda: 1.0)
    assert [longest.wait(attempt, None) for attempt in range(5)] == [0.5, 1.0, 2.0, 4.0, 4.0]
    shortest = Retries(9, first=0.5, longest=4.0, chance=lambda: 0.0)
    assert [shortest.wait(attempt, None) for attempt in range(3)] == [0.25, 0.5, 1.0]
    assert longest.wait(0, 3.0) == 3.0


def test_only_what_may_pass_is_tried_again() -> None:
    retries = Retries(2, longest=20.0)
    for error in (RemoteUnreachable("x"), RemoteTimeout("x"), RemoteBusy("x", status=503), RemoteBusy("x", status=429)):
        assert retries.may_go_on(0, error) and retries.may_go_on(1, error) and not retries.may_go_on(2, error)
    for error in (RemoteDenied("x", status=401), RemoteError("x", status=422), RemoteError("x", status=307)):
        assert not retries.may_go_on(0, error)
    assert not retries.may_go_on(0, RemoteBusy("x", status=429, retry_after=21.0))


async def test_events_are_read() -> None:
    async def lines() -> AsyncIterator[str]:
        for line in (": waiting", "", "event: text", 'data: {"text":', 'data: "a"}', "", "data: 5", "", "event: x", ""):
            yield line

    assert [tuple(event) async for event in server_events(lines())] == [("text", {"text": "a"}), ("message", 5)]
