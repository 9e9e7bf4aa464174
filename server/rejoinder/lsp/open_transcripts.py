"""The transcripts that a client has open."""

from rejoinder.domain.errors import InvalidInput
from rejoinder.lsp.client import Client
from rejoinder.lsp.documents import normalized, path_of
from rejoinder.lsp.transcripts import Approve, OpenTranscript
from rejoinder.services.transcripts import TranscriptAddress, folder_uri


class OpenTranscripts:
    """All of one client, by URI."""

    def __init__(self, client: Client, approve: Approve) -> None:
        self._client = client
        self._approve = approve
        self._open: dict[str, OpenTranscript] = {}
        """The one that was used last comes last."""

    def meant(self, uri: str | None) -> str:
        """The URI of the one that is meant: by default the one that was used last. Raises InvalidInput."""
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

    async def at(self, uri: str) -> TranscriptAddress:
        """Whose transcript a document is. Raises NotFound."""
        return await self._client.services.transcripts.address(path_of(uri))

    def edited(self, uri: str) -> None:
        """A document was opened, changed or closed."""
        key = normalized(uri)
        if key in self._open and self._client.workspace.opened(uri) is None:
            self._close(key)
        elif key in self._open:
            self._open[key] = self._open.pop(key)
            self._open[key].edited()
        elif self.is_transcript(uri):
            self._client.keep(self._begin(key))

    def close(self) -> None:
        """The connection has ended."""
        for key in list(self._open):
            self._close(key)

    async def _begin(self, uri: str) -> None:
        address = await self.at(uri)
        if uri in self._open or self._client.workspace.opened(uri) is None:
            return
        one = self._open[uri] = OpenTranscript(self._client, uri, address, self._approve)
        path = path_of(uri)
        if path is not None:
            self._client.services.transcripts.opened(path, one)
        folder = folder_uri(address.project)
        if folder is not None:
            self._client.lent[uri] = folder
        one.begin()
        await self._client.open_searches()

    def _close(self, uri: str) -> None:
        one = self._open.pop(uri)
        self._client.lent.pop(uri, None)
        path = path_of(uri)
        if path is not None:
            self._client.services.transcripts.closed(path, one)
        one.end()
