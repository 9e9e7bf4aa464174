"""Remote sessions: `rejoinder serve --http` in one process, the client in another, the engine in a third."""

import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from e2e.command import REJOINDER, Command
from e2e.http_kit import (
    AT_ONCE,
    DONE,
    PATIENCE,
    HttpServer,
    http_server,
    key_file,
    listening,
    mode_of,
    passed_on,
    read_until,
    request_of,
)
from e2e.kit import SECRET, Home, sent_texts
from e2e.python_kit import async_program, program
from fake_model import FakeModel, Reply
from rejoinder.protocol.updates import End, Text
from rejoinder_client import (
    AsyncRemoteSession,
    LocalOnly,
    RejoinderError,
    RemoteBusy,
    RemoteDenied,
    RemoteError,
    RemoteSession,
    RemoteTimeout,
    RemoteUnreachable,
    Session,
)


@pytest.fixture(scope="module")
def server(home: Home, echo: FakeModel) -> Iterator[HttpServer]:
    """A server for all tests of this file, without a project."""
    with http_server(home, "--rate", "100000", model=echo) as served:
        yield served


def test_s4_07_py_a_session_goes_on_in_another_process(server: HttpServer, echo: FakeModel) -> None:
    with RemoteSession(server.place, api_key=server.keys["ann"], session_id="trip") as session:
        assert session.is_remote and session.test_connection() and session.test_remote_connection()
        assert session.url == f"http://{server.place}/agent"
        assert session.send_message("My name is Ann.") == "My name is Ann."
        answer = session.run("What is my name?")
        assert (str(answer), answer.session_id) == ("What is my name?", "trip")
        assert answer.metadata["stop_reason"] == "end_turn" and answer.metadata["model"] == "openai-compatible:echo"
    assert "My name is Ann." in sent_texts(echo.requests[-1])
    with Session.connect(f"http://{server.place}", api_key=server.keys["ann"], session_id="trip") as again:
        assert again.chat("And now?") == "And now?"
    assert "What is my name?" in sent_texts(echo.requests[-1])
    with Session("trip", agent_url=f"{server.place}/agent", api_key=server.keys["ann"], timeout=30) as third:  # type: ignore[call-arg]
        assert third.is_remote and third.session_id == "trip" and third.chat("Third") == "Third"
    with pytest.raises(TypeError, match="no memory_config"):
        Session("trip", remote_url=server.place, memory_config={})  # type: ignore[call-arg]


async def test_s4_07_py_an_answer_streams(server: HttpServer, echo: FakeModel) -> None:
    gate = echo.gate()
    gate.release(2)
    echo.script(Reply(tokens=("one ", "two"), gate=gate))
    async with AsyncRemoteSession(server.place, api_key=server.keys["ann"]) as session:
        updates = session.stream("count")
        assert await anext(updates) == Text("one ")
        gate.open()
        rest = [update async for update in updates]
    assert rest[:-1] == [Text("two")]
    assert isinstance(rest[-1], End) and rest[-1].stop_reason == "end_turn"


def test_s4_07_py_what_only_a_local_session_can_do_is_refused(server: HttpServer) -> None:
    with RemoteSession(server.place, api_key=server.keys["ann"]) as session:
        for name in ("memory", "knowledge", "save_state", "state", "add_knowledge", "fork", "messages", "history"):
            with pytest.raises(LocalOnly, match=f"no `{name}`: only a local one") as refused:
                getattr(session, name)
            assert refused.value.hint and isinstance(refused.value, RejoinderError)
            assert not hasattr(session, name)
        with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
            getattr(session, "nonsense")  # noqa: B009 - a type checker knows better


def test_s4_07_py_a_wrong_key_a_dead_and_a_slow_server_are_told_apart(server: HttpServer) -> None:
    for key in ("rjk_wrong", None, server.keys["ann"] + "x"):
        with RemoteSession(server.place, api_key=key, retries=AT_ONCE) as session:
            with pytest.raises(RemoteDenied) as denied:
                session.chat("Hello")
            assert denied.value.status == 401 and denied.value.hint
            assert session.test_connection() is (key is None)  # whether it is there can be asked without a key
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with RemoteSession(f"127.0.0.1:{port}", timeout=0.2, retries=AT_ONCE) as session:
            with pytest.raises(RemoteTimeout) as late:
                session.chat("Hello")
            assert isinstance(late.value, TimeoutError) and not session.test_connection()
    with RemoteSession(f"127.0.0.1:{port}", retries=AT_ONCE) as session:
        with pytest.raises(RemoteUnreachable) as nobody:
            session.chat("Hello")
        assert isinstance(nobody.value, ConnectionError) and not session.test_connection()


