"""Git as a project's version control, by its own program."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rejoinder.index.git_call import git_command, git_environment

_SECONDS = 10.0
_MOST_OF_AN_ANSWER = 1 << 20
_BYTES_OF_A_CHARACTER = 4


class GitRepository:
    """Asks the `git` on the path. Where there is none, no repository is known."""

    def __init__(self, *, program: str = "git", timeout: float = _SECONDS) -> None:
        """`timeout` is in seconds for each call."""
        self._program = program
        self._timeout = timeout

    def fingerprint(self, folder: Path) -> tuple[str | None, str | None]:
        """The oldest root commit and the folder's path within the repository; None and None for a shallow clone."""
        shallow = self._ask(folder, "rev-parse", "--is-shallow-repository")
        if shallow is None or shallow.strip() != "false":
            return None, None
        roots = self._ask(folder, "log", "--max-parents=0", "--no-show-signature", "--format=%ct %H", "HEAD", "--")
        inner = self._ask(folder, "rev-parse", "--show-prefix")
        if not roots or inner is None:
            return None, None
        # Merged histories have several roots; the oldest is the same in every clone.
        dated = (line.split(" ") for line in roots.splitlines())
        _, commit = min((int(seconds), commit) for seconds, commit in dated)
        return commit, inner.removesuffix("\n").removesuffix("/")

    def former_names(self, folder: Path, name: str) -> Sequence[str]:
        """By the renames that git sees in what is staged and in the history."""
        options = ("--find-renames", "--diff-filter=R", "--name-status", "--relative", "-z")
        staged = self._ask(folder, "diff", "--cached", *options, "HEAD", "--", ".")
        told = self._ask(folder, "log", "--follow", "--max-count=20", "--format=", *options, "HEAD", "--", name)
        names = []
        for answer in (staged, told):
            fields = iter((answer or "").replace("\n", "").split("\0"))
            for _, former, later in zip(fields, fields, fields, strict=False):
                if later == name or later in names:
                    names.append(former)
        return names

    def diff(self, folder: Path, *, limit: int) -> str:
        """What is changed under the folder against HEAD, staged or not, at most `limit` characters; else empty."""
        arguments = ("--no-ext-diff", "--no-textconv", "--no-color", "--relative", "--submodule=short")
        changes = self._ask(folder, "diff", *arguments, "HEAD", "--", ".", most=limit * _BYTES_OF_A_CHARACTER)
        return (changes or "")[:limit]

    def _ask(self, folder: Path, *arguments: str, most: int = _MOST_OF_AN_ANSWER) -> str | None:
        """What git prints, at most `most` bytes of it; None when it fails, is not there, or takes too long."""
        # A file in between: a large answer costs disk for a moment rather than memory, and no reader can stall it.
        with tempfile.TemporaryFile() as answer:
            try:
                subprocess.run(
                    git_command("-c", "core.quotePath=false", *arguments, program=self._program),
                    cwd=folder,
                    env=git_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=answer,
                    stderr=subprocess.DEVNULL,
                    timeout=self._timeout,
                    check=True,
                )
            except (OSError, ValueError, subprocess.SubprocessError):
                return None
            answer.seek(0)
            return answer.read(most).decode("utf-8", "replace")
