"""What `rejoinder serve --http` withstands: strangers, floods, clients that leave, and its own end."""

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Iterator

import pytest

from e2e.http_kit import DONE, PATIENCE, HttpServer, http_server, read_until
from e2e.kit import Home, sent_texts
from e2e.python_kit import async_program
from fake_model import FakeModel, Gate, Reply


@pytest.fixture(scope="module")
def server(home: Home, echo: FakeModel) -> Iterator[HttpServer]:
    """A server for the tests that leave it as it is."""
    with http_server(home, "--rate", "100000", "--max-body", "5000", "--turns", "1", model=echo) as served:
        yield served


def held(model: FakeModel, *tokens: str) -> Gate:
    """The next answer comes as far as its first word, and then waits."""
    gate = model.gate()
    gate.release(2)
    model.script(Reply(tokens=tokens or ("first ", "last"), gate=gate))
    return gate


def test_pages_of_other_places_are_turned_away(server: HttpServer) -> None:
    key = server.keys["ann"]
    for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example", "", "[::1"):
        reply = server.request("GET", "/health", key=key, host=host)
        assert (reply.status, reply.json["error"]["code"]) == (421, "unknown_host"), host
    for origin in ("http://evil.example", "null", f"http://localhost:{server.port}"):
        reply = server.ask("Hello", origin=origin)
        assert (reply.status, reply.json["error"]["code"]) == (403, "other_origin"), origin
        assert "access-control-allow-origin" not in reply.headers
    assert server.ask("Hello", origin=f"http://{server.place}").status == 200
    assert server.ask("Hello", host=f"localhost:{server.port}").status == 200


def test_a_key_is_asked_for_and_bodies_are_json_of_some_size(server: HttpServer) -> None:
    key = server.keys["ann"]
    for headers in ({}, {"authorization": "Bearer"}, {"authorization": f"Basic {key}"}, {"x_api_key": "x"}):
        reply = server.request("POST", "/agent", body={"query": "Hi"}, **headers)
        assert reply.status == 401 and reply.headers["www-authenticate"].startswith("Bearer")
    assert server.request("POST", "/agent", body={"query": "Hi"}, x_api_key=key).status == 200
    assert server.request("POST", "/agent", body=b"query=Hi", key=key, content_type="text/plain").status == 415
    assert server.ask("x" * 5000).status == 413
    for body, where in (
        (b"{", ""),
        (b"[" * 4000, ""),
        (b'{"messages": []}', "messages"),
        (b'{"messages": [{"role": "user", "content": 5}]}', "messages.0.content"),
        (b'{"messages": [{"role": "user", "content": " "}]}', "messages.0.content"),
        (b'{"query": "Hi", "session_id": "a/../b"}', ""),
        (b'{"messages": [{"role": "system", "content": "x"}]}', "messages"),
    ):
        reply = server.request("POST", "/agent", body=body, key=key)
        assert reply.status == 422 and reply.json["error"]["message"].startswith(where), (body, reply.body)
    assert (server.request("GET", "/agent", key=key).status, server.request("GET", "/x").status) == (405, 404)
    assert server.request("POST", "/agent", body={"query": "Hi"}, key=key, accept="image/png").status == 406


def test_a_body_without_a_length_is_measured_as_it_comes(server: HttpServer) -> None:
    head = (
        f"POST /agent HTTP/1.1\r\nHost: {server.place}\r\nAuthorization: Bearer {server.keys['ann']}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as stream:
        stream.sendall(head.encode() + b"1000\r\n" + b" " * 4096 + b"\r\n" + b"1000\r\n" + b" " * 4096 + b"\r\n")
        assert read_until(stream, b"too_large").startswith(b"HTTP/1.1 413 ")


def test_a_head_may_not_be_endless(server: HttpServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as stream:
        with contextlib.suppress(OSError):
            for _ in range(100):
                stream.sendall(b"GET /health HTTP/1.1\r\nX: " + b"x" * 1000 if _ == 0 else b"x" * 1000)
        with contextlib.suppress(ConnectionResetError):
            assert read_until(stream, b"never").startswith(b"HTTP/1.1 400 ")


def test_requests_of_a_key_are_counted(home: Home, echo: FakeModel) -> None:
    with http_server(home, "--rate", "3", model=echo, users=("cyd", "dee")) as served:
        replies = [served.ask("Hi", user="cyd") for _ in range(5)]
        assert [reply.status for reply in replies] == [200, 200, 200, 429, 429]
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 20
        assert served.ask("Hi", user="dee").status == 200
        strangers = [served.request("POST", "/agent", body={"query": "Hi"}, key=f"rjk_{n}").status for n in range(40)]
        assert set(strangers) == {401, 429} and served.ask("Hi", user="dee").status == 200


def test_turns_at_once_are_counted_also_when_nobody_listens(server: HttpServer, echo: FakeModel) -> None:
    gate = held(echo)
    with server.begin("Slowly", session="slow") as stream:
        read_until(stream, b"first")
        refused = server.ask("And me?", session="other")
        assert (refused.status, refused.json["error"]["code"]) == (429, "too_many_turns")
    assert refused.headers["retry-after"] == "1"
    assert server.ask("And me?", session="other").status == 429
    assert server.ask("I am somebody else", user="bob").status == 200
    gate.open()


async def test_a_turn_goes_on_when_its_client_has_gone(server: HttpServer, echo: FakeModel, home: Home) -> None:
    while server.request("POST", "/agent", body={"query": "free?"}, key=server.keys["ann"]).status == 429:
        await asyncio.sleep(0.05)
    gate = held(echo, "first ", "and last")
    async with async_program(home) as editor:
        with server.begin("Go on", session="left") as stream:
            read_until(stream, b"first")
            session = await editor.existing("ann:left", user_id="ann")
            changes = editor.changes()
            following = asyncio.ensure_future(anext(changes))
        gate.open()
        while (await following).kind != "message":
            following = asyncio.ensure_future(anext(changes))
        assert [message.content for message in await session.messages] == ["Go on", "first and last"]
        await changes.aclose()


async def test_a_turn_ends_with_its_client_where_that_is_set(home: Home, echo: FakeModel) -> None:
    with http_server(home, "--set", "onDisconnect=cancel", model=echo, users=("eve",)) as served:
        for streamed in (True, False):
            held(echo)
            before = len(echo.requests)
            begun = served.begin("Leaving", user="eve")
            if streamed:
                read_until(begun, b"first")
            while len(echo.requests) == before:
                await asyncio.sleep(0.02)
            begun.close()
            await echo.requests[-1].disconnect()


def test_a_session_of_a_turn_that_runs_waits_for_it(home: Home, echo: FakeModel) -> None:
    with http_server(home, model=echo, users=("fay",)) as served:
        gate = held(echo)
        with served.begin("One", user="fay") as one:
            read_until(one, b"first")
            with served.begin("Two", user="fay") as two:
                gate.open()
                assert b'"response":"Two"' in read_until(two, DONE)
            assert b"last" in read_until(one, DONE)
        assert sent_texts(echo.requests[-1])[-3:] == ["One", "first last", "Two"]


def test_what_is_wrong_with_the_model_is_told_without_where_it_is(server: HttpServer, echo: FakeModel) -> None:
    for status, expected in ((401, 502), (429, 503), (500, 502), (400, 502)):
        echo.script(*[Reply(status=status, headers={"retry-after": "0"})] * 6)
        reply = server.ask("Hi", user="bob", session=f"m{status}")
        assert reply.status == expected, (status, reply.body)
        said = reply.body.decode()
        assert str(echo.port) not in said and "Traceback" not in said and "/" not in reply.json["error"]["message"]
        echo._script.clear()
    gate = echo.gate()
    gate.release(2)
    echo.script(Reply(tokens=("half ", "of it"), gate=gate, dies_after=1))
    with server.begin("Break", user="bob", session="broken") as stream:
        seen = read_until(stream, b"half")
        gate.open()
        seen += read_until(stream, b'"status":')
    assert b"event: error" in seen and b"Traceback" not in seen


def test_the_end_waits_for_turns_and_takes_no_new_ones(home: Home, echo: FakeModel) -> None:
    with http_server(home, model=echo, users=("gus",)) as served:
        gate = held(echo)
        with served.begin("Slowly", user="gus") as stream:
            read_until(stream, b"first")
            served.process.send_signal(signal.SIGTERM)
            while served.request("GET", "/health").json["status"] != "ending":
                pass
            refused = served.ask("Late", user="gus", session="late")
            assert refused.status == 503 and int(refused.headers["retry-after"]) > 0
            gate.open()
            assert b"first last" in read_until(stream, DONE)
        assert served.process.wait(PATIENCE) == 0


def test_the_end_comes_after_the_grace_and_the_turn_is_kept(home: Home, echo: FakeModel) -> None:
    with http_server(home, "--grace", "0", model=echo, users=("hal",)) as served:
        gate = held(echo)
        with served.begin("Slowly", user="hal", session="kept") as stream:
            read_until(stream, b"first")
            assert served.stop(signal.SIGINT) == 0
            told = read_until(stream, b"shutting_down")
        assert b"event: error" in told and b'"status":503' in told
        gate.open()
    with http_server(home, model=echo, users=("hal",)) as again:
        assert again.ask("And?", user="hal", session="kept").status == 200
    assert sent_texts(echo.requests[-1])[-3:] == ["Slowly", "first last", "And?"]


def test_the_specification_is_served_and_names_the_limits(server: HttpServer) -> None:
    document = json.loads(server.request("GET", "/openapi.json").body)
    assert set(document["paths"]) == {"/agent", "/health", "/agent/health", "/openapi.json"}
    assert "5000 bytes" in document["info"]["description"]


def test_the_engine_may_die_in_a_turn(home: Home, echo: FakeModel) -> None:
    with http_server(home, model=echo, users=("ida",)) as served:
        held(echo)
        with served.begin("Slowly", user="ida") as stream:
            read_until(stream, b"first")
            home.kill()
            told = read_until(stream, b"engine_gone")
        assert b"event: error" in told
        assert served.ask("Again", user="ida").json["response"] == "Again"
