"""The adapters, open, as the services need them."""

import logging
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rejoinder import __version__, platform
from rejoinder.adapters.agent_files import agent_files
from rejoinder.adapters.file_names import ListedFileNames
from rejoinder.adapters.mcp_tools import McpTools
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.adapters.prompt_files import prompt_files
from rejoinder.adapters.provided_index import opener
from rejoinder.adapters.recall_worker import WorkerRecallIndex
from rejoinder.adapters.remembered_models import RememberedModels
from rejoinder.adapters.stores import is_tinydb, open_store, recall_folder
from rejoinder.adapters.transcript_files import DiskTranscriptFiles
from rejoinder.adapters.usage_ledger import JournalUsageLedger
from rejoinder.adapters.worker_search import WorkerSearchProvider
from rejoinder.adapters.zip_archive import ZipArchives
from rejoinder.declared import frozen
from rejoinder.domain.agents import Agent
from rejoinder.domain.prompt_files import PromptFile
from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.own_settings import file_settings
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.file_ports import Archives
from rejoinder.services.forgotten_transcripts import ForgettingHistory
from rejoinder.services.metering import MeteredModels
from rejoinder.services.model_ports import Models
from rejoinder.services.named_files import NamedFiles
from rejoinder.services.ports import FileNames, Publisher, SearchProvider
from rejoinder.services.provider_ports import OpenIndex
from rejoinder.services.recall_ports import RecallIndex
from rejoinder.services.spending import Spending
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.tool_ports import ToolSource
from rejoinder.services.transcripts import TranscriptFiles
from rejoinder.services.world import World

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class Ports:
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
    agent_files: NamedFiles[Agent]
    prompt_files: NamedFiles[PromptFile]
    mcp: ToolSource
    archives: Archives
    transcript_files: TranscriptFiles
    publisher: Publisher
    preload: Callable[[], Coroutine[Any, Any, None]]
    close: Callable[[], Coroutine[Any, Any, None]]


async def open_ports(data_dir: Path, cache_dir: Path, subscriptions: Subscriptions, *, store: str) -> Ports:
    """The adapters, open."""
    io, choke_point, transcripts = StoreThread(), ChokePoint(), DiskTranscriptFiles(data_dir / "transcripts")
    history = await io(open_store, store, data_dir)
    recall_index = WorkerRecallIndex(recall_folder(store, cache_dir))
    search_provider = WorkerSearchProvider(cache_dir, on_status=subscriptions.index_changed)
    ledger, remembered = await io(_about_models, data_dir)
    catalogue = ModelCatalogue(environment=os.environ, remembered=remembered)
    spending, files = Spending(ledger, io, World()), ListedFileNames()
    archives = await io(_archives, data_dir, None if is_tinydb(store) else history)
    mcp = McpTools(lambda: file_settings().get("mcp"), version=__version__)

    async def close() -> None:
        for one in (mcp, search_provider, files, catalogue, recall_index):
            await one.close()
        await io(ledger.close)
        await io(history.close)
        io.close()

    return Ports(
        store=ForgettingHistory(history, choke_point, transcripts),
        io=io,
        choke_point=choke_point,
        recall_index=recall_index,
        open_provider=opener(data_dir / "providers", World().now),
        search_provider=search_provider,
        models=MeteredModels(catalogue, spending),
        spending=spending,
        files=files,
        agent_files=agent_files(platform.config_file().parent / "agents"),
        prompt_files=prompt_files(platform.config_file().parent / "prompts"),
        mcp=mcp,
        archives=archives,
        transcript_files=transcripts,
        publisher=subscriptions,
        preload=catalogue.preload,
        close=close,
    )


def _about_models(data_dir: Path) -> tuple[JournalUsageLedger, RememberedModels]:
    """What was used of models, and which one was chosen; what is damaged of that is logged."""
    ledger, remembered = JournalUsageLedger(data_dir), RememberedModels(data_dir)
    for fault in (*ledger.faults, *remembered.faults):
        _log.warning("%s", fault)
    return ledger, remembered


def _archives(data_dir: Path, history: HistoryStore | None) -> ZipArchives:
    """Archives of everything, with nothing left of those that were not finished."""
    archives = ZipArchives(data_dir, program=__version__, store=history)
    archives.clear()
    return archives
