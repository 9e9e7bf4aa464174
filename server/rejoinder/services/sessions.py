"""Sessions: finding, listing, making, choosing and changing them."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs

from rejoinder.domain.conversation import Message, Project, Scope, Session
from rejoinder.domain.errors import InvalidInput, SessionNotFound
from rejoinder.domain.identifiers import check_id, find
from rejoinder.domain.titles import dated_name
from rejoinder.services.conversations import Conversations
from rejoinder.services.drafting import MessageDraft, drafted
from rejoinder.services.projects import NO_PROJECT, Projects

DEFAULT_SESSION = "default"
"""The ID of the session outside of any project, unless it is in the trash."""

PAGE = 50
LARGEST_PAGE = 1000
FIELDS = ("name", "label", "description", "metadata", "pinned", "archived", "model", "system", "draft")
"""What `update` may change."""


@attrs.frozen
class SessionPage:
    """Some sessions; `next_cursor` leads to those after them."""

    sessions: list[Session]
    next_cursor: str | None


class Sessions:
    """The sessions of all projects."""

    def __init__(self, conversations: Conversations, projects: Projects) -> None:
        self._conversations = conversations
        self._projects = projects
        self._making = asyncio.Lock()
        """Held while a session is looked for and made, so that two turns at once make one of it."""

    async def get(self, project_id: str, session_id: str) -> Session:
        """A session by its exact ID; raises SessionNotFound."""
        return await self._conversations.session(project_id, check_id(session_id, "sessionId"))

    async def all(self, project_id: str) -> list[Session]:
        """Every session of a project without those in the trash: pinned ones first, then the newest."""
        sessions = await self._conversations.io(self._conversations.store.sessions, project_id)
        return sorted(sessions, key=_order, reverse=True)

    async def page(
        self,
        project_id: str,
        *,
        scope: Scope | None = None,
        uri: str | None = None,
        query: str | None = None,
        archived: bool = False,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> SessionPage:
        """A page of sessions. `uri` asks for those of one file, `archived` for the archived ones instead."""
        wanted = [
            session
            for session in await self.all(project_id)
            if session.archived == archived
            and (scope is None or session.scope == scope)
            and (uri is None or session.uri == uri)
            and (not query or _mentions(session, query.casefold()))
        ]
        if cursor is not None:
            wanted = [session for session in wanted if _cursor(session) < cursor]
        limit = min(max(limit, 1), LARGEST_PAGE)
        page = wanted[:limit]
        return SessionPage(page, _cursor(page[-1]) if len(wanted) > limit else None)

    async def by_ref(self, project_id: str, ref: str) -> Session:
        """A session by ID, unique name, or unique prefix; raises SessionNotFound or Ambiguous."""
        return find(ref, await self.all(project_id))

    async def current(self, project: Project, scope: Scope, uri: str | None) -> Session | None:
        """The session that a scope uses when none is named."""
        project = await self._projects.get(project.project_id)
        session_id = project.current.get(scope_key(_scope_in(project, scope), uri))
        if session_id is None:
            return None
        try:
            return await self._conversations.session(project.project_id, session_id)
        except SessionNotFound:
            return None

    async def current_ids(self, project_id: str) -> set[str]:
        """The sessions that are the current ones of some scope."""
        project = await self._projects.get(project_id)
        return set(project.current.values())

    async def current_or_new(self, project: Project, scope: Scope, uri: str | None) -> Session:
        """The session that a scope uses, made when there is none."""
        async with self._making:
            found = await self.current(project, scope, uri)
            if found is not None:
                return found
            free = project.project_id == NO_PROJECT and not await self._taken(project.project_id, DEFAULT_SESSION)
            return await self.create(project, session_id=DEFAULT_SESSION if free else None, scope=scope, uri=uri)

    async def get_or_create(self, project: Project, session_id: str, *, scope: Scope = "workspace") -> Session:
        """A session by its exact ID, made when there is none."""
        async with self._making:
            try:
                return await self.get(project.project_id, session_id)
            except SessionNotFound:
                return await self.create(project, session_id=session_id, scope=scope)

    async def create(
        self,
        project: Project,
        *,
        session_id: str | None = None,
        name: str | None = None,
        label: str | None = None,
        description: str | None = None,
        scope: Scope = "workspace",
        uri: str | None = None,
        system: str | None = None,
        messages: Sequence[MessageDraft] = (),
        metadata: dict[str, Any] | None = None,
    ) -> Session:
        """A new session, which becomes the current one of its scope; InvalidInput when its ID is taken."""
        world = self._conversations.world
        now = world.now()
        first = drafted(messages, parent_id=None, turn_id=world.new_id(), world=world)
        session = Session(
            session_id=check_id(session_id, "sessionId") if session_id is not None else world.new_id(),
            project_id=project.project_id,
            name=name or session_id or dated_name(now),
            titled=bool(name or session_id),
            label=label,
            description=description,
            scope=_scope_in(project, scope),
            uri=uri if scope == "file" else None,
            system=system,
            metadata=metadata or {},
            created_at=now,
            updated_at=now,
            head=first[-1].message_id if first else None,
            message_count=len(first),
        )
        await self.store_new(session, first)
        await self.use(session)
        return session

    async def store_new(self, session: Session, messages: Sequence[Message]) -> None:
        """Store a session that was put together elsewhere; InvalidInput when its ID is taken."""
        try:
            await self._conversations.create(session, messages)
        except ValueError:
            raise InvalidInput(
                f"sessionId: {session.session_id!r} is taken.",
                hint="Choose another ID, or restore the session from the trash if you deleted it.",
                key="sessionId",
            ) from None

    async def use(self, session: Session) -> Session:
        """Make a session the current one of its scope."""
        key = scope_key(session.scope, session.uri)
        await self._projects.set_current(session.project_id, key, session.session_id)
        return session

    async def update(self, project_id: str, session_id: str, changes: dict[str, Any]) -> Session:
        """Change some of a session's fields. An empty text clears one; an empty name brings back a dated one."""
        unknown = changes.keys() - set(FIELDS)
        if unknown:
            raise InvalidInput(f"{sorted(unknown)} cannot be changed.", hint=f"Change one of {', '.join(FIELDS)}.")
        only_draft = changes.keys() == {"draft"}
        return await self._conversations.change(project_id, session_id, _changing(changes), durable=not only_draft)

    async def follow_rename(self, project_id: str, old_uri: str, new_uri: str) -> None:
        """Have the sessions of a file, or of all files in a folder, follow it to its new name."""
        for session in await self.all(project_id):
            uri = session.uri
            if uri is None or session.scope != "file" or not (uri == old_uri or uri.startswith(f"{old_uri}/")):
                continue
            was_current = session.session_id in await self.current_ids(project_id)
            step = partial(attrs.evolve, uri=new_uri + uri.removeprefix(old_uri))
            followed = await self._conversations.change(project_id, session.session_id, step)
            if was_current:
                await self._projects.set_current(project_id, scope_key("file", uri), None)
                await self.use(followed)

    async def faults(self) -> list[str]:
        """What was found damaged in the data folder since the last call, in sentences for people."""
        return await self._conversations.io(self._conversations.store.faults)

    async def path(self, session: Session) -> list[Message]:
        """The messages of a session's active path, oldest first."""
        return (await self._conversations.tree(session.project_id, session.session_id)).path(session.head)

    async def state(self, project_id: str, session_id: str) -> dict[str, Any]:
        """A session's own values."""
        await self.get(project_id, session_id)
        return await self._conversations.io(self._conversations.store.state, project_id, session_id)

    async def set_state(
        self, project_id: str, session_id: str, values: dict[str, Any], *, replace: bool = False
    ) -> dict[str, Any]:
        """Merge values into a session's state, or put them in its place; answers the whole state."""
        async with self._conversations.lock(project_id, session_id):
            state = await self.state(project_id, session_id)
            state = {} if replace else dict(state)
            state.update(values)
            await self._conversations.io(self._conversations.store.put_state, project_id, session_id, state)
        return state

    async def clear_state(self, project_id: str, session_id: str, key: str | None) -> dict[str, Any]:
        """Take one key out of a session's state, or all; answers what is left."""
        async with self._conversations.lock(project_id, session_id):
            state = await self.state(project_id, session_id)
            left = {} if key is None else {name: value for name, value in state.items() if name != key}
            await self._conversations.io(self._conversations.store.put_state, project_id, session_id, left)
        return left

    async def _taken(self, project_id: str, session_id: str) -> bool:
        store, io = self._conversations.store, self._conversations.io
        sessions = [*await io(store.sessions, project_id), *await io(store.trashed, project_id)]
        return any(session.session_id == session_id for session in sessions)


def scope_key(scope: Scope, uri: str | None) -> str:
    """The name under which a project remembers the current session of a scope."""
    return f"file:{uri}" if scope == "file" and uri else scope


def _scope_in(project: Project, scope: Scope) -> Scope:
    """Outside of any folder there is one scope only."""
    return "none" if project.project_id == NO_PROJECT else scope


def _order(session: Session) -> tuple[bool, float, str]:
    return (session.pinned, session.updated_at.timestamp(), session.session_id)


def _cursor(session: Session) -> str:
    """A place in the order of a list that holds when sessions come and go; it compares as the order does."""
    return f"{int(session.pinned)} {session.updated_at.timestamp():017.6f} {session.session_id}"


def _mentions(session: Session, query: str) -> bool:
    texts = (session.session_id, session.name, session.label, session.description)
    return any(query in text.casefold() for text in texts if text)


def _changing(changes: dict[str, Any]) -> Callable[[Session], Session]:
    def step(session: Session) -> Session:
        fields: dict[str, Any] = {key: (None if value == "" else value) for key, value in changes.items()}
        if "name" in fields:
            fields["titled"] = fields["name"] is not None
            fields["name"] = fields["name"] or dated_name(session.created_at)
        return attrs.evolve(session, **fields)

    return step
