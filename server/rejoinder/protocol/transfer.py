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
    """A file's text in a known format."""

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
class SessionCleanupResult:
    """What went, or would go."""

    sessions: int
    messages: int
    bytes: int


SESSION_EXPORT = Method("session/export", SessionExportParams, SessionExportResult)
SESSION_IMPORT = Method("session/import", SessionImportParams, SessionImportResult)
SESSION_CLEANUP = Method("session/cleanup", SessionCleanupParams, SessionCleanupResult)
