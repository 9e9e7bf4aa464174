"""Sessions as files, and what may go."""

from typing import Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method


@wire(kw_only=True)
class SessionExportParams:
    """The sessions to write out; all of the project's when none is named."""

    format: Literal["json", "markdown"]
    session_ids: list[str] | None = None
    project_id: str | None = None
    uri: str | None = None


@wire
class SessionExportResult:
    """A file's text."""

    content: str


@wire(kw_only=True)
class SessionImportParams:
    """A file's content in a known format.

    `json`: what `session/export` wrote, a list of `{role, content}`, or an object with `messages`; `toon`: the same in
    TOON; `agno`: `{sessions, messages}`, the content of `sessions.json` and of each session's `messages.json` by ID;
    `sqlite`: a database with the tables `sessions` and `chunks`, in base64.
    """

    format: str
    content: str
    project_id: str | None = None
    uri: str | None = None
    dry_run: bool | None = None


@wire
class SessionImportResult:
    """What came in; `skipped` counts sessions that were there already."""

    sessions: int
    messages: int
    skipped: int


@wire(kw_only=True)
class SessionCleanupParams:
    """What to clean up; nothing is removed unless `dry_run` is false."""

    empty: bool | None = None
    older_than_days: int | None = None
    keep_messages: int | None = None
    dry_run: bool = True
    project_id: str | None = None
    uri: str | None = None


@wire
class CleanupCandidate:
    """A session that goes (`empty`, `old`), or loses so many of its oldest messages (`long`)."""

    session_id: str
    name: str
    reason: Literal["empty", "old", "long"]
    messages: int


@wire
class SessionCleanupResult:
    """What went to the trash, and what was taken out of long sessions; or what would."""

    sessions: int
    messages: int
    bytes: int
    candidates: list[CleanupCandidate]


@wire(kw_only=True)
class BackupCreateParams:
    """Where to write an archive of everything that is kept: an absolute path at which there is nothing."""

    path: str


@wire
class BackupCreateResult:
    """The archive, with what is in it. `bytes` is its own size."""

    path: str
    projects: int
    sessions: int
    bytes: int


@wire(kw_only=True)
class BackupRestoreParams:
    """An archive to bring in.

    Sessions that are here and differ: with `replace` true the archive's take their place, with false they are left
    alone, without it nothing is restored.
    """

    path: str
    replace: bool | None = None


@wire
class BackupRestoreResult:
    """What came in. `skipped` sessions were here and stay; `kept` is an archive of what there was before."""

    projects: int
    sessions: int
    replaced: int
    skipped: int
    kept: str | None = None


SESSION_EXPORT = Method("session/export", SessionExportParams, SessionExportResult)
SESSION_IMPORT = Method("session/import", SessionImportParams, SessionImportResult)
SESSION_CLEANUP = Method("session/cleanup", SessionCleanupParams, SessionCleanupResult)
BACKUP_CREATE = Method("backup/create", BackupCreateParams, BackupCreateResult)
BACKUP_RESTORE = Method("backup/restore", BackupRestoreParams, BackupRestoreResult)
