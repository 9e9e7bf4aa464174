"""Everything about sessions but their turns."""

from functools import partial
from typing import Protocol

from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.users import user_of
from rejoinder.domain.waiting import waiting_in
from rejoinder.lsp.attachments import mentioned_in
from rejoinder.lsp.client import Client
from rejoinder.lsp.convert import draft_in, event_out, message_out
from rejoinder.lsp.convert_session import session_out
from rejoinder.lsp.damage import tell_damage
from rejoinder.lsp.recall_settings import config_in
from rejoinder.lsp.requests import current_request
from rejoinder.protocol import methods, types
from rejoinder.services.cleaning import CleaningRules
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.history import HistoryPage
from rejoinder.services.ports import TurnAddress
from rejoinder.services.sessions import FIELDS
from rejoinder.services.underway import events_of


class InProject(Protocol):
    """Parameters that pick a project."""

    @property
    def project_id(self) -> str | None:
        """The project itself."""
        ...

    @property
    def uri(self) -> str | None:
        """A document in its folder."""
        ...


def register(client: Client) -> None:
    """Serve the methods of sessions."""
    server = client.server
    handlers = SessionHandlers(client)
    server.handle(methods.SESSION_LIST, handlers.list_)
    server.handle(methods.SESSION_GET, handlers.get)
    server.handle(methods.SESSION_OPEN, handlers.open)
    server.handle(methods.SESSION_CLOSE, handlers.close)
    server.handle(methods.SESSION_CREATE, handlers.create)
    server.handle(methods.SESSION_USE, handlers.use)
    server.handle(methods.SESSION_UPDATE, handlers.update)
    server.handle(methods.SESSION_HISTORY, handlers.history)
    server.handle(methods.SESSION_ADD, handlers.add)
    server.handle(methods.SESSION_CLEAR, handlers.clear)
    server.handle(methods.SESSION_FORK, handlers.fork)
    server.handle(methods.SESSION_ROLLBACK, handlers.rollback)
    server.handle(methods.SESSION_DELETE, handlers.delete)
    server.handle(methods.SESSION_RESTORE, handlers.restore)
    server.handle(methods.SESSION_SUMMARIZE, handlers.summarize)
    server.handle(methods.SESSION_EXPORT, handlers.export)
    server.handle(methods.SESSION_CLEANUP, handlers.cleanup)


