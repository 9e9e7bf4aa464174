"""The memory, and the text that is made of memory and knowledge."""

from rejoinder.domain.memory import Memory
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.users import user_of
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert import hit_out, time_in, time_out
from rejoinder.lsp.documents import resolved_path_of
from rejoinder.protocol import methods
from rejoinder.services.configuring import in_force
from rejoinder.services.contexts import ITEMS
from rejoinder.services.memories import HITS, PAGE
from rejoinder.services.memory_origins import Origin
from rejoinder.services.memory_requests import MemoryChange, MemoryDraft, MemoryFilter


def register(client: Client) -> None:
    """Serve the methods of the memory, and `context`."""
    server = client.server
    handlers = MemoryHandlers(client)
    server.handle(methods.MEMORY_ADD, handlers.add)
    server.handle(methods.MEMORY_GET, handlers.get)
    server.handle(methods.MEMORY_LIST, handlers.list_)
    server.handle(methods.MEMORY_SEARCH, handlers.search)
    server.handle(methods.MEMORY_UPDATE, handlers.update)
    server.handle(methods.MEMORY_DELETE, handlers.delete)
    server.handle(methods.MEMORY_CLEAR, handlers.clear)
    server.handle(methods.CONTEXT, handlers.context)


class MemoryHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._memories = client.services.memories
        self._contexts = client.services.contexts

    async def add(self, params: methods.MemoryAddParams) -> methods.MemoryEntry:
        user_id = user_of(params.user_id)
        draft = MemoryDraft(
            text=params.text,
            kind=params.kind or "long",
            quality=params.quality,
            metadata=params.metadata,
            expires_at=time_in(params.expires_at, "expiresAt") if params.expires_at else None,
        )
        project_id = await self._project_id(params.project_id, params.uri)
        config = await self._config(project_id, params.session_id)
        return memory_out(await self._memories.add(project_id, user_id, draft, self._origin(params), config=config))

    async def get(self, params: methods.MemoryGetParams) -> methods.MemoryEntry:
        user_id = user_of(params.user_id)
        project_id = await self._project_id(params.project_id)
        return memory_out(await self._memories.get(project_id, user_id, params.memory_id))

    async def list_(self, params: methods.MemoryListParams) -> methods.MemoryListResult:
        wanted = MemoryFilter(user_id=user_of(params.user_id), kind=params.kind, session_id=params.session_id)
        limit = PAGE if params.limit is None else params.limit
        page = await self._memories.page(
            await self._project_id(params.project_id), wanted, cursor=params.cursor, limit=limit
        )
        return methods.MemoryListResult([memory_out(entry) for entry in page.entries], page.next_cursor)

    async def search(self, params: methods.MemorySearchParams) -> methods.HitsResult:
        user_id = user_of(params.user_id)
        project_id = await self._project_id(params.project_id)
        hits = await self._memories.search(
            project_id,
            user_id,
            params.query,
            kind=params.kind,
            session_id=params.session_id,
            limit=HITS if params.limit is None else params.limit,
            config=await self._config(project_id, params.session_id),
        )
        return methods.HitsResult([hit_out(hit, self._client.encoding) for hit in hits])

    async def update(self, params: methods.MemoryUpdateParams) -> methods.MemoryEntry:
        user_id = user_of(params.user_id)
        expires_at = time_in(params.expires_at, "expiresAt") if params.expires_at else None
        change = MemoryChange(
            text=params.text,
            kind=params.kind,
            quality=params.quality,
            metadata=params.metadata,
            expires_at="never" if params.expires_at == "" else expires_at,
        )
        project_id = await self._project_id(params.project_id)
        return memory_out(await self._memories.update(project_id, user_id, params.memory_id, change))

    async def delete(self, params: methods.MemoryDeleteParams) -> methods.Nothing:
        user_id = user_of(params.user_id)
        await self._memories.delete(await self._project_id(params.project_id), user_id, params.memory_id)
        return methods.Nothing()

    async def clear(self, params: methods.MemoryClearParams) -> methods.MemoryClearResult:
        kind = None if params.kind == "all" else params.kind
        wanted = MemoryFilter(user_id=user_of(params.user_id), kind=kind, session_id=params.session_id)
        removed = await self._memories.clear(await self._project_id(params.project_id), wanted)
        return methods.MemoryClearResult(removed)

    async def context(self, params: methods.ContextParams) -> methods.ContextResult:
        user_id = user_of(params.user_id)
        project = await self._client.project(params.project_id)
        context = await self._contexts.build(
            project,
            params.query,
            user_id=user_id,
            session_id=params.session_id,
            limit=ITEMS if params.max_items is None else params.max_items,
            sources=("memory", "knowledge") if params.sources is None else params.sources,
            memory=self._client.memory_config(),
            knowledge=self._client.knowledge_config(),
        )
        return methods.ContextResult(context.text, [hit_out(hit, self._client.encoding) for hit in context.hits])

    async def _project_id(self, project_id: str | None, uri: str | None = None) -> str:
        return (await self._client.project(project_id, uri)).project_id

    async def _config(self, project_id: str, session_id: str | None) -> RecallConfig:
        sessions = self._client.services.sessions
        return await in_force(sessions.get, project_id, session_id, "memory", self._client.memory_config())

    def _origin(self, params: methods.MemoryAddParams) -> Origin:
        return Origin(
            session_id=params.session_id,
            message_id=params.message_id,
            uri=self._client.uri(params.uri),
            path=None if params.uri is None else resolved_path_of(params.uri),
        )


def memory_out(entry: Memory) -> methods.MemoryEntry:
    """An entry of the memory."""
    source = entry.source
    is_known = (source.session_id, source.message_id, source.uri) != (None, None, None)
    return methods.MemoryEntry(
        memory_id=entry.memory_id,
        text=entry.text,
        kind=entry.kind,
        quality=entry.quality,
        metadata=entry.metadata,
        created_at=time_out(entry.created_at),
        source=methods.Origin(source.session_id, source.message_id, source.uri) if is_known else None,
        user_id=entry.user_id,
        expires_at=time_out(entry.expires_at) if entry.expires_at else None,
        updated_at=time_out(entry.updated_at),
    )
