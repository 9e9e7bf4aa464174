"""The source trees of the public evaluation: brought here by the package managers' own programs, and copied without
documentation for the task that asks by it."""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

EVALUATION = Path(__file__).resolve().parents[4] / "shared" / "eval"
"""The questions and the scorer, beside the checkout."""


_APT = Path("/etc/apt/sources.list")
_TYPES = re.compile(r"^Types:.*$", re.MULTILINE)
_BINARY = re.compile(r"^deb\b(?!-)", re.MULTILINE)


def cache_folder() -> Path:
    """Where trees and their indexes are kept from one run to the next."""
    return Path(tempfile.gettempdir()) / "rejoinder-retrieval"


def tree(repository: str, *, stripped: bool, cache: Path) -> Path:
    """A repository's tree as it was released, or without documentation; brought here if need be."""
    folder = cache / "trees" / repository
    if not folder.is_dir():
        _bring(repository, folder)
    if not stripped:
        return folder
    copy = cache / "stripped" / repository
    if not copy.is_dir():
        _strip(repository, folder, copy)
    return copy


def _bring(repository: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _HOW[repository](Path(scratch))
        [archive] = [path for path in Path(scratch).iterdir() if path.name.endswith((".tar.gz", ".tgz"))]
        unpacked = Path(scratch) / "unpacked"
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        [top] = unpacked.iterdir()
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(top, folder)


def _by_pip(requirement: str) -> Callable[[Path], None]:
    name = requirement.partition("==")[0]
    options = ["--quiet", "--no-deps", "--no-binary", name]
    return lambda folder: _run(folder, sys.executable, "-m", "pip", "download", *options, requirement)


def _by_npm(package: str) -> Callable[[Path], None]:
    return lambda folder: _run(folder, "npm", "pack", "--silent", package)


def _by_apt(source: str) -> Callable[[Path], None]:
    """From the system's own mirrors, asked for sources too; the system's lists stay as they are."""

    def bring(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            own = Path(scratch)
            for name in ("parts", "lists/partial"):
                (own / name).mkdir(parents=True)
            for path in Path("/etc/apt/sources.list.d").glob("*.sources"):
                (own / "parts" / path.name).write_text(_TYPES.sub("Types: deb-src", path.read_text()))
            lines = _APT.read_text() if _APT.is_file() else ""
            (own / "sources.list").write_text(_BINARY.sub("deb-src", lines))
            where = {"Etc::sourcelist": "sources.list", "Etc::sourceparts": "parts", "State::lists": "lists"}
            options = [part for name, path in where.items() for part in ("-o", f"Dir::{name}={own / path}")]
            _run(folder, "apt-get", "update", "--quiet", *options)
            _run(folder, "apt-get", "source", "--quiet", "--download-only", "--tar-only", *options, source)

    return bring


_HOW: dict[str, Callable[[Path], None]] = {
    "sqlalchemy": _by_pip("SQLAlchemy==2.0.10"),
    "redis": _by_apt("redis"),
    "fastify": _by_npm("fastify@4.0.0"),
    "fzf": _by_apt("fzf"),
}
REPOSITORIES = tuple(_HOW)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, timeout=600)


def _strip(repository: str, folder: Path, copy: Path) -> None:
    ranges = defaultdict(list)
    for line in (EVALUATION / "strip.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["repo"] == repository:
            ranges[row["path"]].append((row["start"], row["end"]))
    shutil.copytree(folder, copy, symlinks=True)
    for path, spans in ranges.items():
        lines = (copy / path).read_bytes().replace(b"\r\n", b"\n").split(b"\n")
        for start, end in spans:
            lines[start - 1 : end] = [b""] * (end - start + 1)
        (copy / path).write_bytes(b"\n".join(lines))
