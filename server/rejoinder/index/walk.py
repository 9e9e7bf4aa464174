"""Which files a project has: git's own list where there is git, else a walk that reads every ignore file."""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote_from_bytes

from rejoinder.declared import frozen
from rejoinder.domain.binary import HEAD_BYTES, looks_binary
from rejoinder.index import git_files
from rejoinder.index.ignore_files import IgnoreRules
from rejoinder.index.rules import LARGEST_FILE, SKIPPED_FOLDERS, refused_name

_BATCH = 200
_TOO_LARGE = f"larger than {LARGEST_FILE >> 20} MiB"


@frozen
class FoundFile:
    """A file with what tells whether it has changed. `path` is relative with slashes, `modified` in nanoseconds."""

    path: str
    modified: int
    size: int


class ProjectFiles:
    """The files under a folder that an index may hold. Follows no links, so nothing outside of the folder is met."""

    def __init__(self, folder: Path, ignore: Sequence[str]) -> None:
        self.folder = folder
        self._uri = folder.as_uri().rstrip("/")
        self._real = folder.resolve()
        self._setting = ignore
        self._refusals: dict[str, str | None] = {}
        self._git: bool | None = None
        self._own: IgnoreRules | None = None
        self._faults: dict[str, str] = {}

    @property
    def faults(self) -> Mapping[str, str]:
        """What the last listing could not look into, and why, by path."""
        return self._faults

    def listing(self) -> Iterator[FoundFile | None]:
        """Every file, with None in between whenever the caller may do something else."""
        self.forget()
        self._faults = {}
        seen = set()
        for number, path in enumerate(self._names(self.folder, "")):
            if path is None or number % _BATCH == 0:
                yield None
            if path is None or path in seen:
                continue
            seen.add(path)
            if self._named(path) is not None:
                continue
            found = self.found(path)
            if found is not None:
                yield found
            elif (reason := self.too_large(path)) is not None:
                self._faults[path] = reason

    def found(self, path: str) -> FoundFile | None:
        """The file as it is on disk now; None when it is gone, no plain file, a link, or too large."""
        status = self._status(path)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return None
        return FoundFile(path, status.st_mtime_ns, status.st_size)

    def too_large(self, path: str) -> str | None:
        """That a file stays out for its size, if it is a text, so that one might look for it."""
        status = self._status(path)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size <= LARGEST_FILE:
            return None
        with contextlib.suppress(OSError), (self.folder / path).open("rb") as file:
            return None if looks_binary(file.read(HEAD_BYTES)) else _TOO_LARGE
        return None

    def relative(self, path: Path) -> str | None:
        """A path as this folder's files are named; None for one outside of it or behind a link."""
        for folder in (self.folder, self._real):
            if path.is_relative_to(folder):
                inner = path.relative_to(folder)
                break
        else:
            return None
        if ".." in inner.parts or not inner.parts:
            return None
        try:
            is_behind_link = any((self.folder / part).is_symlink() for part in (inner, *inner.parents[:-1]))
        except OSError:  # such as a name that is too long
            return None
        return None if is_behind_link else inner.as_posix()

    def accepts(self, path: str) -> bool:
        """Whether a file of this name may come into the index, be it there or not."""
        return self.refusal(path) is None

    def refusal(self, path: str) -> str | None:
        """Why a file of this name stays out, be it there or not; None if it may come in."""
        if path not in self._refusals:
            self._refusals[path] = self._named(path) or self._ignored_by_git(path)
        return self._refusals[path]

    def refusal_on_disk(self, path: str) -> str | None:
        """Why a file stays out for what it is on the disk; None for a plain one that is small enough."""
        status = self._status(path)
        if status is None:
            return "not there, or not to be looked at"
        if stat.S_ISLNK(status.st_mode):
            return "a link: what it leads to is indexed where it really is, if that is in the project"
        if not stat.S_ISREG(status.st_mode):
            return "a folder" if stat.S_ISDIR(status.st_mode) else "no plain file"
        return _TOO_LARGE if status.st_size > LARGEST_FILE else None

    def forget(self) -> None:
        """Read the ignore files again when they are needed next."""
        self._refusals.clear()
        self._git = self._own = None

    def uri(self, path: str) -> str:
        """The file's URI."""
        return f"{self._uri}/{quote_from_bytes(os.fsencode(path))}"

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return (self.folder / path).lstat()
        except (OSError, ValueError):
            return None

    def _named(self, path: str) -> str | None:
        """Why a file stays out for its name or by our own ignore files."""
        refused = refused_name(path)
        if refused is not None:
            return refused
        match = self._rules().match(path)
        if match is not None:
            return match.reason
        return None if _is_utf8(path) else "its name is not UTF-8"

    def _ignored_by_git(self, path: str) -> str | None:
        match = git_files.match(self.folder, path) if self._knows() else None
        return None if match is None else match.reason

    def _knows(self) -> bool:
        if self._git is None:
            self._git = git_files.git_knows(self.folder)
        return self._git

    def _rules(self) -> IgnoreRules:
        if self._own is None:
            everywhere = git_files.user_ignore_file()
            self._own = IgnoreRules(self.folder, self._setting, gits_too=not self._knows(), everywhere=everywhere)
        return self._own

    def _names(self, folder: Path, prefix: str) -> Iterator[str | None]:
        known = self._knows() if not prefix else git_files.git_knows(folder)
        listing = (yield from git_files.listed(folder)) if known else None
        if listing is None:
            yield from self._walked(prefix)
            return
        self._faults.update({prefix + name: reason for name, reason in listing.unreadable.items()})
        for name in listing.names:
            # A repository within the repository is listed by its folder alone.
            inner = name.rstrip("/")
            if (folder / inner).is_symlink():
                self._look_at_link(prefix + inner)
            elif name.endswith("/") or (folder / inner).is_dir():
                if SKIPPED_FOLDERS.isdisjoint(inner.split("/")):
                    yield from self._names(folder / inner, f"{prefix}{inner}/")
            else:
                yield prefix + name

    def _walked(self, base: str) -> Iterator[str | None]:
        todo = [base]
        while todo:
            base = todo.pop()
            yield None
            try:
                with os.scandir(self.folder / base) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self._faults[base.rstrip("/")] = error.strerror or type(error).__name__
                continue
            folders = []
            for entry in found:
                name = base + entry.name
                if entry.is_symlink():
                    self._look_at_link(name)
                elif not entry.is_dir(follow_symlinks=False):
                    yield name
                elif entry.name not in SKIPPED_FOLDERS and self._rules().match_one(name + "/") is None:
                    folders.append(name + "/")
            todo.extend(reversed(folders))

    def _look_at_link(self, path: str) -> None:
        link = self.folder / path
        try:
            target = link.resolve(strict=True)
        except FileNotFoundError:
            return
        except (OSError, RuntimeError):
            # Python 3.13 raises OSError, older ones RuntimeError
            self._faults[path] = "a link that leads to itself: not followed"
            return
        if self._real.joinpath(*Path(path).parts[:-1]).is_relative_to(target):
            self._faults[path] = "a link that leads back to a folder around it: not followed"


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
