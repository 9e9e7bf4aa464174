"""Sessions: finding, listing, making, choosing and changing them."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs

from rejoinder.domain.conversation import Message, Project, Scope, Session
from rejoinder.domain.errors import InvalidInput, SessionNotFound
from rejoinder.domain.identifiers import check_id, find
from rejoinder.domain.summaries import Summary
from rejoinder.domain.titles import dated_name
from rejoinder.services.conversations import Conversations
from rejoinder.services.drafting import MessageDraft, drafted
from rejoinder.services.projects import NO_PROJECT, Projects
from rejoinder.services.renames import Renames
from rejoinder.services.session_pages import PAGE, SessionFilter, SessionPage, in_order, page_of

DEFAULT_SESSION = "default"
"""The ID of the session outside of any project, unless it is in the trash."""

FIELDS = ("name", "label", "description", "metadata", "pinned", "archived", "model", "system", "draft")
"""What `update` may change."""


class Sessions:
    """The sessions of all projects."""

    def __init__(self, conversations: Conversations, projects: Projects, renames: Renames) -> None:
        self._conversations = conversations
        self._projects = projects
        self._renames = renames
        self._making = asyncio.Lock()
        """Held while a session is looked for and made, so that two turns at once make one of it."""

    async def get(self, project_id: str, session_id: str) -> Session:
        """A session by its exact ID; raises SessionNotFound."""
        return await self._conversations.session(project_id, check_id(session_id, "sessionId"))

    async def all(self, project_id: str) -> list[Session]:
        """Every session of a project without those in the trash: pinned ones first, then the newest."""
        sessions = await self._conversations.io(self._conversations.store.sessions, project_id)
        return in_order(sessions)

    async def trashed(self, project_id: str) -> list[Session]:
        """Every session in a project's trash, in the same order."""
        sessions = await self._conversations.io(self._conversations.store.trashed, project_id)
        return in_order(sessions)

    async def page(
        self,
        project_id: str,
        *,
        scope: Scope | None = None,
        uri: str | None = None,
        query: str | None = None,
        archived: bool = False,
        trashed: bool = False,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> SessionPage:
        """A page of sessions. `uri` asks for those of one file, `archived` for the archived ones instead.

        `trashed` asks for those in the trash, archived or not.
        """
        found = await (self.trashed(project_id) if trashed else self.all(project_id))
        if trashed and not archived:
            wanted = SessionFilter(scope=scope, uri=uri, query=query, archived=None)
        else:
            wanted = SessionFilter(scope=scope, uri=uri, query=query, archived=archived)
        return page_of(filter(wanted.fits, found), cursor, limit)

    async def by_ref(self, project_id: str, ref: str) -> Session:
        """A session by ID, unique name, or unique prefix; raises SessionNotFound or Ambiguous."""
        return find(ref, await self.all(project_id))

    async def current(self, project: Project, scope: Scope, uri: str | None) -> Session | None:
        """The session that a scope uses when none is named."""
        project = await self._projects.get(project.project_id)
        session_id = project.current.get(scope_key(_scope_in(project, scope, uri), uri))
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
        scope = _scope_in(project, scope, uri)
        if scope == "file" and uri is not None:
            return await self._of_file(project, uri)
        async with self._making:
            found = await self.current(project, scope, uri)
            if found is not None:
                return found
            free = project.project_id == NO_PROJECT and not await self._taken(project.project_id, DEFAULT_SESSION)
            return await self.create(project, session_id=DEFAULT_SESSION if free else None, scope=scope, uri=uri)

    async def _of_file(self, project: Project, uri: str) -> Session:
        """The session that a file uses, also when the file had another name before; made when there is none."""
        async with self._making:
            found = await self.current(project, "file", uri)
            if found is None:
                former = await self._renames.former_uri(project, uri, await self.all(project.project_id))
                if former is not None:
                    await self.follow_rename(project.project_id, former, uri)
                    found = await self.current(project, "file", uri)
            session = found or await self.create(project, scope="file", uri=uri)
        digest = await self._renames.digest(uri)
        if digest in (None, session.file_digest):
            return session
        return await self._conversations.change(
            project.project_id, session.session_id, partial(attrs.evolve, file_digest=digest), durable=False
        )

    async def get_or_create(
        self, project: Project, session_id: str, *, scope: Scope = "workspace", uri: str | None = None
    ) -> Session:
        """A session by its exact ID, made when there is none."""
        async with self._making:
            try:
                return await self.get(project.project_id, session_id)
            except SessionNotFound:
                scope = _scope_in(project, scope, uri)
                return await self.create(project, session_id=session_id, scope=scope, uri=uri)

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
        if scope == "file" and uri is None:
            raise InvalidInput("uri: a session of a file needs one.", hint="Send the file's URI.", key="uri")
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
            scope=_scope_in(project, scope, uri),
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

    async def store_new(
        self, session: Session, messages: Sequence[Message], *, summaries: Sequence[Summary] = ()
    ) -> None:
        """Store a session that was put together elsewhere; InvalidInput when its ID is taken."""
        try:
            await self._conversations.create(session, messages, summaries=summaries)
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

    async def move_current(self, gone: Session) -> None:
        """Have the most recently used session of its scope take the place of one that is gone, if it was current."""
        key = scope_key(gone.scope, gone.uri)
        project = await self._projects.get(gone.project_id)
        if project.current.get(key) != gone.session_id:
            return
        rest = [
            session
            for session in await self.all(gone.project_id)
            if scope_key(session.scope, session.uri) == key
            and not session.archived
            and session.session_id != gone.session_id
        ]
        newest = max(rest, key=lambda session: session.updated_at, default=None)
        await self._projects.set_current(gone.project_id, key, newest.session_id if newest else None)

    async def update(self, project_id: str, session_id: str, changes: dict[str, Any]) -> Session:
        """Change some of a session's fields. An empty text clears one; an empty name brings back a dated one.

        One that is archived is no longer the current one.
        """
        unknown = changes.keys() - set(FIELDS)
        if unknown:
            raise InvalidInput(f"{sorted(unknown)} cannot be changed.", hint=f"Change one of {', '.join(FIELDS)}.")
        only_draft = changes.keys() == {"draft"}
        changed = await self._conversations.change(project_id, session_id, _changing(changes), durable=not only_draft)
        if changes.get("archived"):
            await self.move_current(changed)
        return changed

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
        tree = await self._conversations.tree(session.project_id, session.session_id)
        return tree.path(tree.end(session.head))

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


def _scope_in(project: Project, scope: Scope, uri: str | None) -> Scope:
    """Outside of any folder there is one scope only; where no file is meant, that of the folder."""
    if project.project_id == NO_PROJECT:
        return "none"
    return "workspace" if scope == "file" and uri is None else scope


def _changing(changes: dict[str, Any]) -> Callable[[Session], Session]:
    def step(session: Session) -> Session:
        fields: dict[str, Any] = {key: (None if value == "" else value) for key, value in changes.items()}
        if "name" in fields:
            fields["titled"] = fields["name"] is not None
            fields["name"] = fields["name"] or dated_name(session.created_at)
        return attrs.evolve(session, **fields)

    return step
