"""One client: what it has open, what it has set, and what it is told."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from lsprotocol import types as lsp

from rejoinder.domain.conversation import Project, Session
from rejoinder.domain.events import TurnEnded, TurnEvent
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.domain.spending import Limits
from rejoinder.engine.subscriptions import ChangeKind, Subscriptions
from rejoinder.lsp.client_functions import FunctionOffers
from rejoinder.lsp.configuration import Configuration, Resolved
from rejoinder.lsp.convert import event_out, status_out
from rejoinder.lsp.convert_session import changed_out
from rejoinder.lsp.documents import ClientWorkspace, normalized, path_of, resolved_path_of, without
from rejoinder.lsp.editor_view import look
from rejoinder.lsp.model_settings import choice_of, index_options_of, limits_of
from rejoinder.lsp.positions import Encoding
from rejoinder.lsp.recall_settings import config_of
from rejoinder.lsp.server import RejoinderServer
from rejoinder.protocol import methods
from rejoinder.protocol.methods import Token
from rejoinder.services.catalogue import Services
from rejoinder.services.model_ports import ModelChoice
from rejoinder.services.ports import ProjectSearch, TurnAddress
from rejoinder.services.running import RunningTurn

PATIENCE_SECONDS = 3.0
"""How long a first request waits for the client's settings."""

_log = logging.getLogger(__name__)


