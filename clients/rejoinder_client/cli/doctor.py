"""`rejoinder doctor`: what is there, and what to do next."""

import importlib.util
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from rejoinder.protocol import projects
from rejoinder_client.cli.arguments import add_common
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import FAILED, say_error
from rejoinder_client.cli.index import index_status
from rejoinder_client.cli.output import counted, shown_file, shown_size
from rejoinder_client.errors import RejoinderError

if TYPE_CHECKING:
    from rejoinder_client.client import Client

_LIBRARIES = ("pygls", "lsprotocol", "pydantic-ai-slim", "openai", "tinydb", "hnswlib", "attrs", "cattrs", "orjson")
_BUILT_IN = "extractive"


def declare(command: ArgumentParser) -> None:
    """The arguments of `doctor`."""
    command.add_argument("--model", metavar="NAME", help="a model to look for")
    command.add_argument("--base-url", metavar="URL", help="address of an OpenAI-compatible server")
    add_common(command, doctor, json=False)


def doctor(options: Namespace) -> int:
    """Print versions, folders, the engine, the model and the index; then each thing that could be better."""
    _line("rejoinder", _version("rejoinder"))
    _line("python", f"{platform.python_version()} on {platform.platform()}")
    _line("project", str(project_folder(options) or "none: this is the home folder"))
    advice = list(_advice_on_libraries())
    try:
        with connected(options) as client:
            advice += _look_at_engine(client)
            advice += _look_at_index(client, project_folder(options))
    except RejoinderError as error:
        _line("engine", "does not answer")
        say_error(error.message, error.hint)
        return FAILED
    _line("libraries", ", ".join(f"{library} {_version(library)}" for library in _LIBRARIES))
    print("\nNext:" if advice else "\nEverything is in place.")
    for text in advice:
        print(f"  - {text}")
    return 0


def _look_at_engine(client: "Client") -> Iterator[str]:
    """Print what the engine says of itself; answers what could be better."""
    server = client.server
    _line("engine", f"{server.version}, answers (process {server.process_id})")
    _line("data folder", str(server.data_dir))
    _line("store", server.store or "tinydb")
    _line("cache folder", str(server.cache_dir))
    _line("settings", str(server.config_file))
    settings = {setting.key: setting for setting in client.request(projects.CONFIG).settings}
    found = client.models()
    _line("model", found.current)
    if (base_url := settings.get("baseUrl")) is not None and base_url.value:
        _line("baseUrl", f"{base_url.value} ({base_url.source})")
    if found.current == _BUILT_IN:
        yield (
            "No model is set, so answers quote the project. `rejoinder models offer` looks for one on this machine, "
            "`rejoinder models use ollama:NAME` chooses one, and config.toml takes all the rest."
        )
        for model in found.models:
            if model.configured and model.id != _BUILT_IN:
                yield f"{model.label} is there to be used: --model {model.id}"


def _look_at_index(client: "Client", folder: Path | None) -> Iterator[str]:
    """Print how far the index is; answers what could be better."""
    try:
        status = index_status(client)
    except RejoinderError as error:
        _line("index", error.message)
        yield error.hint
        return
    going_on = {
        "starting": "about to read the project; what is known so far: ",
        "indexing": f"reading the project, {status.done:,} of {status.total:,} files; known so far: ",
        "paused": "paused; ",
        "error": "it failed; ",
    }.get(status.state, "ready, ")
    known = f"{counted(status.files, 'file')}, {counted(status.chunks, 'passage')}, {shown_size(status.bytes)}"
    _line("index", going_on + known)
    if status.state == "paused":
        yield "`rejoinder index resume` has the index go on; until then nothing new is read."
    if (recall := status.recall) is not None and recall.passages:
        left = recall.passages - recall.embedded
        _line(
            "recall",
            f"{counted(recall.passages, 'passage')}, {f'{left} without vectors yet' if left else recall.model}",
        )
        yield from recall.errors
    for fault in status.errors:
        yield f"{shown_file(fault.uri, folder)}: {fault.reason}"


def _advice_on_libraries() -> Iterator[str]:
    if importlib.util.find_spec("hnswlib") is None:
        yield "hnswlib is missing, so search by meaning is slower: install a C++ compiler and Rejoinder again."


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def _line(name: str, value: str) -> None:
    print(f"{name:<18}{value}")
