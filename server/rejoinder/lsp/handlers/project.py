"""Projects, the index, and settings."""

from collections.abc import Callable
from pathlib import Path

import attrs

from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput, NotTrusted
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.domain.search_filters import split_filters
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert import project_out, status_out
from rejoinder.lsp.convert_search import filtered, findings_out, query_in
from rejoinder.lsp.documents import path_of, resolved_path_of
from rejoinder.lsp.reporting import Tell, reporting
from rejoinder.lsp.requests import current_request
from rejoinder.protocol import methods
from rejoinder.services.finding import Query


def register(client: Client) -> None:
    """Serve what belongs to a project as a whole."""
    server = client.server
    handlers = ProjectHandlers(client)
    server.handle(methods.PROJECT_LIST, handlers.list_)
    server.handle(methods.PROJECT_RELINK, handlers.relink)
    server.handle(methods.PROJECT_TRUST, handlers.trust)
    server.handle(methods.INDEX_STATUS, handlers.index_status)
    server.handle(methods.INDEX_REBUILD, handlers.index_rebuild)
    server.handle(methods.INDEX_EXPLAIN, handlers.index_explain)
    server.handle(methods.INDEX_PAUSE, handlers.index_pause)
    server.handle(methods.INDEX_RESUME, handlers.index_resume)
    server.handle(methods.SEARCH, handlers.search)
    server.handle(methods.CONFIG, handlers.config)


class ProjectHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._projects = client.services.projects
        self._searches = client.services.searches
        self._finding = client.services.finding
        self._sessions = client.services.sessions
        self._recalling = client.services.recalling

    async def list_(self, _: methods.Nothing) -> methods.ProjectListResult:
        await self._client.prepared()
        for folder in self._client.workspace.folders():
            await self._projects.of_folder(folder)
        projects = await self._projects.all()
        return methods.ProjectListResult([await self._out(project) for project in projects])

    async def relink(self, params: methods.ProjectRelinkParams) -> methods.Project:
        project = await self._projects.relink(params.project_id, Path(params.path), replace=bool(params.replace))
        return await self._out(project)

    async def trust(self, params: methods.ProjectTrustParams) -> methods.Project:
        project = await self._projects.trust(params.project_id, trusted=params.trusted)
        return await self._out(project)

    async def search(self, params: methods.SearchParams) -> methods.HitsResult:
        await self._client.open_searches(wanted=True)
        memory, knowledge = self._client.memory_config(), self._client.knowledge_config()
        query = attrs.evolve(await self._query(params), memory=memory, knowledge=knowledge)
        if params.all_projects:
            projects = await self._projects.all()
            found = await self._finding.find_in_all([project.project_id for project in projects], query)
        else:
            project = await self._client.project(params.project_id, params.uri)
            found = await self._finding.find(project.project_id, query)
        return findings_out(found, self._client.encoding)

    async def index_status(self, params: methods.IndexStatusParams) -> methods.IndexStatus:
        await self._client.open_searches()
        project = await self._client.project(params.project_id)
        recall = await self._recalling.status(project.project_id)
        # asked last: an answer that is older than what its client was told meanwhile would stay on the screen
        return status_out(self._searches.status(project.project_id), project_id=project.project_id, recall=recall)

    async def index_rebuild(self, params: methods.IndexRebuildParams) -> methods.Nothing:
        project = await self._client.project(uri=params.uri)
        path, token = None if params.uri is None else self._own_file(params.uri), params.work_done_token
        if token is None:
            await self._searches.rebuild(project.project_id, path)
            return methods.Nothing()
        request = current_request()
        # the work goes on without its client, unless that says otherwise
        request.outlives_connection = True
        with self._client.progress(token, "Indexing", cancel=request.cancel):
            await self._searches.rebuild(project.project_id, path, tell=_indexing(reporting(self._client, token)))
        return methods.Nothing()

    async def index_explain(self, params: methods.IndexExplainParams) -> methods.IndexExplainResult:
        project = await self._client.project(uri=params.uri)
        found = await self._searches.explain(project.project_id, _file_in(params.uri))
        return methods.IndexExplainResult(found.indexed, found.reason, found.chunks)

    async def index_pause(self, _: methods.Nothing) -> methods.Nothing:
        for project in await self._client.projects():
            await self._searches.pause(project.project_id)
        return methods.Nothing()

    async def index_resume(self, _: methods.Nothing) -> methods.Nothing:
        for project in await self._client.projects():
            await self._searches.resume(project.project_id)
        return methods.Nothing()

    async def config(self, _: methods.Nothing) -> methods.ConfigResult:
        await self._client.prepared()
        return methods.ConfigResult(self._client.resolved.listed())

    def _own_file(self, uri: str) -> Path:
        """The path of a file in the client's folders, links resolved. Raises InvalidInput, and NotTrusted."""
        path = _file_in(uri)
        resolved, folder = resolved_path_of(uri) or path, self._client.folder(uri)
        # without a folder there is no index, which is told of later
        if folder is not None and not resolved.is_relative_to(folder):
            raise NotTrusted(f"{path.name} lies outside of the workspace folders", hint="Open its folder first.")
        return resolved

    async def _query(self, params: methods.SearchParams) -> Query:
        """What to look for, narrowed down by the filters in the text where these are wished."""
        query = query_in(params)
        text, filters = split_filters(params.query) if params.filters else (params.query, {})
        if not filters:
            return query
        named: dict[str, str] = {}
        if "file" in filters or "in" in filters:
            project = await self._client.project(params.project_id, params.uri)
            if (file := filters.get("file")) is not None:
                named["file_uri"] = file if file.startswith("file:") else Path(project.paths[0], file).as_uri()
            if (ref := filters.get("in")) is not None:
                named["session_id"] = (await self._sessions.by_ref(project.project_id, ref)).session_id
        return filtered(query, text, filters, **named)

    async def _out(self, project: Project) -> methods.Project:
        sessions = await self._client.services.sessions.all(project.project_id)
        return project_out(project, sessions=len(sessions))


def _file_in(uri: str) -> Path:
    """The path that a URI names. Raises InvalidInput for one of no file."""
    path = path_of(uri)
    if path is None or not path.is_absolute():
        raise InvalidInput("uri: it is no file.", hint="Send a `file:` URI.", key="uri")
    return path


def _indexing(tell: Tell) -> Callable[[IndexStatus], None]:
    """Tells of the work on an index by its status."""

    def told(status: IndexStatus) -> None:
        if status.state in ("indexing", "paused"):
            tell("Indexing" if status.state == "indexing" else "Paused", status.done, status.total)

    return told
