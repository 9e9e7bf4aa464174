"""Which files a project has: git's own list where there is git, else a walk that reads every .gitignore."""

import contextlib
import os
import stat
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import attrs
from pathspec import GitIgnoreSpec

from rejoinder.index.git_call import git_command, git_environment
from rejoinder.index.rules import LARGEST_FILE, SKIPPED_FOLDERS, refused_name

GIT_SECONDS = 20.0
_POLL_SECONDS = 0.005
_BATCH = 200


@attrs.frozen
class FoundFile:
    """A file with what tells whether it has changed. `path` is relative with slashes, `modified` in nanoseconds."""

    path: str
    modified: int
    size: int


class ProjectFiles:
    """The files under a folder that an index may hold. Follows no links, so nothing outside of the folder is met."""

    def __init__(self, folder: Path, ignore: Sequence[str]) -> None:
        self.folder = folder
        self._real = folder.resolve()
        self._patterns = GitIgnoreSpec.from_lines(ignore) if ignore else None
        self._decided: dict[str, bool] = {}
        self._git: bool | None = None

    def listing(self) -> Iterator[FoundFile | None]:
        """Every file, with None in between whenever the caller may do something else."""
        self._decided.clear()
        self._git = None
        seen = set()
        for number, path in enumerate(_names(self.folder, "")):
            if path is None or number % _BATCH == 0:
                yield None
            if path is None or path in seen:
                continue
            seen.add(path)
            found = self.found(path) if self._named(path) else None
            if found is not None:
                yield found

    def found(self, path: str) -> FoundFile | None:
        """The file as it is on disk now; None when it is gone, no plain file, a link, or too large."""
        try:
            status = (self.folder / path).lstat()
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return None
        return FoundFile(path, status.st_mtime_ns, status.st_size)

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
        if any((self.folder / part).is_symlink() for part in (inner, *inner.parents[:-1])):
            return None
        return inner.as_posix()

    def accepts(self, path: str) -> bool:
        """Whether a file of this name may come into the index, be it there or not."""
        if path not in self._decided:
            self._decided[path] = self._named(path) and not self._ignored(path)
        return self._decided[path]

    def uri(self, path: str) -> str:
        """The file's URI."""
        return (self.folder / path).as_uri()

    def _named(self, path: str) -> bool:
        ignored = self._patterns is not None and self._patterns.match_file(path)
        return not ignored and refused_name(path) is None and _is_utf8(path)

    def _ignored(self, path: str) -> bool:
        if self._git is None:
            self._git = _git_knows(self.folder)
        done = _run_git(self.folder, "check-ignore", "--quiet", "--", path) if self._git else None
        if done in (0, 1):
            return done == 0
        specs: list[tuple[str, GitIgnoreSpec]] = []
        base = ""
        for part in (*path.split("/")[:-1], None):
            specs.extend(_specs(self.folder, base))
            if part is None:
                return _ignored(specs, path)
            base += part + "/"
            if _ignored(specs, base):
                return True
        return False


def _names(folder: Path, prefix: str) -> Iterator[str | None]:
    names = (yield from _listed_by_git(folder)) if _git_knows(folder) else None
    if names is None:
        for name in _walked(folder, "", []):
            yield name and prefix + name
        return
    for name in names:
        # A repository within the repository is listed by its folder alone.
        inner = name.rstrip("/")
        if name.endswith("/") or (folder / inner).is_dir():
            if not (folder / inner).is_symlink() and SKIPPED_FOLDERS.isdisjoint(inner.split("/")):
                yield from _names(folder / inner, f"{prefix}{inner}/")
        else:
            yield prefix + name


def _git_knows(folder: Path) -> bool:
    """Whether the folder is in a repository that does not ignore it, as one in a home folder may."""
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return False
    return _run_git(folder, "check-ignore", "--quiet", ".") == 1


def _listed_by_git(folder: Path) -> Generator[None, None, list[str] | None]:
    """Yields None while git is at work; returns its names, or None when it fails or takes too long."""
    with tempfile.TemporaryFile() as output:
        git = subprocess.Popen(
            git_command("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
            cwd=folder,
            env=git_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + GIT_SECONDS
        try:
            while git.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    git.wait(_POLL_SECONDS)
                yield None
        finally:
            git.kill()
            git.wait()
        output.seek(0)
        return [os.fsdecode(name) for name in output.read().split(b"\0") if name] if git.returncode == 0 else None


def _walked(folder: Path, base: str, specs: list[tuple[str, GitIgnoreSpec]]) -> Iterator[str | None]:
    yield None
    specs = [*specs, *_specs(folder, base)]
    try:
        with os.scandir(folder / base) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        name = base + entry.name
        if entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED_FOLDERS and not _ignored(specs, name + "/"):
                yield from _walked(folder, name + "/", specs)
        elif not _ignored(specs, name):
            yield name


def _specs(folder: Path, base: str) -> list[tuple[str, GitIgnoreSpec]]:
    """The rules that begin to count in a folder, the weaker first."""
    names = [".git/info/exclude", ".gitignore"] if not base else [".gitignore"]
    specs = []
    for name in names:
        try:
            text = (folder / base / name).read_text(encoding="utf-8", errors="replace")
            specs.append((base, GitIgnoreSpec.from_lines(text.splitlines())))
        except (OSError, ValueError):
            continue
    return specs


def _ignored(specs: list[tuple[str, GitIgnoreSpec]], path: str) -> bool:
    for base, spec in reversed(specs):
        verdict = spec.check_file(path.removeprefix(base)).include
        if verdict is not None:
            return verdict
    return False


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _run_git(folder: Path, *arguments: str) -> int | None:
    """Git's exit status; None when it cannot be run or takes too long."""
    try:
        return subprocess.run(
            git_command(*arguments),
            cwd=folder,
            env=git_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=GIT_SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return None
