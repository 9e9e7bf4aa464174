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
        self._beginning: dict[str, asyncio.Task[None]] = {}
        """What finds out whose those are that were opened a moment ago."""
        self._nobodys: dict[str, bool] = {}
        """Those that are open and of no session, which their user was told; whether it was deleted."""

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
        elif key not in self._beginning and self.is_transcript(uri):
            # one of no session is looked for at each change: it may have been restored
            self._beginning[key] = task = self._client.keep(self._begin(key))
            task.add_done_callback(lambda done: self._has_begun(key, done))

    def close(self) -> None:
        """The connection has ended."""
        for key in [*self._open, *self._nobodys]:
            self._close(key)

    async def _begun(self) -> None:
        if self._beginning:
            await asyncio.wait(self._beginning.values())

    async def _begin(self, uri: str) -> None:
        try:
            address = await self.at(uri)
        except NotFound as error:
            self._tell_once(uri, error)
            return
        if uri in self._open or self._client.workspace.opened(uri) is None:
            return
        self._nobodys.pop(uri, None)
        one = self._open[uri] = OpenTranscript(self._client, uri, address, self._approve)
        path = path_of(uri)
        if path is not None:
            self._client.services.transcripts.opened(path, one)
        folder = address.project.folder_uri
        if folder is not None:
            self._client.lent[uri] = folder
        one.begin()
        await one.begun()
        await self._client.open_searches()

    def _has_begun(self, uri: str, task: "asyncio.Task[None] | None") -> None:
        """Whatever came of it. Without a task: it was closed, and begins anew when it is opened again."""
        if task is None or self._beginning.get(uri) is task:
            self._beginning.pop(uri, None)

    def _tell_once(self, uri: str, error: NotFound) -> None:
        """Say that a document is of no session, once as long as it is open."""
        if uri not in self._nobodys and self._client.workspace.opened(uri) is not None:
            tell(self._client, f"{error.message} {error.hint}", lsp.MessageType.Warning)
            self._nobodys[uri] = error.data.get("what") == "session"

    def _close(self, uri: str) -> None:
        self._has_begun(uri, None)
        path, one, was_deleted = path_of(uri), self._open.pop(uri, None), self._nobodys.pop(uri, False)
        if path is not None and one is not None:
            self._client.lent.pop(uri, None)
            draft, text = one.end()
            self._client.services.transcripts.closed(path, one, draft, text=text)
        elif path is not None and was_deleted:
            self._client.services.transcripts.closed(path, None, text=None)
