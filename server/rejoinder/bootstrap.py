"""The one place that builds things and wires them together."""

import asyncio
import logging
import os
import socket
import sys
import tomllib
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import attrs

from rejoinder import __version__, platform
from rejoinder.adapters.file_names import ListedFileNames
from rejoinder.adapters.foreign_files import KnownForeignFiles
from rejoinder.adapters.git import GitRepository
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.sqlite_messages import SqliteMessageSearch
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.usage_ledger import JournalUsageLedger
from rejoinder.adapters.worker_search import WorkerSearchProvider
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.domain.errors import RejoinderError
from rejoinder.engine import daemon
from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.lsp.configuration import Configuration
from rejoinder.lsp.masking import mask_log
from rejoinder.lsp.service import LspService
from rejoinder.protocol.settings import Settings
from rejoinder.services.answering import Answering
from rejoinder.services.backups import Backups
from rejoinder.services.catalogue import Services
from rejoinder.services.choke_point import ChokePoint, RedactingHistory
from rejoinder.services.cleaning import Cleaning
from rejoinder.services.completing import Completing
from rejoinder.services.conversations import Conversations
from rejoinder.services.editing import Editing
from rejoinder.services.file_ports import Archives
from rejoinder.services.finding import Finding
from rejoinder.services.gathering import Gathering
from rejoinder.services.history import History
from rejoinder.services.metering import MeteredModels
from rejoinder.services.model_ports import Models
from rejoinder.services.ports import FileNames, HistoryStore, MessageSearch, Publisher, SearchProvider
from rejoinder.services.projects import Projects
from rejoinder.services.renames import Renames
from rejoinder.services.running import RunningTurns
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions
from rejoinder.services.spending import Spending
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.summarising import Summarising
from rejoinder.services.transfer import Transfer
from rejoinder.services.turns import Turns
from rejoinder.services.world import World

_log = logging.getLogger(__name__)


def run_engine(*, data_dir: Path, cache_dir: Path, idle_seconds: float | None, listener: socket.socket) -> int:
    """Be the engine of a data folder until nobody needs it; answers the exit status."""
    settings = _own_settings({})
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
    settings = _own_settings(flags)
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
    ports = await _open_ports(data_dir, cache_dir, subscriptions)
    services = _services(ports)

    async def close() -> None:
        await services.summarising.close()
        await services.searches.close()
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
            "cacheDir": str(cache_dir),
            "configFile": str(platform.config_file()),
        },
        file_settings=_file_settings,
        preload=ports.preload,
        close=close,
    )


@attrs.frozen(kw_only=True)
class _Ports:
    """What the services are built over."""

    store: HistoryStore
    io: StoreThread
    choke_point: ChokePoint
    messages: MessageSearch
    search_provider: SearchProvider
    models: Models
    spending: Spending
    files: FileNames
    archives: Archives
    publisher: Publisher
    preload: Callable[[], Coroutine[Any, Any, None]]
    close: Callable[[], Coroutine[Any, Any, None]]


async def _open_ports(data_dir: Path, cache_dir: Path, subscriptions: Subscriptions) -> _Ports:
    """The adapters, open."""
    io, choke_point = StoreThread(), ChokePoint()
    store = RedactingHistory(await io(TinyDbHistory, data_dir), choke_point)
    messages = SqliteMessageSearch(store, io)
    search_provider = WorkerSearchProvider(cache_dir, on_status=subscriptions.index_changed)
    ledger = await io(JournalUsageLedger, data_dir)
    remembered = await io(RememberedModels, data_dir)
    for fault in (*ledger.faults, *remembered.faults):
        _log.warning("%s", fault)
    catalogue = ModelCatalogue(environment=os.environ, remembered=remembered)
    spending = Spending(ledger, io, World())
    files = ListedFileNames()
    archives = ZipArchives(data_dir, program=__version__)
    await io(archives.clear)

    async def close() -> None:
        await search_provider.close()
        await files.close()
        await catalogue.close()
        messages.close()
        await io(ledger.close)
        await io(store.close)
        io.close()

    return _Ports(
        store=store,
        io=io,
        choke_point=choke_point,
        messages=messages,
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
    world, repository, running = World(), GitRepository(), RunningTurns()
    io, messages, models = ports.io, ports.messages, ports.models
    conversations = Conversations(ports.store, io, messages, ports.publisher, world)
    projects = Projects(ports.store, io, repository, world)
    sessions = Sessions(conversations, projects, Renames(ports.files, repository))
    searches = Searches(ports.search_provider)
    gathering = Gathering(sessions, searches, messages, repository)
    history = History(conversations, sessions, projects, running)
    summarising = Summarising(conversations, history, models, ports.choke_point)
    answering = Answering(models, gathering, summarising, ports.choke_point, ports.spending, world)
    transfer = Transfer(conversations, sessions, KnownForeignFiles())
    return Services(
        projects=projects,
        sessions=sessions,
        history=history,
        turns=Turns(conversations, sessions, running, answering, ports.publisher),
        summarising=summarising,
        transfer=transfer,
        cleaning=Cleaning(conversations, sessions, history, projects, running),
        backups=Backups(conversations, projects, history, transfer, running, ports.archives),
        searches=searches,
        models=models,
        spending=ports.spending,
        editing=Editing(conversations, sessions, answering, ports.choke_point),
        completing=Completing(sessions, searches, ports.files),
        finding=Finding(sessions, searches, messages),
    )


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


def _own_settings(flags: Mapping[str, Any]) -> Settings:
    """The settings of the process itself: what does not depend on a client."""
    configuration = Configuration(flags=flags, environment=os.environ, file=_file_settings())
    return configuration.resolve().settings


def _file_settings() -> Mapping[str, Any]:
    """The user's own settings file; a broken one counts as empty and is told of in the log."""
    path = platform.config_file()
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        _log.warning("%s does not count: %s", path, exc)
        return {}
