"""Fetching pages: limits, errors, and addresses that are checked and then kept to."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rejoinder.adapters.page_fetching import HttpPages
from rejoinder.adapters.web_addresses import is_public
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted, RejoinderError, SourceUnreadable, TooLarge
from rejoinder.services.knowledge_ports import RawDocument, Reach

NEAR = Reach(allow_private=True)


class Site:
    """A server on this machine, whose answers a test gives by path; also a proxy, whose paths are whole URLs."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Path and the header `Host` of each request."""
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.over = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers["Host"]))
                try:
                    site.answers[self.path](self)
                except ConnectionError:
                    self.close_connection = True  # the client has seen enough

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def says(self, path: str, body: bytes, *, status: int = 200, **headers: str) -> str:
        """Have a path answer so; answers its URL."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"content_type": "text/plain", **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer
        return self.url + path

    def drips(self, path: str, piece: bytes, pause: float) -> str:
        """Have a path send pieces without end."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            while not self.over.wait(pause):
                handler.wfile.write(piece)

        self.answers[path] = answer
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield site
    site.over.set()
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def nobody(what: str, done: int, total: int) -> None:
    pass


async def fetch(url: str, reach: Reach = NEAR, **limits: object) -> RawDocument:
    return await HttpPages(**limits).fetch(url, reach, nobody)  # type: ignore[arg-type]


async def error_of(url: str, reach: Reach = NEAR, **limits: object) -> RejoinderError:
    with pytest.raises(RejoinderError) as caught:
        await fetch(url, reach, **limits)
    assert caught.value.hint
    return caught.value


async def test_a_page_comes_with_its_type_and_where_it_was_found(site: Site) -> None:
    site.says("/new?x=1", b"hello", content_type="text/html; charset=utf-8")
    url = site.says("/old", b"", status=302, location="/new?x=1#there")
    page = await fetch(f"{url}#part")
    assert (page.data, page.mime_type) == (b"hello", "text/html; charset=utf-8")
    assert page.uri == f"{site.url}/new?x=1" and page.name == "new"


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x", "http://", "https:///x", "http://[::1", "gopher://x", "http://a:99999/", "x" * 5000]
)
async def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    assert isinstance(await error_of(url), InvalidInput)


async def test_an_address_with_a_password_is_refused(site: Site) -> None:
    error = await error_of(f"http://me:secret@127.0.0.1:{site.port}/x")
    assert isinstance(error, InvalidInput) and "secret" not in error.message and not site.asked


async def test_without_leave_nothing_on_this_machine_is_asked(site: Site) -> None:
    site.says("/x", b"private")
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "[::ffff:127.0.0.1]"):
        error = await error_of(f"http://{host}:{site.port}/x", Reach())
        assert isinstance(error, NotTrusted), host
    assert not site.asked


@pytest.mark.parametrize(
    "address",
    (
        *(
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        "240.0.0.1",
    ),
)
def test_private_addresses_are_known_in_every_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


async def test_the_address_that_was_checked_is_the_one_that_is_asked(site: Site) -> None:
    """A name that is looked up once cannot mean another server afterwards."""
    looked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        looked.append(host)
        return ["127.0.0.1"] if len(looked) == 1 else ["127.0.0.2"]

    site.says("/x", b"hello")
    page = await fetch(f"http://site.test:{site.port}/x", resolve=resolve)
    assert page.data == b"hello" and page.uri == f"http://site.test:{site.port}/x"
    assert looked == ["site.test"] and site.asked == [("/x", f"site.test:{site.port}")]


async def test_each_redirect_is_checked_anew(site: Site) -> None:
    """Through a proxy, so that a public address can be asked at all."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return {"public.test": ["93.184.216.34"], "inner.test": ["10.0.0.5"]}[host]

    site.says("http://93.184.216.34/x", b"", status=302, location="http://inner.test/admin")
    error = await error_of("http://public.test/x", Reach(proxy=site.url), resolve=resolve)
    assert isinstance(error, NotTrusted) and "inner.test" in error.message
    assert site.asked == [("http://93.184.216.34/x", "public.test")]


async def test_a_redirect_to_a_file_is_refused(site: Site) -> None:
    url = site.says("/x", b"", status=302, location="file:///etc/passwd")
    assert isinstance(await error_of(url), NotTrusted)


async def test_redirects_in_a_circle_end(site: Site) -> None:
    url = site.says("/a", b"", status=302, location="/b")
    site.says("/b", b"", status=301, location="/a")
    error = await error_of(url)
    assert isinstance(error, SourceUnreadable) and error.reason == "redirects" and len(site.asked) == 6


async def test_a_page_without_end_is_too_large(site: Site) -> None:
    url = site.drips("/x", b"x" * 100_000, 0)
    assert isinstance(await error_of(url, largest=1_000_000), TooLarge)


async def test_a_page_that_says_that_it_is_too_large_is_not_read(site: Site) -> None:
    url = site.says("/x", b"", content_length="99999999999")
    error = await error_of(url)
    assert isinstance(error, TooLarge) and error.data["limit"] == 20_000_000


async def test_a_page_that_drips_takes_too_long(site: Site) -> None:
    begun = time.monotonic()
    error = await error_of(site.drips("/x", b".", 0.02), seconds=0.5)
    assert isinstance(error, SourceUnreadable) and error.reason == "timeout" and time.monotonic() - begun < 10


async def test_a_server_that_says_nothing_takes_too_long(site: Site) -> None:
    site.answers["/x"] = lambda handler: (site.over.wait(30), None)[1]
    error = await error_of(f"{site.url}/x", silent_seconds=0.3)
    assert isinstance(error, SourceUnreadable) and error.reason == "timeout"


async def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = await error_of(f"http://127.0.0.1:{port}/x")
    assert isinstance(error, SourceUnreadable) and error.reason == "unreachable"
    error = await error_of("http://there-is-no-such.invalid/x")
    assert isinstance(error, SourceUnreadable) and error.reason == "unreachable"


async def test_a_server_that_breaks_off_is_said_to_do_so(site: Site) -> None:
    url = site.says("/x", b"half", content_length="100")
    error = await error_of(url)
    assert isinstance(error, SourceUnreadable) and error.reason == "http"


async def test_errors_of_servers_have_their_own_errors(site: Site) -> None:
    assert isinstance(await error_of(site.says("/gone", b"", status=404)), NotFound)
    error = await error_of(site.says("/login", b"", status=401))
    assert isinstance(error, SourceUnreadable) and "401" in error.message and "login" in error.hint
    assert "503" in (await error_of(site.says("/down", b"", status=503))).message
