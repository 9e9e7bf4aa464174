"""Sessions that come in, and where other programs keep theirs."""

from rejoinder.domain.errors import InvalidInput
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert import time_out
from rejoinder.lsp.reporting import reporting
from rejoinder.lsp.requests import current_request
from rejoinder.protocol import methods
from rejoinder.services.importing import Arrival, ImportReport


def register(client: Client) -> None:
    """Serve what brings sessions in."""
    handlers = ImportHandlers(client)
    client.server.handle(methods.SESSION_IMPORT, handlers.import_)
    client.server.handle(methods.SESSION_IMPORT_FIND, handlers.find)


class ImportHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._transfer = client.services.transfer

    async def import_(self, params: methods.SessionImportParams) -> methods.SessionImportResult:
        project = await self._client.project(params.project_id, params.uri)
        dry_run, token = bool(params.dry_run), params.work_done_token
        with self._client.progress(token, "Bringing sessions in", cancel=current_request().cancel):
            if params.content is not None and params.path is None:
                report = await self._transfer.import_(project, params.content, format=params.format, dry_run=dry_run)
                return _counts_out(report)
            elif params.path is not None and params.content is None:
                tell = reporting(self._client, token)
                report = await self._transfer.import_path(
                    project,
                    params.path,
                    format=params.format,
                    dry_run=dry_run,
                    own_projects=params.place == "own",
                    on_progress=tell,
                )
            else:
                raise InvalidInput(
                    "content: either it or `path` is needed.", hint="Send one of the two.", key="content"
                )
        return _report_out(report)

    async def find(self, params: methods.SessionImportFindParams) -> methods.SessionImportFindResult:
        project = await self._client.project(params.project_id, params.uri)
        folders = [folder for folder in self._client.workspace.folders() if str(folder) in project.paths]
        found = await self._transfer.places(folders[0] if folders else None)
        return methods.SessionImportFindResult(
            [methods.ImportPlace(place.format, place.title, place.path) for place in found]
        )


def _counts_out(report: ImportReport) -> methods.SessionImportResult:
    """Who sends a content knows what it holds, but for what could not be read of it."""
    problems = [methods.SkippedPart(each.place, each.reason) for each in report.problems]
    return methods.SessionImportResult(
        report.sessions, report.messages, report.skipped, skipped_reasons=problems or None
    )


def _report_out(report: ImportReport) -> methods.SessionImportResult:
    return methods.SessionImportResult(
        report.sessions,
        report.messages,
        report.skipped,
        detected=report.detected,
        found=[_arrival_out(arrival) for arrival in report.arrivals],
        skipped_reasons=[methods.SkippedPart(each.place, each.reason) for each in report.problems],
    )


def _arrival_out(arrival: Arrival) -> methods.ImportedSession:
    return methods.ImportedSession(
        session_id=arrival.session_id,
        name=arrival.name,
        outcome=arrival.outcome,
        messages=arrival.messages,
        new_messages=arrival.new,
        new_memories=arrival.memories or None,
        created_at=time_out(arrival.created_at),
        updated_at=time_out(arrival.updated_at),
        reason=arrival.reason,
        folder=arrival.folder,
    )
