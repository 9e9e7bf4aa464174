"""The one place that builds things and wires them together."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import attrs

from rejoinder import __version__, platform
from rejoinder.adapters.extraction import ChildExtraction
from rejoinder.adapters.file_names import ListedFileNames
from rejoinder.adapters.foreign_files import KnownForeignFiles
from rejoinder.adapters.git import GitRepository
from rejoinder.adapters.knowledge_files import DiskKnowledgeFiles
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.provided_index import opener
from rejoinder.adapters.recall_worker import WorkerRecallIndex
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.stores import is_tinydb, open_store, recall_folder
from rejoinder.adapters.usage_ledger import JournalUsageLedger
from rejoinder.adapters.web_pages import AskedPages
from rejoinder.adapters.worker_search import WorkerSearchProvider
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.domain.errors import RejoinderError
from rejoinder.engine import daemon
from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.lsp.masking import mask_log
from rejoinder.lsp.service import LspService
from rejoinder.own_settings import file_settings, own_settings
from rejoinder.protocol.settings import Settings
from rejoinder.services.answering import Answering
from rejoinder.services.backups import Backups
from rejoinder.services.catalogue import Services
from rejoinder.services.choke_point import ChokePoint, RedactingHistory
from rejoinder.services.cleaning import Cleaning
from rejoinder.services.completing import Completing
from rejoinder.services.contexts import Contexts
from rejoinder.services.conversations import Conversations
from rejoinder.services.editing import Editing
from rejoinder.services.file_ports import Archives
from rejoinder.services.finding import Finding
from rejoinder.services.gathering import Gathering
from rejoinder.services.history import History
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.knowledge_reading import KnowledgeReading
from rejoinder.services.knowledge_store import KnowledgeStore
from rejoinder.services.memories import Memories
from rejoinder.services.memory_origins import MemoryOrigins
from rejoinder.services.metering import MeteredModels
from rejoinder.services.model_ports import Models
from rejoinder.services.ports import FileNames, Publisher, SearchProvider
from rejoinder.services.projects import Projects
from rejoinder.services.provided_recalling import ProvidedRecalling
from rejoinder.services.provider_ports import OpenIndex
from rejoinder.services.recall_ports import RecallIndex, RecallSource
from rejoinder.services.recalled_messages import RecalledMessages
from rejoinder.services.recap import Recap
from rejoinder.services.remembered import Remembered
from rejoinder.services.remembering import Remembering
from rejoinder.services.renames import Renames
from rejoinder.services.rereading import RereadKnowledge
from rejoinder.services.running import RunningTurns
from rejoinder.services.searches import LINGER_SECONDS, Searches
from rejoinder.services.session_state import SessionState
from rejoinder.services.sessions import Sessions
from rejoinder.services.spending import Spending
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.summarising import Summarising
from rejoinder.services.transfer import Transfer
from rejoinder.services.turns import Turns
from rejoinder.services.world import World

_log = logging.getLogger(__name__)


def run_engine(
    *, data_dir: Path, cache_dir: Path, idle_seconds: float | None, store: str | None, listener: socket.socket
) -> int:
    """Be the engine of a data folder until nobody needs it; answers the exit status."""
    settings = own_settings({"store": store} if store is not None else {})
    seconds = settings.idle_seconds if idle_seconds is None else idle_seconds
    return _run(
        daemon.run_engine(
            data_dir=data_dir,
            version=__version__,
            idle_seconds=seconds,
            listener=listener,
            open_service=lambda: open_service(data_dir, cache_dir, settings),
        ),
        settings,
    )


def run_standalone(*, data_dir: Path, cache_dir: Path, flags: Mapping[str, Any]) -> int:
    """Engine and server in this process, for one client on its standard streams; answers the exit status."""
    settings = own_settings(flags)
    return _run(
        daemon.run_standalone(
            data_dir=data_dir,
            version=__version__,
            flags=flags,
            open_service=lambda: open_service(data_dir, cache_dir, settings),
        ),
        settings,
    )


async def open_service(data_dir: Path, cache_dir: Path, settings: Settings) -> LspService:
    """Everything over one data folder, which belongs to this process from now on."""
    subscriptions = Subscriptions(_log_failure)
    ports = await _open_ports(data_dir, cache_dir, subscriptions, store=settings.store)
    services = _services(ports)

    async def close() -> None:
        await services.summarising.close()
        await services.searches.close()
        await services.knowledge.close()
        await services.recalling.close()
        await ports.close()

    await services.history.empty_trash(settings.trash_days)
    await services.cleaning.retain(settings.retention_days)
    return LspService(
        services,
        subscriptions,
        version=__version__,
        about={
            "processId": os.getpid(),
            "dataDir": str(data_dir),
            "store": settings.store,
            "cacheDir": str(cache_dir),
            "configFile": str(platform.config_file()),
        },
        file_settings=file_settings,
        preload=ports.preload,
        close=close,
    )


@attrs.frozen(kw_only=True)
class _Ports:
    """What the services are built over."""

    store: HistoryStore
    io: StoreThread
    choke_point: ChokePoint
    recall_index: RecallIndex
    open_provider: OpenIndex
    search_provider: SearchProvider
    models: Models
    spending: Spending
    files: FileNames
    archives: Archives
    publisher: Publisher
    preload: Callable[[], Coroutine[Any, Any, None]]
    close: Callable[[], Coroutine[Any, Any, None]]


async def _open_ports(data_dir: Path, cache_dir: Path, subscriptions: Subscriptions, *, store: str) -> _Ports:
    """The adapters, open."""
    io, choke_point = StoreThread(), ChokePoint()
    history = await io(open_store, store, data_dir)
    recall_index = WorkerRecallIndex(recall_folder(store, cache_dir))
    search_provider = WorkerSearchProvider(cache_dir, on_status=subscriptions.index_changed)
    ledger = await io(JournalUsageLedger, data_dir)
    remembered = await io(RememberedModels, data_dir)
    for fault in (*ledger.faults, *remembered.faults):
        _log.warning("%s", fault)
    catalogue = ModelCatalogue(environment=os.environ, remembered=remembered)
    spending, files = Spending(ledger, io, World()), ListedFileNames()
    archives = ZipArchives(data_dir, program=__version__, store=None if is_tinydb(store) else history)
    await io(archives.clear)

    async def close() -> None:
        await search_provider.close()
        await files.close()
        await catalogue.close()
        await recall_index.close()
        await io(ledger.close)
        await io(history.close)
        io.close()

    return _Ports(
        store=RedactingHistory(history, choke_point),
        io=io,
        choke_point=choke_point,
        recall_index=recall_index,
        open_provider=opener(data_dir / "providers", World().now),
        search_provider=search_provider,
        models=MeteredModels(catalogue, spending),
        spending=spending,
        files=files,
        archives=archives,
        publisher=subscriptions,
        preload=catalogue.preload,
        close=close,
    )


def _services(ports: _Ports) -> Services:
    """The services over their ports."""
    world, repository, running, io, models = World(), GitRepository(), RunningTurns(), ports.io, ports.models
    projects = Projects(ports.store, io, repository, world)
    recalling, remembered, knowledge = _recalled(ports, projects, world)
    conversations = Conversations(ports.store, io, recalling, ports.publisher, world)
    sessions = Sessions(conversations, projects, Renames(ports.files, repository))
    searches = Searches(ports.search_provider, linger=LINGER_SECONDS)
    memories = Memories(remembered, recalling, MemoryOrigins(conversations, sessions, projects), world)
    gathering = Gathering(sessions, searches, Recap(recalling), repository)
    history = History(conversations, sessions, projects, running, memories, knowledge)
    summarising = Summarising(conversations, history, models, ports.choke_point)
    remembering = Remembering(memories)
    answering = Answering(models, gathering, summarising, ports.choke_point, ports.spending, remembering, world)
    transfer = Transfer(conversations, sessions, KnownForeignFiles())
    return Services(
        projects=projects,
        sessions=sessions,
        states=SessionState(conversations),
        recalling=recalling,
        memories=memories,
        contexts=Contexts(sessions, recalling),
        knowledge=knowledge,
        history=history,
        turns=Turns(conversations, sessions, running, answering, ports.publisher),
        summarising=summarising,
        transfer=transfer,
        cleaning=Cleaning(conversations, sessions, history, projects, running),
        backups=Backups(
            *(conversations, projects, history, transfer, running, ports.archives),
            records_changed=_each(memories.reloaded, knowledge.reloaded, recalling.reloaded),
        ),
        searches=searches,
        models=models,
        spending=ports.spending,
        editing=Editing(conversations, sessions, answering, ports.choke_point),
        completing=Completing(sessions, searches, ports.files),
        finding=Finding(sessions, searches, recalling),
    )


def _recalled(ports: _Ports, projects: Projects, world: World) -> tuple[ProvidedRecalling, Remembered, Knowledge]:
    """What can be recalled besides files, and what finds it."""
    remembered = Remembered(ports.store, ports.io, world)
    kept = KnowledgeStore(ports.store, ports.io)
    reading = KnowledgeReading(ChildExtraction(), AskedPages(), DiskKnowledgeFiles())
    rereading = RereadKnowledge(kept, reading, projects, world)
    sources: list[RecallSource] = [RecalledMessages(ports.store, ports.io), remembered, rereading]
    recalling = ProvidedRecalling(sources, ports.recall_index, ports.open_provider, ports.store, ports.io)
    return recalling, remembered, Knowledge(kept, reading, rereading, recalling, world)


def _each(*calls: Callable[[str], None]) -> Callable[[str], None]:
    """One call for several."""

    def call(value: str) -> None:
        for one in calls:
            one(value)

    return call


def _log_failure(failure: Exception) -> None:
    _log.error("a connection failed", exc_info=failure)


def _run(work: Coroutine[Any, Any, None], settings: Settings) -> int:
    """Run the event loop to its end, with the log on standard error."""
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.log.level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # at INFO it writes whole messages, and what clients send is theirs
    logging.getLogger("pygls").setLevel(logging.WARNING)
    mask_log()
    try:
        asyncio.run(work)
    except RejoinderError as error:
        sys.stderr.write(f"rejoinder: {error.message} {error.hint}\n")
        return 1
    except ConnectionAbortedError as error:
        sys.stderr.write(f"rejoinder: The conversation has ended early: {error}.\n")
        return 1
    return 0
