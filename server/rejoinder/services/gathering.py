"""Collects what goes into a prompt: mentions, instructions, retrieved passages and messages."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from rejoinder.domain.agents import system_text
from rejoinder.domain.assembly import Parts
from rejoinder.domain.conversation import Attachment, Message, Place, Session
from rejoinder.domain.editor_view import Problem, problems_text
from rejoinder.domain.errors import IndexUnavailable, InvalidInput, NotFound, RejoinderError
from rejoinder.domain.lines import lines_of
from rejoinder.domain.mentions import (
    Action,
    EditorMention,
    FileMention,
    SessionMention,
    SymbolMention,
    find_mentions,
    instruction,
    leading_action,
)
from rejoinder.domain.names import shown_path
from rejoinder.domain.prompt_files import asked_text, without_expansions
from rejoinder.domain.retrieval import Hit
from rejoinder.domain.summaries import Summary, uncovered
from rejoinder.domain.symbols import definition_of
from rejoinder.domain.users import own_part
from rejoinder.services.ports import Document, Repository
from rejoinder.services.reading import unread, while_reading
from rejoinder.services.recap import Recap
from rejoinder.services.request import TurnRequest
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions

INSTRUCTION_FILES = ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md")
LONGEST_INSTRUCTIONS = 32_000
"""Characters of one file with instructions that are read."""

LONGEST_DIFF = 60_000
SYMBOL_HITS = 20
SYMBOL_SECONDS = 5.0
FILE_HITS = 8
RECENT = 20
"""The last messages of the path are in the prompt anyway; a recap of them would say everything twice."""


class Gathering:
    """Collects the parts of a prompt."""

    def __init__(self, sessions: Sessions, searches: Searches, recap: Recap, repository: Repository) -> None:
        self._sessions = sessions
        self._searches = searches
        self._recap = recap
        self._repository = repository

    async def parts(
        self,
        request: TurnRequest,
        session: Session | None,
        path: Sequence[Message],
        *,
        summary: Summary | None = None,
        quoting: bool,
        tell: Callable[[str], None],
    ) -> Parts:
        """Everything for this turn. `path` is the history, whose oldest turns `summary` stands for.

        `quoting`: the answer will quote passages, so wait for them.

        What cannot be had (an index that is not there) is told through `tell` and left out; a file that the text
        names and that is not there is an error.
        """
        request = _as_asked(request)
        action, rest = (request.action, request.text) if request.action else leading_action(request.text)
        question = instruction(action, rest) if action else request.text
        mentioned = await self._meant(request, action, tell)
        history = uncovered(path, summary)
        # an answer that quotes may repeat what was just said; a model has read it in the history
        known = () if quoting else tuple(m.message_id for m in (history if summary else path[-RECENT:]))
        hits = await self._retrieved(request, session, known, quoting=quoting, tell=tell) if request.retrieve else ()
        return Parts(
            question=question,
            system=_system(request, session, path),
            instructions=await self._instructions(request),
            summary=summary.text if summary else None,
            history=history,
            hits=hits,
            unread=unread(self._searches.get(request.project.project_id)) if request.retrieve else "",
            attachments=(*request.attachments, *mentioned),
            folder=folder.as_uri() if (folder := _folder(request)) else None,
            images=request.images,
            schema=request.schema,
            quoting=quoting,
        )

    async def _retrieved(
        self,
        request: TurnRequest,
        session: Session | None,
        known: Sequence[str],
        *,
        quoting: bool,
        tell: Callable[[str], None],
    ) -> tuple[Hit, ...]:
        for note in request.notes:
            tell(note)
        files, recalled = await asyncio.gather(
            self._files(request, request.text, wait=40.0 if quoting else 0.25, tell=tell),
            self._recap.hits(request, session, known, quoting=quoting, tell=tell),
        )
        return (*recalled, *files)

    async def _files(self, request: TurnRequest, query: str, *, wait: float, tell: Callable[[str], None]) -> list[Hit]:
        search = self._searches.get(request.project.project_id)
        if search is None:
            return []
        try:
            near = (request.uri,) if request.uri else ()
            found = search.search(query, limit=FILE_HITS, wait=wait, near=near, commits=True)
            return (await while_reading(search, found, tell))[:FILE_HITS]
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

    async def _meant(
        self, request: TurnRequest, action: Action | None, tell: Callable[[str], None]
    ) -> list[Attachment]:
        """What the text mentions, and what its action takes by itself."""
        mentioned = await self._mentioned(request, tell)
        is_bare = not (request.attachments or mentioned)
        if action == "fix" and EditorMention("problems") not in find_mentions(request.text):
            mentioned += await self._problems_within(request)
        if action in ("review", "commit") and is_bare:
            mentioned = [await self._diff(request)]
        elif request.action is not None and is_bare:
            mentioned += await self._document(request, tell)
        return mentioned

    async def _document(self, request: TurnRequest, tell: Callable[[str], None]) -> list[Attachment]:
        """The document that a request is about, for an action with nothing else to work on."""
        if request.uri is None:
            return []
        try:
            document = await request.workspace.read(request.uri)
        except RejoinderError as exc:
            tell(f"{exc.message} Answering without the document.")
            return []
        return [_whole(document)]

    async def _mentioned(self, request: TurnRequest, tell: Callable[[str], None]) -> list[Attachment]:
        attachments = []
        for mention in find_mentions(request.text):
            if isinstance(mention, FileMention):
                attachments.append(await self._file(request, mention))
            elif isinstance(mention, SessionMention):
                attachments.append(await self._session(request, mention))
            elif isinstance(mention, SymbolMention):
                attachments += await self._symbol(request, mention, tell)
            elif mention.what == "diff":
                attachments.append(await self._diff(request))
            elif mention.what == "problems":
                attachments += await self._problems(request, tell)
            elif not any(each.place for each in request.attachments):
                tell("The editor does not say what is selected.")
        return attachments

    async def _file(self, request: TurnRequest, mention: FileMention) -> Attachment:
        folder = _folder(request)
        if folder is None:
            raise InvalidInput(f"@file:{mention.path} needs a workspace folder.", hint="Open a folder first.")
        document = await request.workspace.read((folder / mention.path).as_uri())
        if mention.first is None:
            return _whole(document)
        return _lines(document, mention.first, mention.last or mention.first)

    async def _symbol(
        self, request: TurnRequest, mention: SymbolMention, tell: Callable[[str], None]
    ) -> list[Attachment]:
        """The passage that defines a name, as far as the search knows it."""
        search = self._searches.get(request.project.project_id)
        if search is None:
            raise InvalidInput(f"@symbol:{mention.name} needs a workspace folder.", hint="Open a folder first.")
        try:
            hits = await search.search(mention.name, limit=SYMBOL_HITS, wait=SYMBOL_SECONDS)
        except IndexUnavailable as exc:
            tell(f"{exc.message} Answering without @symbol:{mention.name}.")
            return []
        found = definition_of(mention.name, hits)
        if found is None:
            raise NotFound("symbol", mention.name, hint="Check its name, or attach its file.")
        return [Attachment(found.uri, found.place, text=found.text)]

    async def _problems(self, request: TurnRequest, tell: Callable[[str], None]) -> list[Attachment]:
        view = await request.workspace.seen(request.uri)
        if not view.problems:
            tell("The editor tells of no problems.")
        return _told(view.problems, request)

    async def _problems_within(self, request: TurnRequest) -> list[Attachment]:
        """What the editor says is wrong with the attached lines."""
        targets = [each for each in request.attachments if each.uri.startswith("file:")]
        if not targets:
            return []
        view = await request.workspace.seen(targets[0].uri)
        return _told(tuple(p for p in view.problems if any(_touches(p, each) for each in targets)), request)

    async def _session(self, request: TurnRequest, mention: SessionMention) -> Attachment:
        session = await self._sessions.by_ref(request.project.project_id, mention.ref)
        path = own_part(await self._sessions.path(session), request.user_id)
        text = "\n\n".join(f"{message.role}: {message.content}" for message in path[-RECENT:])
        return Attachment(f"session:{session.session_id}", text=text)

    async def _diff(self, request: TurnRequest) -> Attachment:
        folder = _folder(request)
        diff = await asyncio.to_thread(self._repository.diff, folder, limit=LONGEST_DIFF) if folder else ""
        if not diff:
            raise NotFound("difference from", "HEAD", hint="Change a file that Git knows, or attach the code.")
        return Attachment("git:diff", text=diff)


def _as_asked(request: TurnRequest) -> TurnRequest:
    """The request with what its prompt says in the place of the command that calls it."""
    text = asked_text(request.text, request.attachments)
    return attrs.evolve(request, text=text, attachments=without_expansions(request.attachments))


def _system(request: TurnRequest, session: Session | None, path: Sequence[Message]) -> str | None:
    """The system prompt: the agent's, the request's or the session's, and what system messages of the path say."""
    said = request.system or (session.system if session else None)
    if request.agent is not None:
        own = system_text(request.agent, (message.agent for message in path if message.agent is not None))
        said = f"{own}\n\n{request.system}" if request.system else own
    told = [message.content for message in path if message.role == "system"]
    return "\n\n".join([said, *told] if said else told) or None


def _folder(request: TurnRequest) -> Path | None:
    """The project's folder, if the client has it open."""
    paths = request.project.paths
    return next((folder for folder in request.workspace.folders() if str(folder) in paths), None)


def _told(problems: tuple[Problem, ...], request: TurnRequest) -> list[Attachment]:
    folder = _folder(request)
    base = folder.as_uri() if folder else None
    text = problems_text(problems, {problem.uri: shown_path(problem.uri, base) for problem in problems})
    return [Attachment("editor:problems", text=text)] if text else []


def _touches(problem: Problem, attached: Attachment) -> bool:
    if problem.uri != attached.uri:
        return False
    place = attached.place
    return place is None or (problem.place.start_line <= place.end_line and place.start_line <= problem.place.end_line)


def _whole(document: Document) -> Attachment:
    return Attachment(document.uri, text=document.text, version=document.version)


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
