"""Sessions as files, and what may go."""

from typing import Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Token


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
    """Sessions of this program or of another: a file's `content` in a known `format`, or an absolute `path`.

    Formats of content: `json` is what `session/export` wrote, a list of `{role, content}`, or an object with
    `messages`; `toon` the same in TOON; `markdown` has a heading for each message, as `session/export` writes it, or
    is a transcript; `agno` is `{sessions, messages}`, the content of `sessions.json` and of each session's
    `messages.json` by ID; `sqlite` is a database in base64. Without `format` it is found out. A path is a file or
    folder, in any of these or of `session-object`, `praison`, `continue`, `codecompanion`, `eca`, `aider` and `llm`;
    it is only read. What came in of an earlier import is known again, and only what has been added since comes in.

    `place`: with `own` a conversation of another program that belonged to a folder comes into the project of that
    folder, which is made if the folder is there; all else, and without it everything, comes into the current project.
    """

    format: str | None = None
    content: str | None = None
    path: str | None = None
    project_id: str | None = None
    uri: str | None = None
    dry_run: bool | None = None
    place: Literal["own", "current"] | None = None
    work_done_token: Token | None = None


@wire(kw_only=True)
class ImportedSession:
    """A session that was found, with all messages that it has there and how many of them came in, or would.

    `known`: it has nothing new; `kept`: it is left as it is here, for the `reason` that is given. `folder` is that of
    the project into which it comes, if that is not the current one.
    """

    session_id: str
    name: str
    outcome: Literal["new", "grown", "known", "kept"]
    messages: int
    new_messages: int
    new_memories: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    reason: str | None = None
    folder: str | None = None


@wire
class SkippedPart:
    """What could not be read, and why; everything else comes in."""

    place: str
    reason: str


@wire
class SessionImportResult:
    """What came in, or would.

    `sessions` counts new ones and those that have grown, `skipped` those that were there already. Of a path also the
    format that was `detected`, and what was `found`; `skipped_reasons` name what could not be read. The first thousand
    of each are named.
    """

    sessions: int
    messages: int
    skipped: int
    detected: str | None = None
    found: list[ImportedSession] | None = None
    skipped_reasons: list[SkippedPart] | None = None


@wire
class ImportPlace:
    """Where another program keeps its sessions on this machine; nothing there has been read."""

    format: str
    title: str
    path: str


@wire(kw_only=True)
class SessionImportFindParams:
    """The usual places of other programs, and the project's own folder."""

    project_id: str | None = None
    uri: str | None = None


@wire
class SessionImportFindResult:
    """Those that are there, as `session/import` takes them."""

    places: list[ImportPlace]


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
SESSION_IMPORT_FIND = Method("session/import/find", SessionImportFindParams, SessionImportFindResult)
SESSION_CLEANUP = Method("session/cleanup", SessionCleanupParams, SessionCleanupResult)
BACKUP_CREATE = Method("backup/create", BackupCreateParams, BackupCreateResult)
BACKUP_RESTORE = Method("backup/restore", BackupRestoreParams, BackupRestoreResult)