def test_s4_07_py_a_turn_counts_once_however_often_it_is_sent(server: HttpServer, echo: FakeModel) -> None:
    cut = threading.Event()

    def cutting(connection: socket.socket) -> None:
        if cut.is_set():
            passed_on(connection, server.port)
            return
        cut.set()
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as other:
            other.sendall(request_of(connection))
            read_until(other, b"Once")  # it was answered, and the answer is lost

    before = len(echo.requests)
    with listening(cutting) as port:
        with RemoteSession(f"127.0.0.1:{port}", api_key=server.keys["ann"], retries=AT_ONCE) as session:
            assert session.chat("Once only") == "Once only"
        cut.clear()
        with RemoteSession(f"127.0.0.1:{port}", api_key=server.keys["ann"], retries=AT_ONCE) as session:
            updates = list(session.stream("Once more"))
    assert "".join(update.text for update in updates if isinstance(update, Text)) == "Once more"
    assert isinstance(updates[-1], End)
    with RemoteSession(server.place, api_key=server.keys["ann"], session_id="once") as session:
        assert session.run("first", turn_id="t").text == session.run("second", turn_id="t").text == "first"
    assert len(echo.requests) - before == 3


def test_s4_07_py_a_stream_that_breaks_goes_on_where_it_was(server: HttpServer, echo: FakeModel) -> None:
    gate = echo.gate()
    gate.release(2)
    echo.script(Reply(tokens=("first ", "second ", "third"), gate=gate))
    cut = threading.Event()

    def cutting(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as other:
            other.sendall(request_of(connection))
            if cut.is_set():
                gate.open()
            else:
                cut.set()
                connection.sendall(read_until(other, b"first"))
                return
            connection.sendall(read_until(other, DONE))

    before = len(echo.requests)
    key = server.keys["ann"]
    with listening(cutting) as port, RemoteSession(f"127.0.0.1:{port}", api_key=key, retries=AT_ONCE) as session:
        updates = list(session.stream("Count"))
    assert "".join(update.text for update in updates if isinstance(update, Text)) == "first second third"
    assert len(echo.requests) - before == 1


def test_s4_07_py_a_busy_server_is_asked_again_when_it_says(server: HttpServer) -> None:
    refusals = iter([b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"] * 2)

    def busy(connection: socket.socket) -> None:
        if refusal := next(refusals, None):
            request_of(connection)
            connection.sendall(refusal)
        else:
            passed_on(connection, server.port)

    key = server.keys["ann"]
    with listening(busy) as port, RemoteSession(f"127.0.0.1:{port}", api_key=key, retries=AT_ONCE) as session:
        assert session.chat("Patience") == "Patience"

    def away(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"HTTP/1.1 429 No\r\nRetry-After: 3600\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    with listening(away) as port, RemoteSession(f"127.0.0.1:{port}", retries=AT_ONCE) as session:
        with pytest.raises(RemoteBusy) as refused:
            session.chat("Hello")
        assert refused.value.retry_after == 3600.0


def test_s4_07_py_a_key_follows_no_redirect(server: HttpServer) -> None:
    seen: list[bytes] = []

    def elsewhere(connection: socket.socket) -> None:
        seen.append(request_of(connection))

    with listening(elsewhere) as other:

        def redirecting(connection: socket.socket) -> None:
            request_of(connection)
            place = f"Location: http://127.0.0.1:{other}/agent\r\n"
            connection.sendall(f"HTTP/1.1 307 There\r\n{place}Content-Length: 0\r\n\r\n".encode())

        key = server.keys["ann"]
        with listening(redirecting) as port, RemoteSession(f"127.0.0.1:{port}", api_key=key) as session:
            with pytest.raises(RemoteError, match=f"points to http://127.0.0.1:{other}/agent"):
                session.chat("Hello")
            assert not session.test_connection()
    assert seen == []


def test_s4_07_py_a_session_survives_both_servers(home: Home, echo: FakeModel) -> None:
    with (
        http_server(home, model=echo, users=("max",)) as first,
        RemoteSession(first.place, api_key=first.keys["max"], session_id="long", retries=AT_ONCE) as session,
    ):
        assert session.chat("Before") == "Before"
        assert first.stop(signal.SIGTERM) == 0
        home.kill()
        with http_server(home, model=echo, users=("ned",), port=first.port):
            assert session.chat("After") == "After"
    assert sent_texts(echo.requests[-1])[-3:] == ["Before", "Before", "After"]


async def test_s4_07_py_the_owner_reads_a_remote_session_at_home(server: HttpServer, home: Home) -> None:
    assert server.ask("Seen from home", session="shared").status == 200
    async with async_program(home) as client:
        messages = await (await client.existing("ann:shared", user_id="ann")).messages
    assert [message.content for message in messages] == ["Seen from home", "Seen from home"]


USERS = ("ann", "bob")
STEPS = st.lists(
    st.tuples(st.sampled_from(USERS), st.sampled_from(("s", "ann:s", "bob:s", "t")), st.sampled_from((None, "k", "l"))),
    min_size=2,
    max_size=8,
)


@settings(max_examples=12, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_s4_07_py_no_key_reads_what_another_user_said(
    server: HttpServer, echo: FakeModel, steps: list[tuple[str, str, str | None]]
) -> None:
    for number, (user, session, turn) in enumerate(steps):
        before = len(echo.requests)
        headers = {} if turn is None else {"idempotency_key": turn}
        reply = server.ask(f"{user} says {number}", user=user, session=session, **headers)
        assert reply.status == 200 and reply.json["response"].startswith(f"{user} says ")
        others = [other for other in USERS if other != user]
        for request in echo.requests[before:]:
            assert not any(f"{other} says" in text for other in others for text in sent_texts(request))


def test_s4_07_py_users_are_bound_to_keys(server: HttpServer) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}], "context": {"session_id": "s", "user_id": "bob"}}
    reply = server.request("POST", "/agent", body=body, key=server.keys["ann"])
    assert (reply.status, reply.json["error"]["code"]) == (403, "other_user")
    other = RemoteSession(server.place, api_key=server.keys["ann"], user_id="bob")
    with other, pytest.raises(RemoteDenied):
        other.chat("Hello")
    server.ask("A secret of Bob", user="bob", session="diary")
    for mention in ("#session:bob:diary", "#session:diary", "see #session:bob:d"):
        reply = server.ask(mention, user="ann")
        assert (reply.status, reply.json["error"]["code"]) == (422, "not_understood")
        assert "Bob" not in str(reply.body)


def test_s4_07_py_secrets_stay_within(server: HttpServer, echo: FakeModel) -> None:
    tokens = ("The key is ", SECRET[:20], SECRET[20:], " and ends here.")
    echo.script(Reply(tokens=tokens), Reply(tokens=tokens))
    with RemoteSession(server.place, api_key=server.keys["ann"]) as session:
        whole = session.chat("Which key?")
        streamed = "".join(update.text for update in session.stream("Again?") if isinstance(update, Text))
    for text in (whole, streamed):
        assert re.fullmatch(r"The key is \[masked:anthropic-key:\d+\] and ends here\.", text)


def test_s4_07_py_history_may_begin_with_messages_and_the_short_form_is_taken(
    server: HttpServer, echo: FakeModel
) -> None:
    said = [("system", "Be brief."), ("user", "I am Zoe."), ("assistant", "Hello Zoe."), ("user", "Who am I?")]
    messages = [{"role": role, "content": text} for role, text in said]
    body = {"messages": messages, "context": {"session_id": "begun"}}
    for _ in range(2):
        assert server.request("POST", "/agent", body=body, key=server.keys["bob"]).status == 200
    texts = sent_texts(echo.requests[-1])
    assert texts[1:] == ["I am Zoe.", "Hello Zoe.", "Who am I?", "Who am I?", "Who am I?"]
    assert "Be brief." in texts[0]
    short = server.request("POST", "/agent", body={"query": "Hi", "session_id": "short"}, key=server.keys["bob"])
    assert (short.json["response"], short.json["session_id"]) == ("Hi", "short")


def test_s4_07_py_a_key_may_have_a_project(home: Home, project: Path, echo: FakeModel) -> None:
    with http_server(home, model=echo, users=("cyd",), project=project) as served:
        assert served.ask("What is in @file:pool.py", user="cyd").status == 200
        assert any("class ConnectionPool" in text for text in sent_texts(echo.requests[-1]))
        for outside in ("@file:../secret", "@file:/etc/passwd"):
            assert served.ask(outside, user="cyd").status in (200, 422)
            assert not any("root:" in text for text in sent_texts(echo.requests[-1]))
    with program(home, project) as client:
        assert client.existing("cyd:s", user_id="cyd").session_id == "cyd:s"


@pytest.fixture
def command(home: Home, tmp_path: Path) -> Command:
    """The terminal, beside the server."""
    return Command(home, tmp_path)


def test_s4_07_cli_questions_go_to_a_remote_session(server: HttpServer, command: Command, echo: FakeModel) -> None:
    key = {"REJOINDER_REMOTE_KEY": server.keys["ann"]}
    asked = ("ask", "--remote", server.place, "--session", "cli")
    assert command(*asked, "Remember the harbour.", **key).out == "Remember the harbour.\n"
    assert command(*asked, "--json", "Where?", **key).out.count('"response": "Where?"') == 1
    assert "Remember the harbour." in sent_texts(echo.requests[-1])
    named = ("--remote-key-env", "MY_KEY")
    piped = command("ask", "--remote", server.place, *named, "Read:", text="a page", MY_KEY=server.keys["bob"])
    assert piped.out == "Read:\n\na page\n"
    chatted = command("chat", "--remote", server.place, "--session", "cli", text="One\n\nTwo\nexit\nThree\n", **key)
    assert chatted.out == "One\nTwo\n" and f"cli at http://{server.place}/agent" in chatted.err


def test_s4_07_cli_a_reader_who_has_seen_enough_hears_of_no_error(
    server: HttpServer, command: Command, echo: FakeModel
) -> None:
    gate = echo.gate()
    gate.release(2)
    echo.script(Reply(tokens=("one\n", *(f"{number} " for number in range(200))), gate=gate))
    with subprocess.Popen(
        [*REJOINDER, "ask", "--remote", server.place, "Go on"],
        cwd=command.project,
        env={**command.home.environment, "REJOINDER_REMOTE_KEY": server.keys["ann"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as asking:
        assert asking.stdout and asking.stderr
        assert asking.stdout.readline() == "one\n"
        asking.stdout.close()
        gate.open()
        assert (asking.stderr.read(), asking.wait()) == ("", 0)


def test_s4_07_cli_says_what_is_wrong_with_a_remote_session(server: HttpServer, command: Command) -> None:
    key = {"REJOINDER_REMOTE_KEY": server.keys["ann"]}
    wrong = command("ask", "--remote", server.place, "Hi", code=1, REJOINDER_REMOTE_KEY="rjk_wrong")
    assert "error: The key is missing or wrong." in wrong.err and "hint: Use the key that `rejoinder serve" in wrong.err
    assert "'' is no address" in command("ask", "--remote", "", "Hi", code=1, **key).err
    assert (
        "The variable REJOINDER_REMOTE_KEY holds no key." in command("ask", "--remote", server.place, "Hi", code=1).err
    )
    assert "--model does not go" in command("ask", "--remote", server.place, "--model", "x", "Hi", code=2, **key).err
    assert "unencrypted" in command("ask", "--remote", "http://203.0.113.7/agent", "Hi", code=1, **key).err
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert "cannot be reached" in command("chat", "--remote", f"127.0.0.1:{port}", code=1, **key).err


def test_s4_07_cli_keys_are_made_listed_and_revoked(server: HttpServer, command: Command, home: Home) -> None:
    made = command("serve", "--http", "--new-key", "phone", "--user", "zoe", "--project", ".")
    key = made.out.strip()
    assert re.fullmatch(r"rjk_[A-Za-z0-9_-]{43}", key) and "not shown again" in made.err
    file = key_file(home).path
    assert mode_of(file) == 0o600 and key not in file.read_text()
    listed = command("serve", "--http", "--list-keys").out.splitlines()
    assert f"phone\tzoe\t{command.project}" in listed
    assert "already" in command("serve", "--http", "--new-key", "phone", code=1).err
    assert "names no key" in command("serve", "--http", "--new-key", "a:b", code=1).err
    # a server that runs knows of both at once
    assert server.request("GET", "/health", key=key).status == 200
    command("serve", "--http", "--revoke-key", "phone")
    assert server.request("GET", "/health", key=key).status == 401
    assert server.ask("Still there").status == 200


def test_s4_07_cli_a_server_without_a_key_or_beyond_this_machine_does_not_start(
    fresh_home: Home, tmp_path: Path
) -> None:
    command = Command(fresh_home, tmp_path)
    assert "There is no key" in command("serve", "--http", "127.0.0.1:0", code=1).err
    command("serve", "--http", "--new-key", "ann")
    assert "can be reached from other machines" in command("serve", "--http", "0.0.0.0:0", code=1).err
    key_file(fresh_home).path.chmod(0o644)
    assert "is not yours alone" in command("serve", "--http", "127.0.0.1:0", code=1).err
    fresh_home.config.write_text('[http.keys.phone]\nkeyEnv = "PHONE_KEY"\n')
    assert "holds no key of 20 characters" in command("serve", "--http", "--list-keys", code=1, PHONE_KEY="short").err
