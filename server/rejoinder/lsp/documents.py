"""What a client has before it: workspace folders and documents, open ones before those on disk."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from rejoinder.domain.binary import encoding_of, looks_binary
from rejoinder.domain.conversation import Attachment, Place
from rejoinder.domain.editor_view import EditorView
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted, TooLarge
from rejoinder.domain.lines import lines_of
from rejoinder.lsp.positions import Encoding, place_of, slice_of, units_before
from rejoinder.protocol import types
from rejoinder.services.ports import Document

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes of a file on disk that is read into a prompt."""


class OpenDocument(Protocol):
    """What is needed of pygls's TextDocument."""

    @property
    def uri(self) -> str:
        """As the client writes it."""
        ...

    @property
    def source(self) -> str:
        """The whole text."""
        ...

    @property
    def version(self) -> int | None:
        """The client's count of changes."""
        ...


class ClientWorkspace:
    """The port `Workspace` over one connection."""

    def __init__(
        self,
        *,
        folders: Callable[[], Sequence[str]],
        documents: Callable[[], Iterable[OpenDocument]],
        look: Callable[[str | None], Awaitable[EditorView]] | None = None,
    ) -> None:
        """`folders` gives the workspace folders' URIs as they are now, `documents` the open documents.

        `look` asks the editor what it shows; None for one that cannot be asked.
        """
        self._folder_uris = folders
        self._documents = documents
        self._look = look

    def folders(self) -> Sequence[Path]:
        """The workspace folders that are on this machine, links resolved, in the client's order."""
        paths = (resolved_path_of(uri) for uri in self._folder_uris())
        return [path for path in paths if path is not None]

    def opened(self, uri: str) -> OpenDocument | None:
        """The open document with this URI, however it is escaped."""
        plain = normalized(uri)
        # not by pygls's keys, which are without escapes: what they stand for cannot be told for names with a `%`
        return next((document for document in self._documents() if normalized(document.uri) == plain), None)

    async def read(self, uri: str) -> Document:
        """A document; an open buffer wins over the disk.

        Raises InvalidInput for a URI that is no file, NotFound, TooLarge, and NotTrusted for a path outside the
        workspace folders, where only open buffers are read.
        """
        document = self.opened(uri)
        if document is not None:
            return Document(uri, document.source, document.version)
        path = path_of(uri)
        if path is None:
            raise InvalidInput(
                f"uri: {uri[:200]!r} is no file.", hint="Send a `file:` URI, or the text itself.", key="uri"
            )
        return Document(uri, await asyncio.to_thread(self._read_file, path))

    async def folder(self, uri: str) -> tuple[Path, Path] | None:
        """The folder that a URI names, and the workspace folder that it is in; None for all else."""
        path = resolved_path_of(uri)
        root = next((root for root in self.folders() if path is not None and path.is_relative_to(root)), None)
        return (path, root) if path is not None and root is not None and await asyncio.to_thread(path.is_dir) else None

    async def read_bytes(self, uri: str, limit: int) -> bytes:
        """What a file on disk holds, up to `limit` bytes. Raises what `read` raises."""
        path = path_of(uri)
        if path is None:
            raise InvalidInput(
                f"uri: {uri[:200]!r} is no file.", hint="Send a `file:` URI, or the bytes themselves.", key="uri"
            )
        return await asyncio.to_thread(self._read_bytes, path, limit)

    async def editable(self, uri: str) -> Document:
        """A document that is to be changed; a file that is not there yet is empty and new.

        Raises InvalidInput for a URI that is neither a file nor open, and NotTrusted for a path outside the folders.
        """
        uri = normalized(uri)
        path, resolved, folders = path_of(uri), resolved_path_of(uri), self.folders()
        is_open = self.opened(uri) is not None
        # what is open where there is no folder at all is the user's own choice
        outside = resolved is None or not any(resolved.is_relative_to(folder) for folder in folders)
        if path is not None and outside and (folders or not is_open):
            raise _outside(path)
        try:
            document = await self.read(uri)
        except NotFound:
            if path is None or await asyncio.to_thread(os.path.lexists, path):
                raise
            return Document(uri, "", is_new=True)
        # editors leave a byte order mark out of the first line
        return Document(uri, document.text.removeprefix("\ufeff"), document.version)

    async def seen(self, uri: str | None) -> EditorView:
        """As the port says."""
        return EditorView() if self._look is None else await self._look(uri)

    def _read_file(self, path: Path) -> str:
        data = self._read_bytes(path, LARGEST_FILE + 1)
        if looks_binary(data):
            hint = "Attach a picture as an image, and add a document to the knowledge."
            raise InvalidInput(f"The file {path.name[:200]!r} holds no text.", hint=hint, key="uri")
        if len(data) > LARGEST_FILE:
            raise TooLarge(f"{path.name} is too large.", limit=LARGEST_FILE, hint="Attach a part of it.")
        return data.decode(encoding_of(data), "replace")

    def _read_bytes(self, path: Path, limit: int) -> bytes:
        missing = NotFound("file", path.name[:200], hint="Save the file, or check its path.")
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError):  # a name that is too long, links in a circle
            raise missing from None
        if not any(resolved.is_relative_to(folder) for folder in self.folders()):
            raise _outside(path)
        try:
            if not resolved.is_file():  # what is no regular file may have no end
                raise missing
            with resolved.open("rb") as file:
                return file.read(limit)
        except (OSError, ValueError):
            raise missing from None


