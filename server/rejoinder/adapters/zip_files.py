"""The ZIP file of a backup: written, and taken apart again.

rejoinder-backup.json     {"format": "rejoinder-backup", "version": 1, "createdAt", "program"}
projects.N.jsonl, projects/…    as in the data folder, without what is on its way or was set aside
"""

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import orjson

from rejoinder import platform
from rejoinder.adapters.zip_archive import FILES_ROOT
from rejoinder.declared import frozen
from rejoinder.domain.errors import InvalidInput

FORMAT, VERSION = "rejoinder-backup", 1
MANIFEST = "rejoinder-backup.json"
_CHUNK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError)


class Stopped(Exception):
    """Nobody wants the archive any more."""


@frozen
class _Linked:
    """A file as it was at one moment. A journal that has grown since then counts up to `size` bytes only."""

    name: str
    path: Path
    size: int


def pack(file: BinaryIO, snapshot: Path, *, program: str, stopped: Callable[[], bool]) -> None:
    """Write a snapshot's files and who wrote them. Raises OSError, and Stopped as soon as it is."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = orjson.dumps({"format": FORMAT, "version": VERSION, "createdAt": now, "program": program})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MANIFEST, manifest)
        for one in _linked(snapshot):
            if stopped():
                raise Stopped
            _add(archive, one)


def unpack(path: Path, folder: Path) -> None:
    """Put an archive's files into a folder, every one of them sound.

    Raises InvalidInput for what is no sound archive, and OSError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_manifest(archive, path)
            for entry in archive.infolist():
                if entry.filename != MANIFEST:
                    _extract(archive, entry, folder, path)
    except _UNREADABLE as error:
        raise _broken(path, str(error)) from error


def _broken(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"path: {str(path)!r} is no sound archive ({why[:200]}). Nothing was restored.",
        hint="Name a file that `backup` wrote.",
        key="path",
    )


def _linked(snapshot: Path) -> Iterator[_Linked]:
    for folder, inner, names in os.walk(snapshot):
        inner.sort()
        for name in sorted(names):
            path = Path(folder, name)
            size = name.rpartition(".")[2]
            yield _Linked(path.relative_to(snapshot).as_posix().removesuffix(f".{size}"), path, int(size))


def _add(archive: zipfile.ZipFile, one: _Linked) -> None:
    left = one.size
    info = zipfile.ZipInfo(one.name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with one.path.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
        while left and (chunk := source.read(min(left, _CHUNK))):
            entry.write(chunk)
            left -= len(chunk)


def _check_manifest(archive: zipfile.ZipFile, path: Path) -> None:
    entry = archive.getinfo(MANIFEST)
    manifest = orjson.loads(archive.read(MANIFEST)) if entry.file_size < _CHUNK else None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError("it says nothing of what it is")
    version = manifest.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise InvalidInput(
            f"path: {str(path)!r} was written by a newer version of this program (format {version}, known: {VERSION}).",
            hint="Update this program.",
            key="path",
        )


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, path: Path) -> None:
    parts = PurePosixPath(entry.filename).parts
    ours = bool(parts) and (parts[0] == FILES_ROOT or (len(parts) == 1 and parts[0].startswith(f"{FILES_ROOT}.")))
    if not ours or ".." in parts or "\\" in entry.filename or stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"{entry.filename[:80]!r} does not belong in it")
    target = folder.joinpath(*parts)
    platform.make_private_folder(target.parent)
    with (
        archive.open(entry) as source,
        os.fdopen(platform.open_private(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as output,
    ):
        shutil.copyfileobj(source, output, _CHUNK)  # reading to the end compares the checksum
