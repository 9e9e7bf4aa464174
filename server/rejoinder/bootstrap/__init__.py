"""The one place that builds things and wires them together."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from rejoinder import __version__, platform
from rejoinder.bootstrap.ports import open_ports
from rejoinder.bootstrap.services import services_over
from rejoinder.domain.errors import RejoinderError
from rejoinder.engine import daemon
from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.lsp.errors import to_wire_error
from rejoinder.lsp.masking import mask_log
from rejoinder.lsp.service import LspService
from rejoinder.own_settings import own_settings, settings_file
from rejoinder.protocol.settings import Settings

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
            to_wire=to_wire_error,
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
            to_wire=to_wire_error,
        ),
        settings,
    )


async def open_service(data_dir: Path, cache_dir: Path, settings: Settings) -> LspService:
    """Everything over one data folder, which belongs to this process from now on."""
    subscriptions = Subscriptions(_log_failure)
    ports = await open_ports(data_dir, cache_dir, subscriptions, store=settings.store)
    services = services_over(ports)

    async def close() -> None:
        await services.transcripts.close()
        await services.summarising.close()
        await services.searches.close()
        # what is still being stored tells the recall index
        await services.history.close()
        await services.memories.close()
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
        file_settings=settings_file,
        preload=ports.preload,
        close=close,
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
