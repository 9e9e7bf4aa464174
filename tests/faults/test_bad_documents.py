"""Documents and pages that nobody should get: each ends in a clear error, and nothing else is harmed."""

import os
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from documents_kit import bomb_docx, make_pdf, pdf_bytes
from e2e.kit import Editor, Home, home_in

HALF_A_GIGABYTE = 500 << 20


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home for all tests of this file."""
    with home_in(tmp_path_factory.mktemp("user")) as home:
        yield home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
async def editor(home: Home, project: Path) -> AsyncIterator[Editor]:
    """An editor whose project has knowledge already, which is still there and found after the test."""
    async with home.editor(project) as editor:
        await editor.call("knowledge/add", source="The lighthouse keeper is called Winnifred.", title="Keeper")
        yield editor
        hits = (await editor.call("knowledge/search", query="who keeps the lighthouse"))["hits"]
        assert [hit["text"] for hit in hits] == ["The lighthouse keeper is called Winnifred."]
        assert len((await editor.call("knowledge/list"))["knowledge"]) == 1
        assert "Winnifred" in (await editor.call("chat", text="Who keeps the lighthouse?"))["text"]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A server of bad pages; answers its address."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                getattr(self, self.path.strip("/"))()
            except ConnectionError:
                self.close_connection = True  # the client has seen enough

        def circle(self) -> None:
            self.send_response(302)
            self.send_header("Location", "/circle")
            self.end_headers()

        def endless(self) -> None:
            self.send_response(200)
            self.end_headers()
            while not over.is_set():
                self.wfile.write(b"and so on " * 10_000)

        def missing(self) -> None:
            self.send_error(404)

        def broken(self) -> None:
            self.send_error(500)

        def half(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half of it")
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"%PDF-1.7\nnothing of it is true", "a.pdf", "damaged"),
        (pdf_bytes(["a"] * 40)[:4000], "half.pdf", "damaged"),
        (pdf_bytes(["a"], password="secret"), "locked.pdf", "encrypted"),
        (pdf_bytes(["", ""]), "pictures.pdf", "noText"),
        (b"", "empty.txt", "empty"),
        (b"\x7fELF" + bytes(range(256)) * 40, "program", "binary"),
    ],
    ids=["damaged", "cut off", "encrypted", "without text", "empty", "binary"],
)
async def test_a_document_that_cannot_be_read(
    editor: Editor, project: Path, data: bytes, name: str, reason: str
) -> None:
    (project / name).write_bytes(data)
    error = await editor.refused("knowledge/add", source=name)
    assert error["code"] == -31020 and error["data"]["reason"] == reason and name in error["message"]


async def test_a_text_of_half_a_gigabyte(editor: Editor, project: Path) -> None:
    with (project / "huge.txt").open("wb") as file:
        file.truncate(HALF_A_GIGABYTE)
    error = await editor.refused("knowledge/add", source="huge.txt")
    assert error["code"] == -31019 and "huge.txt" in error["message"]


async def test_a_text_with_more_than_is_taken_in(editor: Editor, project: Path) -> None:
    (project / "long.txt").write_bytes(b"words and more words\n" * 1_000_000)
    error = await editor.refused("knowledge/add", source="long.txt")
    assert error["code"] == -31019


async def test_a_document_that_unpacks_to_too_much(editor: Editor, project: Path) -> None:
    (project / "bomb.docx").write_bytes(bomb_docx())
    assert (await editor.refused("knowledge/add", source="bomb.docx"))["code"] == -31019


async def test_what_is_no_file(editor: Editor, project: Path) -> None:
    os.mkfifo(project / "pipe")
    error = await editor.refused("knowledge/add", source="pipe")
    assert error["code"] == -31020
    (project / "circle").symlink_to("circle")
    assert (await editor.refused("knowledge/add", source="circle"))["code"] in (-31018, -31020)
    (project / "nothing").mkdir()
    assert (await editor.refused("knowledge/add", source="nothing"))["data"]["reason"] == "empty"


async def test_one_bad_document_does_not_spoil_a_folder(editor: Editor, project: Path) -> None:
    folder = project / "mixed"
    folder.mkdir()
    make_pdf(folder / "good.pdf", ["The anchor weighs nine tons."])
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 no")
    item = await editor.call("knowledge/add", source="mixed")
    assert item["chunks"] == 1 and "1 of 2 files cannot be read: bad.pdf" in item["error"]
    await editor.call("knowledge/remove", knowledgeId=item["knowledgeId"])


async def test_a_page_that_is_deep(editor: Editor, project: Path) -> None:
    (project / "deep.html").write_text("<div>" * 100_000 + "The bottom of the well.")
    item = await editor.call("knowledge/add", source="deep.html")
    assert item["chunks"] == 1
    await editor.call("knowledge/remove", knowledgeId=item["knowledgeId"])


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("circle", -31020, "redirects"),
        ("endless", -31019, None),
        ("missing", -31018, None),
        ("broken", -31020, "http"),
        ("half", -31020, "http"),
    ],
)
async def test_a_page_that_cannot_be_had(editor: Editor, site: str, path: str, code: int, reason: str | None) -> None:
    error = await editor.refused("knowledge/add", source=f"{site}/{path}", allowPrivate=True)
    assert error["code"] == code and error["data"].get("reason") == reason


async def test_a_server_that_is_not_there_and_what_is_no_address(editor: Editor) -> None:
    error = await editor.refused("knowledge/add", source="http://127.0.0.1:9/x", allowPrivate=True)
    assert error["code"] == -31020 and error["data"]["reason"] == "unreachable"
    for wrong in ("ftp://example.com/x", "http://", "javascript://x"):
        assert (await editor.refused("knowledge/add", source=wrong))["code"] == -32602
    assert (await editor.refused("knowledge/add", source="http://localhost/x"))["code"] == -31016


async def test_a_chunker_that_is_not_there(home: Home, project: Path) -> None:
    async with home.editor(project, options={"trusted": True, "knowledge": {"chunker": "mine"}}) as editor:
        error = await editor.refused("knowledge/add", source="Some words.", title="T")
        assert error["code"] == -31020 and "'mine'" in error["message"]
        assert (await editor.call("knowledge/list"))["knowledge"] == []
