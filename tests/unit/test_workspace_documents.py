import asyncio
import os
from pathlib import Path
from typing import Any

import attrs
import pytest

from pictures import png
from rejoinder.domain.conversation import Attachment, Place
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted, TooLarge
from rejoinder.domain.images import LARGEST_IMAGE
from rejoinder.lsp.attachments import attachments_in, mentioned_in
from rejoinder.lsp.documents import LARGEST_FILE, ClientWorkspace, attachment_in, normalized, path_of
from rejoinder.protocol import types
from rejoinder.protocol.types import Position, Range


@attrs.frozen
class Buffer:
    """An open document."""

    source: str
    version: int | None = 1
    uri: str = ""


class Desk:
    """A client's folders and open documents, which a test changes as it likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folders = [folder.as_uri()]
        self.open: dict[str, Buffer] = {}
        self.workspace = ClientWorkspace(folders=lambda: self.folders, documents=self._buffers)

    def _buffers(self) -> list[Buffer]:
        return [Buffer(held.source, held.version, uri) for uri, held in self.open.items()]

    def file(self, name: str, text: str | bytes = "text") -> str:
        """A file on disk; answers its URI."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path.as_uri()

    async def attach(self, uri: str, **fields: object) -> Attachment:
        """An attachment as a client sends it, in UTF-16."""
        return await attachment_in(types.Attachment(uri, **fields), self.workspace, "utf-16")  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = tmp_path / "project"
    folder.mkdir()
    return Desk(folder)


def span(start_line: int, start: int, end_line: int, end: int) -> Range:
    return Range(Position(start_line, start), Position(end_line, end))


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.py", "/a/b.py"),
        ("file://localhost/a", "/a"),
        ("file:///a%20b/%C3%BC", "/a b/ü"),
        ("file:///c%3A/x", "c:/x"),
        ("FILE:///a", "/a"),
    ],
)
def test_the_path_of_a_file(uri: str, path: str) -> None:
    assert path_of(uri) == Path(path)


@pytest.mark.parametrize(
    "uri",
    ["untitled:1", "https://h/x", "file://host/x", "file:", "", "file:///a%00b", "file:///%FF", "http://[", "/a/b"],
)
def test_anything_else_has_none(uri: str) -> None:
    assert path_of(uri) is None


def test_ways_to_write_one_uri_are_one() -> None:
    assert normalized("file:///a%2Bb/%C3%BC") == normalized("file:///a+b/ü")
    assert normalized("untitled:1") == "untitled:1"


async def test_a_file_is_read_from_the_disk(desk: Desk) -> None:
    document = await desk.workspace.read(desk.file("ü x.py", "ünï"))
    assert (document.text, document.version) == ("ünï", None)


async def test_a_file_is_read_as_its_byte_order_mark_says(desk: Desk) -> None:
    uri = desk.file("wide.sql", "")
    for encoding in ("utf-16", "utf-8-sig"):
        (desk.folder / "wide.sql").write_bytes("SELECT 'ünï';".encode(encoding))
        assert (await desk.workspace.read(uri)).text == "SELECT 'ünï';"


async def test_an_open_buffer_wins_however_its_uri_is_written(desk: Desk) -> None:
    uri = desk.file("a+b.py", "disk")
    desk.open[uri.replace("%2B", "+").replace("+", "%2b")] = Buffer("buffer", 3)
    document = await desk.workspace.read(uri)
    assert (document.text, document.version) == ("buffer", 3)


async def test_a_buffer_is_read_wherever_it_lies(desk: Desk) -> None:
    desk.open["untitled:1"] = Buffer("new")
    desk.open["file:///elsewhere/x"] = Buffer("far")
    assert (await desk.workspace.read("untitled:1")).text == "new"
    assert (await desk.workspace.read("file:///elsewhere/x")).text == "far"


async def test_what_is_no_file_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.workspace.read("https://example.org/" + "x" * 10_000)
    assert caught.value.data["key"] == "uri"
    assert len(caught.value.message) < 400


