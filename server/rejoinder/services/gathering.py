"""Collects what goes into a prompt: mentions, instructions, retrieved passages and messages."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from rejoinder.domain.assembly import Parts
from rejoinder.domain.conversation import Attachment, Message, Place, Session
from rejoinder.domain.errors import IndexUnavailable, InvalidInput, NotFound, RejoinderError
from rejoinder.domain.lines import lines_of
from rejoinder.domain.mentions import (
    EditorMention,
    FileMention,
    SessionMention,
    find_mentions,
    instruction,
    leading_action,
)
from rejoinder.domain.retrieval import Hit
from rejoinder.services.ports import Document, MessageSearch, Repository
from rejoinder.services.request import TurnRequest
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions

INSTRUCTION_FILES = ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md")
LONGEST_INSTRUCTIONS = 32_000
"""Characters of one file with instructions that are read."""

LONGEST_DIFF = 60_000
FILE_HITS = 8
MESSAGE_HITS = 5
RECENT = 20
"""The last messages of the path are in the prompt anyway; a recap of them would say everything twice."""


class Gathering:
    """Collects the parts of a prompt."""

    def __init__(self, sessions: Sessions, searches: Searches, messages: MessageSearch, repository: Repository) -> None:
        self._sessions = sessions
        self._searches = searches
        self._messages = messages
        self._repository = repository

    async def parts(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        *,
        quoting: bool,
        tell: Callable[[str], None],
    ) -> Parts:
        """Everything for this turn. `path` is the history; `quoting`: the answer will quote passages, so wait for them.

        What cannot be had (an index that is not there) is told through `tell` and left out; a file that the text
        names and that is not there is an error.
        """
        action, rest = (request.action, request.text) if request.action else leading_action(request.text)
        question = instruction(action, rest) if action else request.text
        mentioned = await self._mentioned(request)
        if action in ("review", "commit") and not (request.attachments or mentioned):
            mentioned = [await self._diff(request)]
        system = request.system or (session.system if session else None)
        told = [message.content for message in path if message.role == "system"]
        return Parts(
            question=question,
            system="\n\n".join([system, *told]) if system else ("\n\n".join(told) or None),
            instructions=await self._instructions(request),
            history=path,
            hits=await self._retrieved(request, session, path, quoting=quoting, tell=tell) if request.retrieve else (),
            attachments=(*request.attachments, *mentioned),
            folder=folder.as_uri() if (folder := _folder(request)) else None,
            quoting=quoting,
        )

    async def _retrieved(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        *,
        quoting: bool,
        tell: Callable[[str], None],
    ) -> tuple[Hit, ...]:
        query = request.text
        # an answer that quotes may repeat what was just said; a model has read it in the history
        known = () if quoting else tuple(message.message_id for message in path[-RECENT:])
        # an ask that names no session looks into all of the project's
        only = session.session_id if session and request.kind == "chat" else request.session_id
        files, messages = await asyncio.gather(
            self._files(request, query, wait=20.0 if quoting else 0.25, tell=tell),
            self._messages.search(
                request.project.project_id, query, session_id=only, without=known, limit=MESSAGE_HITS
            ),
        )
        return (*messages, *files)

    async def _files(self, request: TurnRequest, query: str, *, wait: float, tell: Callable[[str], None]) -> list[Hit]:
        search = self._searches.get(request.project.project_id)
        if search is None:
            return []
        if search.status().state in ("starting", "indexing"):
            tell("Reading the project…")
        try:
            return await search.search(query, limit=FILE_HITS, wait=wait)
        except IndexUnavailable as exc:
            tell(f"{exc.message} Answering without the project's files.")
            return []

    async def _instructions(self, request: TurnRequest) -> tuple[tuple[str, str], ...]:
        folder = _folder(request)
        if folder is None:
            return ()
        texts = []
        for name in request.instructions or INSTRUCTION_FILES:
            try:
                document = await request.workspace.read((folder / name).as_uri())
            except RejoinderError as exc:
                if request.instructions:
                    raise InvalidInput(
                        f"The file with instructions {name!r} cannot be read: {exc.message}",
                        hint="Correct the setting `instructions`.",
                    ) from exc
                continue
            texts.append((name, document.text[:LONGEST_INSTRUCTIONS]))
        return tuple(texts)

    async def _mentioned(self, request: TurnRequest) -> list[Attachment]:
        attachments = []
        for mention in find_mentions(request.text):
            if isinstance(mention, FileMention):
                attachments.append(await self._file(request, mention))
            elif isinstance(mention, SessionMention):
                attachments.append(await self._session(request, mention))
            elif isinstance(mention, EditorMention) and mention.what == "diff":
                attachments.append(await self._diff(request))
        return attachments

    async def _file(self, request: TurnRequest, mention: FileMention) -> Attachment:
        folder = _folder(request)
        if folder is None:
            raise InvalidInput(f"@file:{mention.path} needs a workspace folder.", hint="Open a folder first.")
        document = await request.workspace.read((folder / mention.path).as_uri())
        if mention.first is None:
            return Attachment(document.uri, text=document.text, version=document.version)
        return _lines(document, mention.first, mention.last or mention.first)

    async def _session(self, request: TurnRequest, mention: SessionMention) -> Attachment:
        session = await self._sessions.by_ref(request.project.project_id, mention.ref)
        path = await self._sessions.path(session)
        text = "\n\n".join(f"{message.role}: {message.content}" for message in path[-RECENT:])
        return Attachment(f"session:{session.session_id}", text=text)

    async def _diff(self, request: TurnRequest) -> Attachment:
        folder = _folder(request)
        diff = await asyncio.to_thread(self._repository.diff, folder, limit=LONGEST_DIFF) if folder else ""
        if not diff:
            raise NotFound("change", "diff", hint="Change something first, or attach the code in question.")
        return Attachment("git:diff", text=diff)


def _folder(request: TurnRequest) -> Path | None:
    """The project's folder, if the client has it open."""
    paths = request.project.paths
    return next((folder for folder in request.workspace.folders() if str(folder) in paths), None)


def _lines(document: Document, first: int, last: int) -> Attachment:
    lines = lines_of(document.text)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()  # people count no line after the last line end
    if not 1 <= first <= last <= len(lines):
        raise InvalidInput(
            f"Lines {first}-{last} are outside of {document.uri}, which has {len(lines)} lines.",
            hint="Name lines that the document has.",
        )
    chosen = lines[first - 1 : last]
    place = Place(first - 1, 0, last - 1, len(chosen[-1]))
    return Attachment(document.uri, place, document.version, "\n".join(chosen))