class SessionHandlers:
    """Three steps each: convert in, call one service, convert out."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sessions = client.services.sessions
        self._history = client.services.history
        self._transfer = client.services.transfer
        self._summarising = client.services.summarising
        self._cleaning = client.services.cleaning

    async def list_(self, params: methods.SessionListParams) -> methods.SessionListResult:
        project_id = await self._project_id(params)
        page = await self._sessions.page(
            project_id,
            scope=params.scope,
            uri=self._client.uri(params.uri) if params.scope == "file" else None,
            query=params.query,
            archived=bool(params.archived),
            trashed=bool(params.trashed),
            user_id=None if params.user_id is None else user_of(params.user_id),
            cursor=params.cursor,
            limit=_limit(params.limit),
        )
        current = await self._sessions.current_ids(project_id)
        return methods.SessionListResult([session_out(s, current=current) for s in page.sessions], page.next_cursor)

    async def get(self, params: methods.SessionParams) -> types.Session:
        session = await self._sessions.get(await self._project_id(params), params.session_id)
        return await self._out(session)

    async def open(self, params: methods.SessionOpenParams) -> methods.SessionOpenResult:
        session = await self._client.services.turns.looked_at(await self._meant(params))
        revision = None
        # reading its messages may have mended it; and no turn may have been stored between its messages and itself
        while session.revision != revision:
            revision = session.revision
            page = await self._history.page(session.project_id, session.session_id)
            await tell_damage(self._client)
            current = await self._sessions.current_ids(session.project_id)
            session = await self._sessions.get(session.project_id, session.session_id)
        running = self._follow(session, params.since)
        return methods.SessionOpenResult(session_out(session, current=current), self._messages_out(page), running)

    async def close(self, params: methods.SessionParams) -> methods.Nothing:
        session = await self._sessions.get(await self._project_id(params), params.session_id)
        self._client.unfollow_session(session.project_id, session.session_id)
        return methods.Nothing()

    async def create(self, params: methods.SessionCreateParams) -> types.Session:
        project = await self._client.project(params.project_id, params.uri)
        user_id = user_of(params.user_id)
        session = await self._sessions.create(
            project,
            session_id=params.session_id,
            name=params.name,
            label=params.label,
            description=params.description,
            scope=params.scope or "workspace",
            uri=self._client.uri(params.uri),
            system=params.system,
            messages=await self._drafts(params.messages, user_id),
            metadata=params.metadata or {},
            user_id=user_id,
            memory=config_in(params.memory, "memory"),
            knowledge=config_in(params.knowledge, "knowledge"),
        )
        return await self._out(session)

    async def use(self, params: methods.SessionParams) -> types.Session:
        session = await self._sessions.get(await self._project_id(params), params.session_id)
        return await self._out(await self._sessions.use(session))

    async def update(self, params: methods.SessionUpdateParams) -> types.Session:
        given = {key: getattr(params, key) for key in FIELDS}
        given |= {key: config_in(given[key], key) for key in ("memory", "knowledge")}
        changes = {key: value for key, value in given.items() if value is not None}
        session = await self._sessions.update(await self._project_id(params), _checked(params.session_id), changes)
        return await self._out(session)

    async def history(self, params: methods.SessionHistoryParams) -> methods.SessionHistoryResult:
        session = await self._sessions.get(await self._project_id(params), params.session_id)
        session = await self._client.services.turns.looked_at(session)
        page = await self._history.page(
            session.project_id,
            session.session_id,
            before=params.before,
            limit=_limit(params.limit),
            user_id=None if params.user_id is None else user_of(params.user_id),
        )
        await tell_damage(self._client)
        return methods.SessionHistoryResult(self._messages_out(page), page.next_cursor)

    async def add(self, params: methods.SessionAddParams) -> methods.SessionAddResult:
        drafts = await self._drafts(params.messages, user_of(params.user_id))
        added = await self._history.add(await self._project_id(params), params.session_id, drafts)
        return methods.SessionAddResult(added)

    async def clear(self, params: methods.SessionClearParams) -> types.Session:
        session = await self._history.clear(
            await self._project_id(params), params.session_id, keep_system=params.keep_system
        )
        return await self._out(session)

    async def fork(self, params: methods.SessionForkParams) -> types.Session:
        project = await self._client.project(params.project_id, params.uri)
        from_summary = partial(self._summarising.continue_elsewhere, choice=self._client.choice())
        session = await (from_summary if params.summarize else self._history.fork)(
            project,
            params.session_id,
            message_id=params.message_id,
            new_session_id=params.new_session_id,
            name=params.name,
        )
        return await self._out(session)

    async def summarize(self, params: methods.SessionParams) -> methods.SummarizeResult:
        summary, covers = await self._summarising.summarize(
            await self._project_id(params), _checked(params.session_id), self._client.choice()
        )
        return methods.SummarizeResult(summary, covers)

    async def rollback(self, params: methods.SessionRollbackParams) -> types.Session:
        session = await self._history.rollback(
            await self._project_id(params), params.session_id, params.message_id, latest=params.latest is True
        )
        return await self._out(session)

    async def delete(self, params: methods.SessionDeleteParams) -> methods.Nothing:
        await self._history.delete(await self._project_id(params), params.session_id, permanent=params.permanent)
        return methods.Nothing()

    async def restore(self, params: methods.SessionParams) -> types.Session:
        session = await self._history.restore(await self._project_id(params), params.session_id)
        return await self._out(session)

    async def export(self, params: methods.SessionExportParams) -> methods.SessionExportResult:
        write = self._transfer.export_json if params.format == "json" else self._transfer.export_markdown
        content = await write(await self._project_id(params), params.session_ids)
        await tell_damage(self._client)
        return methods.SessionExportResult(content)

    async def cleanup(self, params: methods.SessionCleanupParams) -> methods.SessionCleanupResult:
        rules = CleaningRules(
            empty=bool(params.empty), older_than=params.older_than_days, keep_messages=params.keep_messages
        )
        found = await self._cleaning.clean(await self._project_id(params), rules, dry_run=params.dry_run)
        return methods.SessionCleanupResult(
            sum(each.reason != "long" for each in found),
            sum(each.messages for each in found),
            sum(each.bytes for each in found),
            [
                methods.CleanupCandidate(each.session.session_id, each.session.name, each.reason, each.messages)
                for each in found
            ],
        )

    async def _project_id(self, params: InProject) -> str:
        return (await self._client.project(params.project_id, params.uri)).project_id

    async def _meant(self, params: methods.SessionOpenParams) -> Session:
        """The session that `open` means: by reference, by ID, or the current one of the scope."""
        project = await self._client.project(params.project_id, params.uri)
        if params.ref is not None:
            return await self._sessions.by_ref(project.project_id, params.ref)
        if params.session_id is not None:
            return await self._sessions.get(project.project_id, params.session_id)
        scope = params.scope or self._client.resolved.settings.session_scope
        user_id = user_of(params.user_id)
        return await self._sessions.current_or_new(project, scope, self._client.uri(params.uri), user_id)

    def _follow(self, session: Session, since: methods.Since | None) -> methods.RunningTurn | None:
        """The events so far of the turn that runs or waits; those that come from now on follow the reply."""
        client = self._client
        turn = client.services.turns.running_in(session.project_id, session.session_id)
        known = since.seq if since and turn and since.turn_id == turn.address.turn_id else -1
        parked = waiting_in(session) if turn is None else None
        turn_id = turn.address.turn_id if turn else parked.turn_id if parked else ""
        told = turn.since(known) if turn else list(enumerate(events_of(parked, session.session_id) if parked else ()))

        def follow() -> None:
            # what came between the reply's making and its sending
            last = told[-1][0] if told else known
            for seq, event in turn.since(last) if turn else ():
                client.tell_update(TurnAddress(session.project_id, session.session_id, turn_id), seq, event)
            client.follow_session(session.project_id, session.session_id)

        current_request().after_reply(follow)
        if not turn_id:
            return None
        updates = [
            methods.ChatUpdateParams(session.session_id, turn_id, seq, event_out(event, client.encoding))
            for seq, event in told
        ]
        return methods.RunningTurn(turn_id, updates)

    async def _drafts(self, messages: list[types.NewMessage] | None, user_id: str) -> list[MessageDraft]:
        client = self._client
        drafts = []
        for message in messages or ():
            attachments = [
                await mentioned_in(item, client.workspace, client.encoding) for item in message.attachments or ()
            ]
            drafts.append(draft_in(message, tuple(attachments), user_id))
        return drafts

    def _messages_out(self, page: HistoryPage) -> list[types.Message]:
        return [message_out(placed, self._client.encoding) for placed in page.messages]

    async def _out(self, session: Session) -> types.Session:
        return session_out(session, current=await self._sessions.current_ids(session.project_id))


def _limit(limit: int | None) -> int:
    if limit is not None and limit < 1:
        raise InvalidInput(f"limit: {limit} is below 1.", hint="Ask for at least one.", key="limit")
    return limit or 50


def _checked(session_id: str) -> str:
    return check_id(session_id, "sessionId")
