"""What git knows of a folder's files: their list, and why one of them is ignored."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from rejoinder.declared import frozen
from rejoinder.index.git_call import git_command, git_environment
from rejoinder.index.ignore_files import Match

GIT_SECONDS = 20.0
_POLL_SECONDS = 0.005
_IGNORED, _NOT_IGNORED = 0, 1
_UNREADABLE = re.compile(r"could not open directory '(.*?)/?': (.*)")
_MOST_SAID = 1 << 16


@frozen
class Listing:
    """Names as git tells them, a repository within the repository by its folder alone, and folders it cannot read."""

    names: list[str]
    unreadable: dict[str, str]
    """Why, by the folder's path."""


def git_knows(folder: Path) -> bool:
    """Whether the folder is in a repository that does not ignore it, as one in a home folder may."""
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return False
    done = _run(folder, "check-ignore", "--quiet", ".")
    return done is not None and done.returncode == _NOT_IGNORED


def listed(folder: Path) -> Generator[None, None, Listing | None]:
    """Yields None while git is at work; returns its list, or None when it fails or takes too long."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        git = subprocess.Popen(
            git_command("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
            cwd=folder,
            env=git_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
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
        if git.returncode != 0:
            return None
        output.seek(0)
        errors.seek(0)
        said = os.fsdecode(errors.read(_MOST_SAID))
        names = [os.fsdecode(name) for name in output.read().split(b"\0") if name]
        return Listing(names, dict(_UNREADABLE.findall(said)))


def match(folder: Path, path: str) -> Match | None:
    """The pattern by which git ignores a path; None when it does not, or cannot be asked. Tracked files never are."""
    done = _run(folder, "check-ignore", "--verbose", "--stdin", "-z", said=os.fsencode(path) + b"\0")
    if done is None or done.returncode != _IGNORED:
        return None
    source, line, pattern, _ = (*os.fsdecode(done.stdout).split("\0"), "", "", "", "")[:4]
    return None if pattern.startswith("!") else Match(f"{source}:{line}", pattern, ignores=True)


def user_ignore_file() -> Path:
    """The user's own patterns for all projects, where git looks when nothing else is configured."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path("~/.config").expanduser()) / "git" / "ignore"


def _run(folder: Path, *arguments: str, said: bytes = b"") -> "subprocess.CompletedProcess[bytes] | None":
    """What git said; None when it cannot be run or takes too long."""
    try:
        return subprocess.run(
            git_command(*arguments),
            cwd=folder,
            env=git_environment(),
            input=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
