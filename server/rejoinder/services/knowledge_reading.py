"""Reads what a source leads to, through the ports: one file, a folder's files, a page, a text."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.errors import NotFound, NotTrusted, SourceUnreadable, TooLarge
from rejoinder.domain.knowledge import KnowledgeItem, Passage, ReadFile
from rejoinder.services.knowledge_ports import (
    Cutting,
    Extracted,
    Extraction,
    Extractor,
    FileState,
    KnowledgeFiles,
    OnProgress,
    RawDocument,
    Reach,
    WebPages,
)
from rejoinder.services.knowledge_sources import Source, project_of

MOST_FILES = 5000
"""Files of one folder."""
MOST_TEXT = 50_000_000
"""Characters of one folder's files together."""
LONGEST_TITLE = 80


@frozen(kw_only=True)
class Reading:
    """What a source was found to be. `size` in bytes."""

    passages: tuple[Passage, ...]
    size: int
    title: str
    files: tuple[ReadFile, ...] = ()
    digest: str = ""
    error: str | None = None


@frozen(kw_only=True)
class HowToRead:
    """What a client says about reading."""

    cutting: Cutting = Cutting()
    reach: Reach = Reach()
    ignore: tuple[str, ...] = ()
    project: Path | None = None
    """The project's folder, when what is read lies in it."""


class KnowledgeReading:
    """Reads sources. Nothing is kept here."""

    def __init__(self, extraction: Extraction, pages: WebPages, files: KnowledgeFiles) -> None:
        self._extraction = extraction
        self._pages = pages
        self._files = files

    async def read(self, source: Source, how: HowToRead, uri: str, on_progress: OnProgress) -> Reading:
        """A source's passages; `uri` is for those of a text. Raises what the ports raise."""
        extractor = self._extraction.open()
        try:
            if source.path is not None and source.kind == "folder":
                how = attrs.evolve(how, project=project_of(source.name, source.path))
                return await self._folder(extractor, source.path, how, (), (), on_progress)
            if source.path is not None:
                return await self._file(extractor, source.path, how.cutting, on_progress)
            if source.kind == "url":
                return await self._page(extractor, source.name, how, on_progress)
            return await self._text(extractor, source.name, how.cutting, uri, on_progress)
        finally:
            await extractor.close()

    def differing(self, item: KnowledgeItem, path: Path) -> tuple[ReadFile, ...] | None:
        """The files as they are now, unread, when one is not as it was; None when all are. Blocks.

        Raises NotFound when the file or folder is gone, or a link has taken its place, which may lead anywhere.
        """
        if path.resolve() != path:
            raise _gone(path)
        states = self._states(item, path)
        known = {one.path: (one.size, one.modified) for one in item.files}
        if known == {state.path: (state.size, state.modified) for state in states}:
            return None
        return tuple(ReadFile(path=one.path, size=one.size, modified=one.modified, digest="") for one in states)

    async def read_again(self, item: KnowledgeItem, path: Path, passages: Sequence[Passage]) -> Reading:
        """A file or folder that may have changed: what has not is not read again. Raises as `read` does."""
        cutting = Cutting(chunker=item.chunker, size=item.chunk_size)
        how = HowToRead(cutting=cutting, ignore=item.ignore, project=project_of(item.source, path))
        extractor = self._extraction.open()
        try:
            if item.kind == "folder":
                return await self._folder(extractor, path, how, item.files, passages, _nobody)
            data, state = await asyncio.to_thread(self._files.read, path)
            if item.files and item.files[0].digest == state.digest:
                files = (attrs.evolve(state, path=""),)
                return Reading(passages=tuple(passages), size=len(data), title=item.title, files=files)
            return await self._file(extractor, path, how.cutting, _nobody)
        finally:
            await extractor.close()

    def _states(self, item: KnowledgeItem, path: Path) -> list[FileState]:
        if item.kind == "folder" and path.is_dir():
            return self._files.listed(path, item.ignore, project_of(item.source, path))
        state = self._files.state(path)
        if state is None or item.kind == "folder":
            raise _gone(path)
        return [attrs.evolve(state, path="")]

    async def _file(self, extractor: Extractor, path: Path, cutting: Cutting, on_progress: OnProgress) -> Reading:
        data, state = await asyncio.to_thread(self._files.read, path)
        found = await extractor.extract(RawDocument(data=data, name=path.name, uri=path.as_uri()), cutting, on_progress)
        files = (attrs.evolve(state, path=""),)
        return Reading(passages=found.passages, size=len(data), title=path.name, files=files)

    async def _page(self, extractor: Extractor, url: str, how: HowToRead, on_progress: OnProgress) -> Reading:
        page = await self._pages.fetch(url, how.reach, on_progress)
        found = await extractor.extract(page, how.cutting, on_progress)
        return Reading(passages=found.passages, size=len(page.data), title=_short(found.title or url))

    async def _text(
        self, extractor: Extractor, text: str, cutting: Cutting, uri: str, on_progress: OnProgress
    ) -> Reading:
        data = text.encode("utf-8", "replace")
        # a text is prose, with headings if it has any
        found = await extractor.extract(RawDocument(data=data, name="text.md", uri=uri), cutting, on_progress)
        title = _short(text.strip().splitlines()[0].lstrip("# ")) or "text"
        return Reading(passages=found.passages, size=len(data), title=title, digest=digest_of(text))

    async def _folder(
        self,
        extractor: Extractor,
        folder: Path,
        how: HowToRead,
        known: Sequence[ReadFile],
        passages: Sequence[Passage],
        on_progress: OnProgress,
    ) -> Reading:
        states = await asyncio.to_thread(self._files.listed, folder, how.ignore, how.project)
        if len(states) > MOST_FILES:
            raise TooLarge(f"{folder.name} holds {len(states)} files.", limit=MOST_FILES, hint="Add folders within it.")
        collected = _Collected(folder, known, passages)
        for number, state in enumerate(states):
            on_progress(state.path, number, len(states))
            if not collected.keep(state):
                collected.add(*await self._one(extractor, folder, state, how.cutting))
        return collected.reading()

    async def _one(
        self, extractor: Extractor, folder: Path, state: FileState, cutting: Cutting
    ) -> tuple[ReadFile, Extracted]:
        path = folder / state.path
        try:
            data, read = await asyncio.to_thread(self._files.read, path)
            document = RawDocument(data=data, name=path.name, uri=path.as_uri())
            return attrs.evolve(read, path=state.path), await extractor.extract(document, cutting, _nobody)
        except (SourceUnreadable, TooLarge, NotFound, NotTrusted) as error:
            if isinstance(error, SourceUnreadable) and error.reason == "chunker":
                raise
            failed = ReadFile(path=state.path, size=state.size, modified=state.modified, digest="", error=error.message)
            return failed, Extracted(passages=())


