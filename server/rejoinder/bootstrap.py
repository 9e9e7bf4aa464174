"""The one place that builds things and wires them together."""

import asyncio
import logging
import os
import socket
import sys
import tomllib
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from rejoinder import __version__, platform
from rejoinder.adapters.file_names import ListedFileNames
from rejoinder.adapters.git import GitRepository
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.sqlite_messages import SqliteMessageSearch
from rejoinder.adapters.tinydb_history import TinyDbHistory
from rejoinder.adapters.worker_search import WorkerSearchProvider
from rejoinder.domain.errors import RejoinderError
from rejoinder.engine import daemon
from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.lsp.configuration import Configuration
from rejoinder.lsp.masking import mask_log
from rejoinder.lsp.service import LspService
from rejoinder.protocol.settings import Settings
from rejoinder.services.answering import Answering
from rejoinder.services.catalogue import Services
from rejoinder.services.choke_point import ChokePoint, RedactingHistory
from rejoinder.services.completing import Completing
from rejoinder.services.conversations import Conversations
from rejoinder.services.editing import Editing
from rejoinder.services.finding import Finding
from rejoinder.services.gathering import Gathering
from rejoinder.services.history import History
from rejoinder.services.ports import FileNames, HistoryStore, MessageSearch, Models, Publisher, SearchProvider
from rejoinder.services.projects import Projects
from rejoinder.services.running import RunningTurns
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions
from rejoinder.services.store_thread import StoreThread
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
    io, subscriptions = StoreThread(), Subscriptions(_log_failure)
    choke_point = ChokePoint()
    store = RedactingHistory(await io(TinyDbHistory, data_dir), choke_point)
    messages = SqliteMessageSearch(store, io)
    search_provider = WorkerSearchProvider(cache_dir, on_status=subscriptions.index_changed)
    models = ModelCatalogue(environment=os.environ)
    files = ListedFileNames()
    services = _services(store, io, choke_point, messages, search_provider, models, files, subscriptions)

    async def close() -> None:
        await services.searches.close()
        await search_provider.close()
        await files.close()
        await models.close()
        messages.close()
        await io(store.close)
        io.close()

    await services.history.empty_trash(settings.trash_days)
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
        preload=models.preload,
        close=close,
    )


def _services(
    store: HistoryStore,
    io: StoreThread,
    choke_point: ChokePoint,
    messages: MessageSearch,
    search_provider: SearchProvider,
    models: Models,
    files: FileNames,
    publisher: Publisher,
) -> Services:
    """The services over their ports."""
    world, repository, running = World(), GitRepository(), RunningTurns()
    conversations = Conversations(store, io, messages, publisher, world)
    projects = Projects(store, io, repository, world)
    sessions = Sessions(conversations, projects)
    searches = Searches(search_provider)
    gathering = Gathering(sessions, searches, messages, repository)
    answering = Answering(models, gathering, choke_point, world)
    return Services(
        projects=projects,
        sessions=sessions,
        history=History(conversations, sessions, projects, running),
        turns=Turns(conversations, sessions, running, answering, publisher),
        transfer=Transfer(conversations, sessions),
        searches=searches,
        models=models,
        editing=Editing(conversations, sessions, answering, choke_point),
        completing=Completing(sessions, searches, files),
        finding=Finding(searches, messages),
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