class Client:
    """A connection's own state, over the services that all connections share."""

    def __init__(
        self,
        server: RejoinderServer,
        services: Services,
        subscriptions: Subscriptions,
        configuration: Configuration,
        environment: Mapping[str, str],
        offers: FunctionOffers,
    ) -> None:
        self.server = server
        self.offers = offers
        self.services = services
        self.subscriptions = subscriptions
        self.configuration = configuration
        self.workspace = ClientWorkspace(
            folders=lambda: without(services.transcripts.is_folder, server.folder_uris) or list(self.lent.values()),
            documents=lambda: list(server.workspace.text_documents.values()),
            look=lambda uri: look(server, self.workspace, uri),
        )
        self.searched: dict[Path, str] = {}
        """The folders whose search this client uses, with their project's ID."""
        self.lent: dict[str, str] = {}
        """The folders that open transcripts are about, by their URIs, for an editor that has no other one open."""
        self.edited: Callable[[str], object] = lambda uri: None
        """Called with the URI of a document that was opened, changed or closed."""
        self._environment = environment
        self._preparing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        """What goes on beside requests; kept, because the event loop holds tasks only weakly."""
        self._resolved: Resolved | None = None
        self._begun: WeakSet[RunningTurn] = WeakSet()
        self._tokens: dict[TurnAddress, Token] = {}
        self._followed: set[tuple[str, str]] = set()
        self._has_left = False

    @property
    def encoding(self) -> Encoding:
        """The units of this connection's positions."""
        return self.server.position_encoding

    @property
    def resolved(self) -> Resolved:
        """The settings in force for this connection."""
        if self._resolved is None:
            self._resolved = self.configuration.resolve()
        return self._resolved

    def prepare(self, preparation: Coroutine[Any, Any, None]) -> None:
        """Begin what later requests wait for, after what was begun before: settings, searches, renamed files."""
        self._preparing = self.keep(_after(self._preparing, preparation))

    async def prepared(self) -> None:
        """Wait until that is done. A client that does not answer about its settings is not waited for long."""
        if self._preparing is not None:
            await asyncio.wait([self._preparing], timeout=PATIENCE_SECONDS)

    def keep(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do something beside requests; what goes wrong is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def leave(self) -> None:
        """The connection has ended: stop what belongs to it alone, and give back the searches."""
        self._has_left = True
        for turn in list(self._begun):
            self._stop_if_left(turn)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self.searched:
            await self._leave_search(*self.searched.popitem())

    async def open_searches(self, *, wanted: bool = False) -> None:
        """Use the search of each workspace folder, and give back those of folders that are gone.

        With the setting `retrieve` off none is opened until one is `wanted`.
        """
        folders = self.workspace.folders()
        for folder in [folder for folder in self.searched if folder not in folders]:
            await self._leave_search(folder, self.searched.pop(folder))
        settings = self.resolved.settings
        if not (settings.retrieve or wanted):
            return
        options = index_options_of(settings)
        for folder in folders:
            project = await self.services.projects.of_folder(folder)
            if (before := self.searched.get(folder)) == project.project_id:
                continue
            if before is not None:  # it was said that the folder is another project's
                await self._leave_search(folder, self.searched.pop(folder))
            await self.services.recalling.use(project.project_id, options)
            # another call may have opened it meanwhile, or the folder gone, or the client
            is_wanted = not self._has_left and folder in self.workspace.folders()
            if is_wanted and folder not in self.searched:
                search = self.services.searches.use(project, folder, settings.ignore, options)
                self.searched[folder] = project.project_id
                await self._pass_buffers(search, folder, closed=False)

    async def files_changed(self, paths: Sequence[Path]) -> None:
        """Files were made, changed or removed."""
        for project_id in self.searched.values():
            self.services.knowledge.files_changed(project_id)
        for folder, project_id in list(self.searched.items()):
            inside = [path for path in paths if path.is_relative_to(folder)]
            search = self.services.searches.get(project_id)
            if inside and search is not None:
                await search.changed(inside)

    async def buffer_changed(self, uri: str, text: str | None) -> None:
        """An open buffer holds this now; None when it was closed."""
        path = path_of(uri)
        for folder, project_id in list(self.searched.items()):
            search = self.services.searches.get(project_id)
            if search is not None and path is not None and path.is_relative_to(folder):
                await search.buffer(uri, text)

    async def _leave_search(self, folder: Path, project_id: str) -> None:
        """Give a search back; others who use it see the files as they are on disk."""
        search = self.services.searches.get(project_id)
        if search is not None:
            await self._pass_buffers(search, folder, closed=True)
        await self.services.searches.leave(project_id)

    async def _pass_buffers(self, search: ProjectSearch, folder: Path, *, closed: bool) -> None:
        """Tell a search of all documents that are open in its folder."""
        for uri, document in list(self.server.workspace.text_documents.items()):
            path = path_of(uri)
            if path is not None and path.is_relative_to(folder):
                await search.buffer(uri, None if closed else document.source)

    def _stop_if_left(self, turn: RunningTurn) -> None:
        if self._has_left and self.resolved.settings.on_disconnect == "cancel":
            turn.cancel()

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("beside a request", exc_info=failure)

    def settings_changed(self) -> Resolved:
        """Work the settings out anew."""
        self._resolved = None
        return self.resolved

    async def project(self, project_id: str | None = None, uri: str | None = None) -> Project:
        """The project that a request means: by ID, by a document's folder, else the first workspace folder."""
        await self.prepared()
        if project_id is not None:
            return await self.services.projects.get(project_id)
        return await self.services.projects.of_folder(self.folder(uri))

    async def projects(self) -> list[Project]:
        """The projects of all workspace folders."""
        await self.prepared()
        folders: Sequence[Path | None] = self.workspace.folders() or [None]
        return [await self.services.projects.of_folder(folder) for folder in folders]

    def choice(self) -> ModelChoice:
        """Which model the settings name, and how it is reached."""
        return choice_of(self.resolved.settings, self._environment)

    def limits(self) -> Limits:
        """What the settings allow to be used."""
        return limits_of(self.resolved.settings)

    def memory_config(self) -> RecallConfig:
        """What the settings say of memory."""
        return config_of(self.resolved.settings.memory)

    def knowledge_config(self) -> RecallConfig:
        """What the settings say of knowledge."""
        return config_of(self.resolved.settings.knowledge)

    def uri(self, uri: str | None) -> str | None:
        """The one way to write a document's URI."""
        return None if uri is None else normalized(uri)

    def began(self, turn: RunningTurn, *, token: Token | None, told: bool) -> None:
        """This client began a turn; if it is told of it, then with a token as progress."""
        self._begun.add(turn)
        self._stop_if_left(turn)
        if told or token is not None:
            if token is not None:
                self._tokens[turn.address] = token
            self.subscriptions.follow_turn(turn.address, self)

    @contextmanager
    def progress(
        self, token: Token | None, title: str, *, cancel: Callable[[], object] | None = None
    ) -> Iterator[None]:
        """Show the client that something goes on, if it gave a token for that; it may cancel if that can be done."""
        if token is None:
            yield
            return
        work = self.server.work_done_progress
        work.begin(token, lsp.WorkDoneProgressBegin(title, cancellable=cancel is not None))
        try:
            with self.server.cancellable(token, cancel or (lambda: None)):
                yield
        finally:
            work.end(token, lsp.WorkDoneProgressEnd())

    def follow_session(self, project_id: str, session_id: str) -> None:
        """Be told of all turns of a session."""
        self._followed.add((project_id, session_id))
        self.subscriptions.follow_session(project_id, session_id, self)

    def unfollow_session(self, project_id: str, session_id: str) -> None:
        """Look away from a session."""
        self._followed.discard((project_id, session_id))
        self.subscriptions.unfollow_session(project_id, session_id, self)

    def tell_update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """As the port `Follower` says: by progress where the client gave a token, and to whoever opened the session."""
        update = methods.ChatUpdateParams(turn.session_id, turn.turn_id, seq, event_out(event, self.encoding))
        token = self._tokens.get(turn)
        if token is not None:
            self.server.notify_progress(token, update)
        if token is None or (turn.project_id, turn.session_id) in self._followed:
            self.server.notify_method(methods.CHAT_UPDATE, update)
        if isinstance(event, TurnEnded):
            self._tokens.pop(turn, None)

    def tell_changed(self, session: Session, kind: ChangeKind) -> None:
        """As the port `Follower` says: only clients that know of Rejoinder are told."""
        if self.server.client_handshake is not None:
            self.server.notify_method(methods.SESSION_CHANGED, changed_out(session, kind))

    def tell_index(self, project_id: str, status: IndexStatus) -> None:
        """As the port `Follower` says: only of the projects that this client has open."""
        if self.server.client_handshake is not None and project_id in self.searched.values():
            self.server.notify_method(methods.INDEX_CHANGED, status_out(status, project_id=project_id))

    def folder(self, uri: str | None) -> Path | None:
        """The workspace folder that holds a document, the innermost if several do; else the first."""
        folders = self.workspace.folders()
        path = resolved_path_of(uri) if uri else None
        if path is not None:
            holding = [folder for folder in folders if path.is_relative_to(folder)]
            if holding:
                return max(holding, key=lambda folder: len(folder.parts))
        return folders[0] if folders else None


async def _after(before: "asyncio.Task[None] | None", work: Coroutine[Any, Any, None]) -> None:
    try:
        if before is not None:
            await asyncio.wait([before])
        await work
    finally:
        work.close()