class _Collected:
    """The files of a folder as they are read, and what was known of them before."""

    def __init__(self, folder: Path, known: Sequence[ReadFile], passages: Sequence[Passage]) -> None:
        self._folder = folder
        self._known = {one.path: one for one in known}
        self._before: dict[str, list[Passage]] = {}
        for passage in passages:
            self._before.setdefault(passage.uri.partition("#")[0], []).append(passage)
        self._files: list[ReadFile] = []
        self._passages: list[Passage] = []
        self._characters = 0

    def keep(self, state: FileState) -> bool:
        """Take over what is known of a file, if it is as it was."""
        known = self._known.get(state.path)
        if known is None or (known.size, known.modified) != (state.size, state.modified):
            return False
        passages = self._before.get((self._folder / state.path).as_uri(), [])
        if known.error is None and not (passages and known.digest):
            return False
        self.add(known, Extracted(passages=tuple(passages)))
        return True

    def add(self, file: ReadFile, found: Extracted) -> None:
        """A file that was read."""
        self._characters += sum(len(passage.text) for passage in found.passages)
        if self._characters > MOST_TEXT:
            raise TooLarge(f"{self._folder.name} holds too much text.", limit=MOST_TEXT, hint="Add folders within it.")
        self._files.append(file)
        self._passages += found.passages

    def reading(self) -> Reading:
        """All of them. Raises SourceUnreadable when there is nothing to be read."""
        failed = [one for one in self._files if one.error is not None]
        if not self._passages:
            why = f": {failed[0].error}" if failed else "."
            raise SourceUnreadable(
                f"No file of {self._folder.name} can be read{why}",
                reason="empty",
                hint="Look whether an ignore file leaves them out, or add single files.",
                source=self._folder.name,
            )
        error = f"{len(failed)} of {len(self._files)} files cannot be read: {failed[0].error}" if failed else None
        return Reading(
            passages=tuple(self._passages),
            size=sum(one.size for one in self._files),
            title=self._folder.name,
            files=tuple(self._files),
            error=error,
        )


def digest_of(text: str) -> str:
    """What a text is known by."""
    return hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest()


def _gone(path: Path) -> NotFound:
    return NotFound("file", path.name[:200], hint="Bring it back, or remove it from the knowledge.")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TITLE else plain[: LONGEST_TITLE - 1] + "…"


def _nobody(what: str, done: int, total: int) -> None:
    """Nobody is told."""
