"""Where the pairs come from: the standard library, and packages that `sources.json` pins with hash and licence."""

import hashlib
import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import attrs

_LOCK = Path(__file__).parent / "sources.json"
_CODE = re.compile(r"\.(?:py|js|mjs|ts|c|cc|cpp|h|hpp)$")
_LEFT_OUT = re.compile(
    r"(?:^|/)(?:tests?|testing|idle_test|lib2to3|_vendor|vendored|locale|third_party|node_modules|migrations|dist|umd|site-packages)/"
    r"|/test_|_test\.|\.min\.|\.d\.ts$|\.bundle\."
)
_MOST_BYTES = 12 << 20


@attrs.frozen
class Source:
    """A package of a registry; `digest` is the SHA-256 of the archive."""

    registry: str
    name: str
    version: str
    licence: str
    file: str
    digest: str


def sources() -> list[Source]:
    """All packages that the table is trained on, in the order in which they are read."""
    return [Source(**row) for row in json.loads(_LOCK.read_text("utf-8"))]


def files(cache: Path) -> Iterator[tuple[str, str]]:
    """Paths and texts of all sources; what the cache lacks is downloaded. Raises ValueError for a wrong hash."""
    archives = [_brought(source, cache) for source in sources()]
    yield from _standard_library()
    for archive in archives:
        if archive.suffix == ".whl":
            yield from _of_wheel(archive)
        else:
            yield from _of_tar(archive)


def _brought(source: Source, cache: Path) -> Path:
    archive = cache / source.file
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command = {
            "pypi": [*pip, f"{source.name}=={source.version}"],
            "npm": ["npm", "pack", "--silent", f"{source.name}@{source.version}"],
        }[source.registry]
        subprocess.run(command, cwd=cache, check=True)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != source.digest:
        raise ValueError(f"{archive} has SHA-256 {digest}, not {source.digest}; delete it and try again")
    return archive


def _standard_library() -> Iterator[tuple[str, str]]:
    folder = Path(sysconfig.get_path("stdlib"))
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        yield from _text(name, path.read_bytes())


def _of_wheel(archive: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(archive) as wheel:
        for name in sorted(wheel.namelist()):
            if _CODE.search(name):
                yield from _text(name, wheel.read(name))


def _of_tar(archive: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as tar:
        members = [each for each in tar if each.isfile() and _CODE.search(each.name) and each.size < _MOST_BYTES]
        for member in sorted(members, key=lambda each: each.name):
            if (content := tar.extractfile(member)) is not None:
                yield from _text(member.name.partition("/")[2], content.read())


def _text(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    if not _LEFT_OUT.search(name):
        try:
            yield name, content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            return
