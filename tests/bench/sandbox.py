"""A home of its own for a benchmark: folders, environment, a small project, and the processes that it starts."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from bench.client import Client
from bench.model import Model
from bench.processes import children, wait_until_gone
from rejoinder.engine.claim import read_holder

_ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("server", "clients", "tests", "editors")
_LOOK = 0.02
_UNCOPIED = shutil.ignore_patterns("__pycache__", "node_modules", ".*")


class Sandbox:
    """An empty home. On leaving it every process has ended and its folder is removed."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="rejoinder-bench-"))
        self.data_dir = self.home / "data" / "rejoinder"
        self.environment = self._environment()
        self._open: list[Client | Model] = []

    def project(self) -> Path:
        """A copy of this repository's sources: a project of moderate size that nobody changes meanwhile."""
        folder = self.home / "project"
        if not folder.exists():
            for name in _SOURCES:
                if (_ROOT / name).is_dir():
                    shutil.copytree(_ROOT / name, folder / name, ignore=_UNCOPIED)
        return folder

    def model(self) -> Model:
        """A fake model."""
        model = Model(self.environment)
        self._open.append(model)
        return model

    def start(self, *command: str) -> Client:
        """A server's process."""
        client = Client(command, environment=self.environment, folder=self.home)
        self._open.append(client)
        return client

    def serve(self, *, project: Path | None = None, model: Model | None = None) -> Client:
        """`rejoinder serve` after its greetings, with a model if one is given, and with its project's index at rest."""
        flags = ["--set", f"baseUrl={model.url}", "--model", "openai-compatible:tokens-1"] if model else []
        client = self.start(*rejoinder(), "serve", *flags)
        client.initialize(project)
        while project is not None and client.request("rejoinder/index/status", {})["state"] != "ready":
            time.sleep(_LOOK)
        return client

    def engine(self) -> int:
        """The engine's process ID."""
        holder = read_holder(self.data_dir)
        assert holder is not None
        return holder.pid

    def end_engine(self) -> None:
        """Take leave of every server, and wait until the engine has gone."""
        engine = self.engine()
        for client in [item for item in self._open if isinstance(item, Client)]:
            client.close()
            self._open.remove(client)
        wait_until_gone(engine)

    def close(self) -> None:
        """End all processes and remove the folder."""
        pids = []
        if (holder := read_holder(self.data_dir)) is not None and not holder.leaving:
            pids = [holder.pid, *children(holder.pid)]
        for item in reversed(self._open):
            item.close()
        for pid in pids:
            wait_until_gone(pid)
        shutil.rmtree(self.home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("REJOINDER_", "XDG_")) and not name.lower().endswith(("_api_key", "_proxy"))
        }
        (self.home / "run").mkdir(mode=0o700)
        return kept | {
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "REJOINDER_IDLE_SECONDS": "0",
        }


def rejoinder() -> list[str]:
    """The command as it is installed beside this interpreter, else the package."""
    script = Path(sys.executable).with_name("rejoinder")
    return [str(script)] if script.exists() else [sys.executable, "-m", "rejoinder"]
