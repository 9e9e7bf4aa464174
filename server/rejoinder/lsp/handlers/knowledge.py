"""Knowledge: what is added, listed, searched and removed."""

from rejoinder.domain.knowledge import KnowledgeItem
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert import hit_out, time_out
from rejoinder.lsp.reporting import reporting
from rejoinder.lsp.requests import current_request
from rejoinder.protocol import methods
from rejoinder.services.configuring import in_force
from rejoinder.services.knowledge import HITS, Addition
from rejoinder.services.knowledge_ports import Cutting, Reach
from rejoinder.services.knowledge_reading import HowToRead


def register(client: Client) -> None:
    """Serve the methods of knowledge."""
    server = client.server
    handlers = KnowledgeHandlers(client)
    server.handle(methods.KNOWLEDGE_ADD, handlers.add)
    server.handle(methods.KNOWLEDGE_LIST, handlers.list_)
    server.handle(methods.KNOWLEDGE_SEARCH, handlers.search)
    server.handle(methods.KNOWLEDGE_REMOVE, handlers.remove)
    server.handle(methods.KNOWLEDGE_CLEAR, handlers.clear)


class KnowledgeHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._knowledge = client.services.knowledge

    async def add(self, params: methods.KnowledgeAddParams) -> methods.Knowledge:
        addition = await self._addition(params)
        cancel = current_request().cancel
        with self._client.progress(params.work_done_token, "Adding to the knowledge", cancel=cancel):
            item = await self._knowledge.add(addition, reporting(self._client, params.work_done_token))
        return knowledge_out(item)

    async def list_(self, params: methods.KnowledgeListParams) -> methods.KnowledgeListResult:
        project_id = await self._project_id(params.project_id)
        await self._config(project_id, params.session_id)
        items = await self._knowledge.items(project_id, params.session_id)
        return methods.KnowledgeListResult([knowledge_out(item) for item in items])

    async def search(self, params: methods.KnowledgeSearchParams) -> methods.HitsResult:
        project_id = await self._project_id(params.project_id)
        hits = await self._knowledge.search(
            project_id,
            params.query,
            limit=HITS if params.limit is None else params.limit,
            session_id=params.session_id,
            config=await self._config(project_id, params.session_id),
        )
        return methods.HitsResult([hit_out(hit, self._client.encoding) for hit in hits])

    async def remove(self, params: methods.KnowledgeRemoveParams) -> methods.Nothing:
        await self._knowledge.remove(await self._project_id(params.project_id), params.knowledge_id)
        return methods.Nothing()

    async def clear(self, params: methods.KnowledgeClearParams) -> methods.KnowledgeClearResult:
        project_id = await self._project_id(params.project_id)
        await self._config(project_id, params.session_id)
        return methods.KnowledgeClearResult(await self._knowledge.clear(project_id, params.session_id))

    async def _addition(self, params: methods.KnowledgeAddParams) -> Addition:
        project = await self._client.project(params.project_id)
        config = await self._config(project.project_id, params.session_id)
        config.require_on("knowledge")
        settings = self._client.resolved.settings
        folders = [folder for folder in self._client.workspace.folders() if str(folder) in project.paths]
        return Addition(
            project_id=project.project_id,
            source=params.source,
            folder=folders[0] if folders else None,
            kind=params.kind,
            title=params.title,
            session_id=params.session_id,
            allow_outside=params.allow_outside is True,
            how=HowToRead(
                cutting=Cutting(chunker=config.chunker, size=config.chunk_size),
                reach=Reach(allow_private=params.allow_private is True, proxy=settings.proxy, ca_file=settings.ca_file),
                ignore=tuple(settings.ignore),
            ),
        )

    async def _project_id(self, project_id: str | None) -> str:
        return (await self._client.project(project_id)).project_id

    async def _config(self, project_id: str, session_id: str | None) -> RecallConfig:
        """What is in force in the session, which has to be there."""
        sessions = self._client.services.sessions
        return await in_force(sessions.get, project_id, session_id, "knowledge", self._client.knowledge_config())


def knowledge_out(item: KnowledgeItem) -> methods.Knowledge:
    """An item of the knowledge."""
    return methods.Knowledge(
        knowledge_id=item.knowledge_id,
        source=item.source,
        title=item.title,
        kind=item.kind,
        chunks=item.passages,
        bytes=item.size,
        added_at=time_out(item.added_at),
        updated_at=time_out(item.updated_at),
        error=item.error,
        session_id=item.session_id,
    )
