"""The transcripts that a client has open."""

import asyncio

from lsprotocol import types as lsp

from rejoinder.domain.errors import InvalidInput, NotFound
from rejoinder.lsp.client import Client
from rejoinder.lsp.documents import normalized, path_of
from rejoinder.lsp.showing import tell
from rejoinder.lsp.transcripts import Approve, OpenTranscript
from rejoinder.services.transcripts import TranscriptAddress


class OpenTranscripts:
    """All of one client, by URI."""

    def __init__(self, client: Client, approve: Approve) -> None:
        self._client = client
        self._approve = approve
        self._open: dict[str, OpenTranscript] = {}
        """The one that was used last comes last."""
        self._beginning: set[asyncio.Task[None]] = set()
        """What finds out whose those are that were opened a moment ago."""
        self._gone: set[str] = set()
        """Those that were opened when their session was deleted already."""

    async def meant(self, uri: str | None) -> str:
        """The URI of the one that is meant: by default the one that was used last. Raises InvalidInput."""
        await self._begun()
        found = uri or next(reversed(self._open), None)
        if found is None:
            raise InvalidInput(
                "uri: no transcript is open.", hint="Open one by `rejoinder.transcript.open`.", key="uri"
            )
        return found

    def is_transcript(self, uri: str) -> bool:
        """Whether a document is one."""
        return self._client.services.transcripts.is_transcript(path_of(uri))

    def get(self, uri: str) -> OpenTranscript | None:
        """The one that is open."""
        return self._open.get(normalized(uri))

    async def opened(self, uri: str) -> OpenTranscript | None:
        """The one that is open, also if that was told a moment ago."""
        await self._begun()
        return self.get(uri)

    async def at(self, uri: str) -> TranscriptAddress:
        """Whose transcript a document is. Raises NotFound."""
        return await self._client.services.transcripts.address(path_of(uri))

    def edited(self, uri: str) -> None:
        """A document was opened, changed or closed."""
        key = normalized(uri)
        if self._client.workspace.opened(uri) is None:
            self._close(key)
        elif key in self._open:
            self._open[key] = self._open.pop(key)
            self._open[key].edited()
        elif self.is_transcript(uri):
            task = self._client.keep(self._begin(key))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)

    def close(self) -> None:
        """The connection has ended."""
        for key in [*self._open, *self._gone]:
            self._close(key)

    async def _begun(self) -> None:
        if self._beginning:
            await asyncio.wait(self._beginning)

    async def _begin(self, uri: str) -> None:
        try:
            address = await self.at(uri)
        except NotFound as error:
            if error.data.get("what") == "session":
                self._gone.add(uri)
            tell(self._client, f"{error.message} {error.hint}", lsp.MessageType.Warning)
            return
        if uri in self._open or self._client.workspace.opened(uri) is None:
            return
        one = self._open[uri] = OpenTranscript(self._client, uri, address, self._approve)
        path = path_of(uri)
        if path is not None:
            self._client.services.transcripts.opened(path, one)
        folder = address.project.folder_uri
        if folder is not None:
            self._client.lent[uri] = folder
        one.begin()
        await self._client.open_searches()

    def _close(self, uri: str) -> None:
        path, one = path_of(uri), self._open.pop(uri, None)
        if path is not None and one is not None:
            self._client.lent.pop(uri, None)
            self._client.services.transcripts.closed(path, one, one.end())
        elif path is not None and uri in self._gone:
            self._gone.discard(uri)
            self._client.services.transcripts.closed(path, None)
