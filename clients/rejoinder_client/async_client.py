"""The client: a connection to a server, and what belongs to no single session."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Unpack, overload

from rejoinder.protocol import agents, models, projects, prompts, retrieval, sessions, tools, transfer, turns
from rejoinder.protocol.agents import AgentsListResult
from rejoinder.protocol.models import ModelsResult, UsageResult
from rejoinder.protocol.projects import Project, Setting
from rejoinder.protocol.retrieval import IndexStatus
from rejoinder.protocol.sessions import SessionChangedParams
from rejoinder.protocol.tools import ToolInfo
from rejoinder.protocol.transfer import BackupCreateResult, BackupRestoreResult, SessionImportResult
from rejoinder.protocol.types import Scope
from rejoinder.protocol.updates import Update
from rejoinder_client import recall_options
from rejoinder_client.async_knowledge import AsyncKnowledge
from rejoinder_client.async_memory import AsyncMemory
from rejoinder_client.async_session import AsyncSession
from rejoinder_client.async_sessions import AsyncSessions
from rejoinder_client.chat_loop import Read, Write, answered, asked, print_piece
from rejoinder_client.connected_client import ConnectedClient
from rejoinder_client.errors import SessionNotFound
from rejoinder_client.messages import new_messages
from rejoinder_client.options import AskOptions, ChatOptions, SessionOptions, ask_params, chat_params
from rejoinder_client.places import absolute
from rejoinder_client.progress import OnProgress
from rejoinder_client.searching import Hits, SearchOptions, hits_of, search_params
from rejoinder_client.shapes import shape_of, with_output
from rejoinder_client.streams import Streams
from rejoinder_client.turns import Answer, run_turn, stream_turn

T = TypeVar("T")


class AsyncClient(ConnectedClient):
    """A connection to a Rejoinder server, for `async with`.

    Without a `transport` (`open_pipe(…)`, `open_socket(…)`, `open_streams(…)`) `rejoinder serve` is started; `data_dir`
    is then the folder of the sessions, the platform's data folder by default. `folders` are the workspace: the current
    folder, unless told otherwise. `settings` count as those of a trusted editor (they go along as
    `initializationOptions`), and `configuration` answers the server's `workspace/configuration`, by section.
    """

    def __init__(
        self,
        transport: Awaitable[Streams] | None = None,
        *,
        folders: Sequence[Path | str] = (".",),
        data_dir: Path | str | None = None,
        settings: Mapping[str, Any] | None = None,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(transport, folders=folders, data_dir=data_dir, settings=settings, configuration=configuration)
        self.sessions = AsyncSessions(self)
        """The sessions of the project: save, load, list, delete, import, export."""
        self.knowledge = AsyncKnowledge(self)
        """What was added to the project as knowledge: add, list, search, remove."""
        self.memory = AsyncMemory(self)
        """What is remembered in the project: add, list, search, correct, forget."""

    async def session(self, session_id: str | None = None, **options: Unpack[SessionOptions]) -> AsyncSession:
        """The session with this ID, made if there is none; without an ID a new one. SessionOptions says what is what.

        Of a session that is there `user_id`, `auto_save`, tools and the two configurations count, and nothing else.
        """
        memory = recall_options.memory(options.get("memory_config"))
        knowledge = recall_options.knowledge(options.get("knowledge_config"))
        user_id, auto_save, uri = options.get("user_id"), options.get("auto_save", True), options.get("uri")
        if session_id is not None:
            with contextlib.suppress(SessionNotFound):
                found = await self.existing(session_id, uri=uri, user_id=user_id, auto_save=auto_save)
                await recall_options.configure(found, memory, knowledge)
                _with_tools(found, options)
                await found.offer_functions()
                return found
        messages, metadata = options.get("messages"), options.get("metadata")
        params = sessions.SessionCreateParams(
            session_id=session_id,
            system=options.get("system"),
            messages=new_messages(messages) if messages is not None else None,
            name=options.get("name"),
            label=options.get("label"),
            description=options.get("description"),
            scope=options.get("scope"),
            uri=uri,
            metadata=dict(metadata) if metadata is not None else None,
            user_id=user_id,
            memory=memory,
            knowledge=knowledge,
        )
        made = await self.request(sessions.SESSION_CREATE, params)
        return _with_tools(AsyncSession(self, made, user_id=user_id, auto_save=auto_save), options)

    async def existing(
        self, session_id: str, *, uri: str | None = None, user_id: str | None = None, auto_save: bool = True
    ) -> AsyncSession:
        """The session with this ID. Raises SessionNotFound."""
        params = sessions.SessionParams(session_id=session_id, uri=uri)
        found = await self.request(sessions.SESSION_GET, params)
        return AsyncSession(self, found, user_id=user_id, auto_save=auto_save)

    async def open(
        self,
        ref: str | None = None,
        *,
        uri: str | None = None,
        scope: Scope | None = None,
        user_id: str | None = None,
        auto_save: bool = True,
    ) -> AsyncSession:
        """The session that a reference means: its ID, name or a beginning of its ID; without one the current session.

        Raises SessionNotFound and Ambiguous.
        """
        params = sessions.SessionOpenParams(ref=ref, uri=uri, scope=scope, user_id=user_id)
        opened = await self.request(sessions.SESSION_OPEN, params)
        session = AsyncSession(self, opened.session, user_id=user_id, auto_save=auto_save)
        await session.leave()
        return session

    async def chat(self, text: str, *, session_id: str | None = None, **options: Unpack[ChatOptions]) -> Answer:
        """Send a text to a session, made if there is none, else to the current one; wait for the answer."""
        return await run_turn(self, turns.CHAT, chat_params(text, options, session_id=session_id), options)

    def chat_stream(
        self, text: str, *, session_id: str | None = None, **options: Unpack[ChatOptions]
    ) -> AsyncGenerator[Update, None]:
        """As `chat`, with the updates as they come."""
        return stream_turn(self, turns.CHAT, chat_params(text, options, session_id=session_id), options)

    @overload
    async def ask(
        self, text: str, *, schema: type[T], session_id: str | None = None, **options: Unpack[AskOptions]
    ) -> T: ...

    @overload
    async def ask(
        self,
        text: str,
        *,
        schema: Mapping[str, Any] | None = None,
        session_id: str | None = None,
        **options: Unpack[AskOptions],
    ) -> Answer: ...

    async def ask(
        self, text: str, *, schema: Any = None, session_id: str | None = None, **options: Unpack[AskOptions]
    ) -> Any:
        """Ask one question over all sessions of the project, or within one, made if there is none.

        It is stored in that one, else in the current one. `schema` is as in a session's `ask`.
        """
        shape = None if schema is None else shape_of(schema)
        params = ask_params(text, options, session_id=session_id, schema=shape.schema if shape else None)
        answer = await run_turn(self, turns.ASK, params, options)
        if shape is None:
            return answer
        answer = with_output(answer, shape)
        return answer if isinstance(schema, Mapping) else answer.output

    def ask_stream(
        self,
        text: str,
        *,
        schema: type[Any] | Mapping[str, Any] | None = None,
        session_id: str | None = None,
        **options: Unpack[AskOptions],
    ) -> AsyncGenerator[Update, None]:
        """As `ask`, with the updates as they come."""
        shape = None if schema is None else shape_of(schema).schema
        return stream_turn(self, turns.ASK, ask_params(text, options, session_id=session_id, schema=shape), options)

    async def chat_loop(
        self,
        session_id: str = "default",
        *,
        read: Read = input,
        write: Write = print_piece,
        **options: Unpack[ChatOptions],
    ) -> None:
        """Read questions and write answers until `exit`, `quit` or the end of input. `read` has a thread to wait in."""
        session = await self.session(session_id)
        while (question := await asyncio.to_thread(asked, read, session.info)) is not None:
            async with contextlib.aclosing(answered(session, question, options)) as pieces:
                async for piece in pieces:
                    write(piece)

    async def search(self, query: str, **options: Unpack[SearchOptions]) -> Hits:
        """Passages of files, past commits, messages, memory and knowledge, best first; at most 200.

        SearchOptions says what it can be narrowed down to, and what the query may hold.
        """
        return hits_of(await self.request(retrieval.SEARCH, search_params(query, options)))

    async def tools(self) -> list[ToolInfo]:
        """The tools that a turn may have here: the server's own, and those of the user's MCP servers."""
        return (await self.request(tools.TOOL_LIST, tools.ToolListParams())).tools

    async def import_(
        self,
        path: Path | str,
        *,
        format: str | None = None,
        dry_run: bool = False,
        place: Literal["own", "current"] = "current",
        on_progress: OnProgress | None = None,
    ) -> SessionImportResult:
        """Bring in a file or folder of this program or of another one, as `sessions.import_path` says."""
        return await self.sessions.import_path(
            path, format=format, dry_run=dry_run, place=place, on_progress=on_progress
        )

    async def agents(self, *, session_id: str | None = None) -> AgentsListResult:
        """The agents of the project, and those of a session; and what is wrong with any."""
        return await self.request(agents.AGENTS_LIST, agents.AgentsListParams(session_id=session_id))

    async def prompts(self) -> prompts.PromptsListResult:
        """The prompt files that `/name` calls in the project, and what is wrong with any."""
        return await self.request(prompts.PROMPTS_LIST, prompts.PromptsListParams())

    async def models(self, *, refresh: bool = False) -> ModelsResult:
        """The models that can be chosen, and the current one. With `refresh` servers are asked once more."""
        return await self.request(models.MODELS, models.ModelsParams(refresh=refresh or None))

    async def use_model(self, model: str | None) -> str:
        """Have a model answer from now on wherever no setting names one; None takes that back. The one in use then."""
        return (await self.request(models.MODELS_USE, models.ModelsUseParams(model=model))).current

    async def usage(self, *, days: int = 30) -> UsageResult:
        """What was used of each model on each of the last days, all together, and the budgets of today."""
        return await self.request(models.USAGE, models.UsageParams(days=days))

    async def config(self) -> list[Setting]:
        """Every setting with its value, and which layer that came from."""
        return (await self.request(projects.CONFIG)).settings

    async def projects(self) -> list[Project]:
        """Every project that the server knows."""
        return (await self.request(projects.PROJECT_LIST)).projects

    async def backup(self, path: Path | str) -> BackupCreateResult:
        """Write everything that is kept, of all projects, to an archive; there must be nothing at its path."""
        params = transfer.BackupCreateParams(path=str(await asyncio.to_thread(absolute, path)))
        return await self.request(transfer.BACKUP_CREATE, params)

    async def restore(self, path: Path | str, *, replace: bool | None = None) -> BackupRestoreResult:
        """Bring in what an archive holds.

        Sessions that are here and differ are replaced, left alone, or, when nothing is said of them, a reason to raise
        InvalidParams. What is replaced is kept in an archive of its own.
        """
        params = transfer.BackupRestoreParams(path=str(await asyncio.to_thread(absolute, path)), replace=replace)
        return await self.request(transfer.BACKUP_RESTORE, params)

    async def index_status(self) -> IndexStatus:
        """How far the project's index is."""
        return await self.request(retrieval.INDEX_STATUS, retrieval.IndexStatusParams())

    async def changes(self) -> AsyncGenerator[SessionChangedParams, None]:
        """News of sessions from now on: created, updated, deleted, a message."""
        with self.switchboard.changes() as feed:
            while (change := await feed.get()) is not None:
                yield change


def _with_tools(session: AsyncSession, options: SessionOptions) -> AsyncSession:
    session.tools, session.on_approval = options.get("tools"), options.get("on_approval")
    return session
