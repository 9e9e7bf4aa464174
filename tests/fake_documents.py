"""Stand-ins for what reads documents and fetches pages."""

import asyncio

from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import NotFound, SourceUnreadable
from rejoinder.domain.knowledge import Passage
from rejoinder.services.knowledge_ports import Cutting, Extracted, OnProgress, RawDocument, Reach


class PlainExtraction:
    """The port `Extraction`: a passage for each paragraph, in this process."""

    def __init__(self) -> None:
        self.read: list[str] = []
        """The names of the documents that were read."""
        self.gate: asyncio.Event | None = None
        """What is waited for before a document is answered."""
        self.open_now = 0

    def open(self) -> "PlainExtractor":
        """As the port says."""
        self.open_now += 1
        return PlainExtractor(self)


class PlainExtractor:
    """The port `Extractor`."""

    def __init__(self, extraction: PlainExtraction) -> None:
        self._extraction = extraction

    async def extract(self, document: RawDocument, cutting: Cutting, on_progress: OnProgress) -> Extracted:
        """As the port says."""
        self._extraction.read.append(document.name)
        on_progress(document.name, 0, 1)
        if self._extraction.gate is not None:
            await self._extraction.gate.wait()
        text = document.data.decode("utf-8", "replace")
        if "\0" in text or not text.strip():
            raise SourceUnreadable(f"{document.name}: no text.", reason="binary", hint="Add text.")
        parts = [part for part in text.split("\n\n") if part.strip()]
        place = Place(0, 0, 0, 1)
        return Extracted(passages=tuple(Passage(text=part, uri=document.uri, place=place) for part in parts))

    async def close(self) -> None:
        """As the port says."""
        self._extraction.open_now -= 1


class FakePages:
    """The port `WebPages`: what a test puts in."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.fetched: list[str] = []

    async def fetch(self, url: str, reach: Reach, on_progress: OnProgress) -> RawDocument:
        """As the port says."""
        self.fetched.append(url)
        if url not in self.pages:
            raise NotFound("page", url, hint="Check the address.")
        return RawDocument(data=self.pages[url].encode(), name="page", uri=url, mime_type="text/plain")