async def test_no_way_leads_out_of_the_folders(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    (desk.folder / "link").symlink_to(outside)
    (desk.folder / "up").symlink_to(tmp_path)
    (tmp_path / "project-too").mkdir()
    (tmp_path / "project-too" / "x").write_text("secret")
    base = desk.folder.as_uri()
    ways = ["/../outside.txt", "/%2e%2e/outside.txt", "/link", "/up/outside.txt", "/../project-too/x"]
    for uri in (outside.as_uri(), *(base + way for way in ways)):
        with pytest.raises(NotTrusted) as caught:
            await desk.workspace.read(uri)
        assert str(tmp_path) not in caught.value.message


async def test_links_within_the_folder_are_followed(desk: Desk) -> None:
    desk.file("a.py", "text")
    (desk.folder / "b.py").symlink_to(desk.folder / "a.py")
    assert (await desk.workspace.read((desk.folder / "b.py").as_uri())).text == "text"


async def test_a_folder_that_was_taken_away_is_not_read_any_more(desk: Desk) -> None:
    uri = desk.file("a.py")
    await desk.workspace.read(uri)
    desk.folders.clear()
    with pytest.raises(NotTrusted):
        await desk.workspace.read(uri)


async def test_what_is_not_there_or_no_text_is_not_found(desk: Desk) -> None:
    (desk.folder / "folder").mkdir()
    (desk.folder / "circle").symlink_to(desk.folder / "circle")
    for name in ("nothing", "folder", "circle", "x" * 300):
        with pytest.raises(NotFound):
            await desk.workspace.read(f"{desk.folder.as_uri()}/{name}")


async def test_what_has_no_end_is_not_read(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe")
    # held open, so that a reader would wait; closed at the end, so that it does not wait for ever
    held = os.open(desk.folder / "pipe", os.O_RDWR)
    reading = asyncio.ensure_future(desk.workspace.read((desk.folder / "pipe").as_uri()))
    await asyncio.wait([reading], timeout=5)
    os.close(held)
    with pytest.raises(NotFound):
        await reading


async def test_a_file_too_large_is_refused(desk: Desk) -> None:
    uri = desk.file("big", b"x" * (LARGEST_FILE + 1))
    with pytest.raises(TooLarge) as caught:
        await desk.workspace.read(uri)
    assert caught.value.data == {"limit": LARGEST_FILE}


async def test_bytes_that_are_no_text_are_replaced(desk: Desk) -> None:
    assert (await desk.workspace.read(desk.file("a", b"a\xffb"))).text == "a\ufffdb"


async def test_an_attachment_is_the_whole_document(desk: Desk) -> None:
    desk.open["untitled:1"] = Buffer("all of it", 4)
    assert await desk.attach("untitled:1") == Attachment("untitled:1", None, 4, "all of it")


async def test_a_part_of_an_unsaved_buffer(desk: Desk) -> None:
    desk.open["untitled:1"] = Buffer("a😀b\nünï\nend", 4)
    attached = await desk.attach("untitled:1", range=span(0, 3, 1, 2))
    assert attached == Attachment("untitled:1", Place(0, 2, 1, 2), 4, "b\nün", before=(5, 3))


async def test_lines_end_where_the_editor_says(desk: Desk) -> None:
    desk.open["untitled:1"] = Buffer("a\x0cb\u2028c\r\nd\re\n")
    attached = await desk.attach("untitled:1", range=span(1, 0, 3, 0))
    assert attached.text == "d\ne\n"


async def test_a_text_of_the_clients_own_is_taken_as_it_is(desk: Desk) -> None:
    attached = await desk.attach("any:thing", text="one\ntwo", range=span(4, 2, 9, 9), version=7)
    assert attached == Attachment("any:thing", Place(4, 0, 5, 0), 7, "one\ntwo")


@pytest.mark.parametrize("bad", [span(3, 0, 2, 0), span(-1, 0, 2, 0)])
async def test_a_range_that_cannot_be_is_refused(desk: Desk, bad: Range) -> None:
    desk.open["untitled:1"] = Buffer("a\nb\nc\nd")
    for text in (None, "x"):
        with pytest.raises(InvalidInput):
            await desk.attach("untitled:1", range=bad, text=text)


async def test_a_range_outside_of_the_document_is_refused(desk: Desk) -> None:
    desk.open["untitled:1"] = Buffer("short")
    with pytest.raises(InvalidInput) as caught:
        await desk.attach("untitled:1", range=span(0, 0, 7, 0))
    assert caught.value.data["key"] == "range"


async def test_an_image_is_read_from_a_file_of_the_project_only(desk: Desk, tmp_path: Path) -> None:
    async def attached(uri: str, **fields: Any) -> tuple[Any, Any]:
        async def listed(folder: Path, _: Path) -> str:
            return f"files of {folder.name}"

        return await attachments_in([types.Attachment(uri, **fields)], desk.workspace, "utf-16", listed)

    uri = desk.file("a.png", png())
    (attachment,), (image,) = await attached(uri)
    assert attachment == Attachment(uri, mime_type="image/png", digest=image.digest) and image.data == png()
    (by_hash,), none = await attached("x:y", hash=image.digest)
    assert by_hash.digest == image.digest and none == ()
    (text,), none = await attached(uri, text="not the file")
    assert text.text == "not the file" and none == ()
    (tmp_path / "b.png").write_bytes(png())
    (desk.folder / "link.png").symlink_to(tmp_path / "b.png")
    for outside in (tmp_path / "b.png", desk.folder / "link.png", desk.folder / ".." / "b.png"):
        with pytest.raises(NotTrusted):
            await attached(outside.as_uri())
    os.mkfifo(desk.folder / "pipe.png")
    with pytest.raises(NotFound):
        await attached((desk.folder / "pipe.png").as_uri())
    desk.file("large.png", png() + bytes(LARGEST_IMAGE))
    with pytest.raises(TooLarge):
        await attached((desk.folder / "large.png").as_uri())
    for bad in ({"data": "no base64"}, {"data": "aGk="}, {"hash": "../x"}, {"hash": "A" * 64}):
        with pytest.raises(InvalidInput) as caught:
            await attached("x:y", **bad)
        assert caught.value.data["key"] == next(iter(bad))


async def test_of_an_image_in_a_message_by_hand_the_name_is_kept(desk: Desk) -> None:
    wire = types.Attachment(desk.file("a.png", png()), hash="0" * 64)
    assert await mentioned_in(wire, desk.workspace, "utf-16") == Attachment(wire.uri)
    with pytest.raises(InvalidInput):
        await mentioned_in(types.Attachment("x:y", data="aGk="), desk.workspace, "utf-16")