def _outside(path: Path) -> NotTrusted:
    return NotTrusted(
        f"{path.name} lies outside of the workspace folders",
        hint="Open its folder, or send what it holds with the attachment.",
    )


async def attachment_in(wire: types.Attachment, workspace: ClientWorkspace, encoding: Encoding) -> Attachment:
    """An attachment with its text: the client's own, else that of the open buffer or the file.

    Raises InvalidInput for a range outside of the document, and what `ClientWorkspace.read` raises.
    """
    if wire.text is not None:
        lines = lines_of(wire.text)
        return Attachment(
            normalized(wire.uri), _place_as_given(wire, len(lines)), wire.version, wire.text, wire.mime_type
        )
    document = await workspace.read(wire.uri)
    if wire.range is None:
        return Attachment(normalized(wire.uri), None, document.version, document.text, wire.mime_type)
    lines = lines_of(document.text)
    place = place_of(wire.range, lines, encoding)
    return Attachment(
        normalized(wire.uri),
        place,
        document.version,
        slice_of(place, lines),
        wire.mime_type,
        before=units_before(place, lines),
    )


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI; None for any other."""
    try:
        parts = urlsplit(uri)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not path or "\0" in path:
        return None
    if len(path) > 2 and path[0] == "/" and path[2] == ":":  # a drive's letter
        path = path[1:]
    return Path(path)


def resolved_path_of(uri: str) -> Path | None:
    """The path of a `file:` URI with links resolved; None for any other, and for one that the system does not take."""
    path = path_of(uri)
    try:
        return path.resolve() if path is not None else None
    except (OSError, RuntimeError):
        return None


def without(unwanted: Callable[[Path], bool], uris: Sequence[str]) -> Sequence[str]:
    """The folders but those that are unwanted."""
    return [uri for uri in uris if (path := resolved_path_of(uri)) is None or not unwanted(path)]


def normalized(uri: str) -> str:
    """The same text for every way to write the URI of a file."""
    path = path_of(uri)
    return path.as_uri() if path is not None and path.is_absolute() else uri


def _place_as_given(wire: types.Attachment, lines: int) -> Place | None:
    """Where a text that the client sent itself was: its lines; the document is not there to count characters in."""
    if wire.range is None:
        return None
    start, end = wire.range.start, wire.range.end
    first = start.line
    if min(first, start.character, end.character) < 0:
        raise InvalidInput("range: it holds a number below 0.", hint="Count lines and characters from 0.", key="range")
    if (end.line, end.character) < (first, start.character):
        raise InvalidInput("range: it ends before it begins.", hint="Send start and end in order.", key="range")
    return Place(first, 0, first + lines - 1, 0)
