"""What git tells of past commits: which there are, what they said, and which files they touched."""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rejoinder.declared import frozen
from rejoinder.index.git_call import git_command, git_environment

_SECONDS_TO_LIST = 30.0
_SECONDS_TO_READ = 60.0
_MOST_BYTES = 64 << 20
_HEAD = "%x1e%H%x1f%ct%x1f%s%x1f%b"
_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STATUS = re.compile(r"[ACDMRTUXB]\d*")
# Whatever the user's configuration says; and a partial clone fetches nothing.
_SETTINGS = ("-c", "core.quotePath=false", "-c", "protocol.allow=never", "-c", "log.showSignature=false")


@frozen
class Change:
    """What a commit did to a file. `status` is git's letter; `old_path` where the file was before, if elsewhere."""

    status: str
    path: str
    old_path: str | None = None


@frozen
class Commit:
    """A past commit that is no merge. `time` is in seconds since 1970; paths are relative to the project's folder."""

    id: str
    time: int
    subject: str
    body: str
    changes: tuple[Change, ...]

    @property
    def paragraph(self) -> str:
        """The first paragraph after the subject."""
        return self.body.strip().split("\n\n", 1)[0]


class GitLog:
    """Asks git for commits. Where there is no git, or no repository, there are none."""

    def __init__(self, folder: Path, *, program: str = "git") -> None:
        self._folder = folder
        self._program = program

    def head(self) -> str | None:
        """The commit that is checked out."""
        return self._ask("rev-parse", "--verify", "-q", "HEAD").decode("ascii", "replace").strip() or None

    def newest(self, most: int) -> list[str]:
        """The IDs of the commits behind the one checked out that touch the folder, newest first, without merges."""
        answer = self._ask("rev-list", "--no-merges", f"--max-count={most}", "HEAD", "--", ".")
        return _OBJECT.findall(answer.decode("ascii", "replace"))

    def commits(self, ids: Sequence[str]) -> Iterator[Commit]:
        """Those commits, read at once; those that git cannot tell of are left out."""
        # Without its contents at hand, git cannot tell a rename from a new file.
        renames = "--no-renames" if self._ask("config", "--get", "extensions.partialClone") else "--find-renames"
        answer = self._ask(
            *("log", "--no-walk=unsorted", "--stdin", "--name-status", renames, "--relative", "-z"),
            *("--no-ext-diff", "--no-textconv", "--no-color", "--no-decorate", "--no-mailmap", "--encoding=UTF-8"),
            *("--ignore-submodules=all", f"--format={_HEAD}"),
            given="".join(f"{each}\n" for each in ids).encode("ascii"),
            seconds=_SECONDS_TO_READ,
        )
        return parsed(answer)

    def _ask(self, *arguments: str, given: bytes = b"", seconds: float = _SECONDS_TO_LIST) -> bytes:
        """What git prints, empty when it fails, is not there, or takes too long; at most the first 64 MiB."""
        command = git_command(*_SETTINGS, *arguments, program=self._program)
        # Files in between: a large answer costs disk for a moment rather than memory.
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answer:
            asked.write(given)
            asked.seek(0)
            try:
                subprocess.run(
                    command,
                    cwd=self._folder,
                    env=git_environment(),
                    stdin=asked,
                    stdout=answer,
                    stderr=subprocess.DEVNULL,
                    timeout=seconds,
                    check=True,
                )
            except (OSError, ValueError, subprocess.SubprocessError):
                return b""
            answer.seek(0)
            return answer.read(_MOST_BYTES)


def parsed(answer: bytes) -> Iterator[Commit]:
    """The commits in what `git log -z --name-status` printed with the format above."""
    fields = iter(answer.decode("utf-8", "replace").split("\0"))
    head: list[str] | None = None
    changes: list[Change] = []
    for field in fields:
        status = field.lstrip("\n")
        if head is not None and _STATUS.fullmatch(status):
            path = next(fields, "")
            changes.append(
                Change(status[0], path) if status[0] not in "RC" else Change(status[0], next(fields, ""), path)
            )
        elif field.lstrip("\n").startswith("\x1e"):
            if head is not None:
                yield _commit(head, changes)
            head, changes = field.lstrip("\n")[1:].split("\x1f", 3), []
            head = head if len(head) == 4 and head[1].isdigit() else None
    if head is not None:
        yield _commit(head, changes)


def _commit(head: list[str], changes: list[Change]) -> Commit:
    return Commit(head[0], int(head[1]), head[2], head[3], tuple(changes))
