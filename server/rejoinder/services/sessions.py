"""Sessions: finding, listing, making, choosing and changing them."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, TypedDict, Unpack

import attrs

from rejoinder.domain.conversation import DEFAULT_USER, Message, Project, Scope, Session
from rejoinder.domain.errors import InvalidInput, SessionNotFound
from rejoinder.domain.identifiers import check_id, find
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.domain.summaries import Summary
from rejoinder.domain.titles import dated_name
from rejoinder.services.conversations import Conversations
from rejoinder.services.drafting import MessageDraft, drafted
from rejoinder.services.projects import NO_PROJECT, Projects
from rejoinder.services.renames import Renames
from rejoinder.services.scopes import key_of, scope_in, scope_key
from rejoinder.services.session_pages import PAGE, SessionFilter, SessionPage, in_order, page_of
from rejoinder.services.trashed_ids import TrashedIds

DEFAULT_SESSION = "default"
"""The ID of the session outside of any project, unless it is in the trash."""

FIELDS = (
    *("name", "label", "description", "metadata", "pinned", "archived", "model", "system", "draft"),
    *("memory", "knowledge", "allowed_tools"),
)
"""What `update` may change. Of the tools that are allowed some can be taken back, and none be added."""


class NewSession(TypedDict, total=False):
    """What else may be said of a session that is made."""

    user_id: str
    label: str | None
    description: str | None
    system: str | None
    metadata: dict[str, Any]
    memory: RecallConfig | None
    knowledge: RecallConfig | None


class Sessions:
    """The sessions of all projects."""

    def __init__(
        self, conversations: Conversations, projects: Projects, renames: Renames, trashed_ids: TrashedIds
    ) -> None:
        self._conversations = conversations
        self._projects = projects
        self._renames = renames
        self._trashed_ids = trashed_ids
        self._making = asyncio.Lock()
        """Held while a session is looked for and made, so that two turns at once make one of it."""

    async def get(self, project_id: str, session_id: str) -> Session:
        """A session by its exact ID; raises SessionNotFound."""
        return await self._conversations.session(project_id, check_id(session_id, "sessionId"))

    async def all(self, project_id: str) -> list[Session]:
        """Every session of a project without those in the trash: pinned ones first, then the newest."""
        sessions = await self._conversations.io(self._conversations.store.sessions, project_id)
        return in_order(sessions)

    async def known(self, project_id: str, session_ids: Collection[str]) -> dict[str, Session]:
        """Those of some sessions that are there and not in the trash, by their IDs."""
        sessions = await self._conversations.io(self._conversations.store.sessions, project_id)
        return {session.session_id: session for session in sessions if session.session_id in session_ids}

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
        user_id: str | None = None,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> SessionPage:
        """A page of sessions. `uri` asks for those of one file, `archived` for the archived ones instead.

        `trashed` asks for those in the trash, archived or not, and `user_id` for those that this user made.
        """
        found = await (self.trashed(project_id) if trashed else self.all(project_id))
        uri = await self._name(project_id, uri)
        of_both = None if trashed and not archived else archived
        wanted = SessionFilter(scope=scope, uri=uri, query=query, archived=of_both, user_id=user_id)
        return page_of(filter(wanted.fits, found), cursor, limit)

    async def by_ref(self, project_id: str, ref: str) -> Session:
        """A session by ID, unique name, or unique prefix; raises SessionNotFound or Ambiguous."""
        return find(ref, await self.all(project_id))

    async def current(
        self, project: Project, scope: Scope, uri: str | None, user_id: str = DEFAULT_USER
    ) -> Session | None:
        """The session that a user's scope uses when none is named."""
        uri = await self._name(project.project_id, uri)
        project = await self._projects.get(project.project_id)
        session_id = project.current.get(scope_key(scope_in(project, scope, uri), uri, user_id))
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

    async def current_or_new(
        self, project: Project, scope: Scope, uri: str | None, user_id: str = DEFAULT_USER
    ) -> Session:
        """The session that a user's scope uses, made when there is none."""
        scope, uri = scope_in(project, scope, uri), await self._name(project.project_id, uri)
        if scope == "file" and uri is not None:
            return await self._of_file(project, uri, user_id)
        async with self._making:
            found = await self.current(project, scope, uri, user_id)
            if found is not None:
                return found
            session_id = None
            if (project.project_id, user_id) == (NO_PROJECT, DEFAULT_USER):
                taken = await self._taken(project.project_id, DEFAULT_SESSION)
                session_id = None if taken else DEFAULT_SESSION
            return await self.create(project, session_id=session_id, scope=scope, uri=uri, user_id=user_id)

    async def _of_file(self, project: Project, uri: str, user_id: str) -> Session:
        """The session that a file uses, also when the file had another name before; made when there is none."""
        async with self._making:
            found = await self.current(project, "file", uri, user_id)
            if found is None:
                former = await self._renames.former_uri(project, uri, await self.all(project.project_id))
                if former is not None:
                    await self.follow_rename(project.project_id, former, uri)
                    found = await self.current(project, "file", uri, user_id)
            session = found or await self.create(project, scope="file", uri=uri, user_id=user_id)
        digest = await self._renames.digest(uri)
        if digest in (None, session.file_digest):
            return session
        return await self._conversations.change(
            project.project_id, session.session_id, partial(attrs.evolve, file_digest=digest), durable=False
        )

    async def get_or_create(
        self,
        project: Project,
        session_id: str,
        *,
        scope: Scope = "workspace",
        uri: str | None = None,
        user_id: str = DEFAULT_USER,
    ) -> Session:
        """A session by its exact ID, made when there is none."""
        async with self._making:
            try:
                return await self.get(project.project_id, session_id)
            except SessionNotFound:
                scope = scope_in(project, scope, uri)
                return await self.create(project, session_id=session_id, scope=scope, uri=uri, user_id=user_id)

    async def create(
        self,
        project: Project,
        *,
        session_id: str | None = None,
        name: str | None = None,
        scope: Scope = "workspace",
        uri: str | None = None,
        messages: Sequence[MessageDraft] = (),
        **fields: Unpack[NewSession],
    ) -> Session:
        """A new session, which becomes its user's current one of its scope; InvalidInput when its ID is taken."""
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
            scope=scope_in(project, scope, uri),
            uri=await self._name(project.project_id, uri) if scope == "file" else None,
            created_at=now,
            updated_at=now,
            head=first[-1].message_id if first else None,
            message_count=len(first),
            **fields,
        )
        await self.store_new(session, first)
        await self.use(session)
        return session

    async def store_new(
        self, session: Session, messages: Sequence[Message], *, summaries: Sequence[Summary] = ()
    ) -> None:
        """Store a session that was put together elsewhere; InvalidInput when its ID is taken."""
        try:
            await self._trashed_ids.create(session, messages, summaries=summaries)
        except ValueError:
            taken = f"sessionId: {session.session_id!r} is taken."
            raise InvalidInput(taken, hint="Choose another ID.", key="sessionId") from None

    async def use(self, session: Session) -> Session:
        """Make a session its user's current one of its scope."""
        key = key_of(session)
        await self._projects.set_current(session.project_id, key, session.session_id)
        return session

    async def move_current(self, gone: Session) -> None:
        """Have the most recently used session of its scope take the place of one that is gone, if it was current."""
        key = key_of(gone)
        if (await self._projects.get(gone.project_id)).current.get(key) != gone.session_id:
            return
        rest = [
            session
            for session in await self.all(gone.project_id)
            if key_of(session) == key and not session.archived and session.session_id != gone.session_id
        ]
        newest = max(rest, key=lambda session: session.updated_at, default=None)
        following = newest.session_id if newest else None
        await self._projects.set_current(gone.project_id, key, following, instead_of=gone.session_id)

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
        old_uri, new_uri = [(await self.names(project_id, uri))[0] for uri in (old_uri, new_uri)]
        for session in await self.all(project_id):
            uri = session.uri
            if uri is None or session.scope != "file" or not (uri == old_uri or uri.startswith(f"{old_uri}/")):
                continue
            was_current = session.session_id in await self.current_ids(project_id)
            step = partial(attrs.evolve, uri=new_uri + uri.removeprefix(old_uri))
            followed = await self._conversations.change(project_id, session.session_id, step)
            if was_current:
                await self._projects.set_current(project_id, key_of(session), None, instead_of=session.session_id)
                await self.use(followed)

    async def faults(self) -> list[str]:
        """What was found damaged in the data folder since the last call, in sentences for people."""
        return await self._conversations.io(self._conversations.store.faults)

    async def path(self, session: Session) -> list[Message]:
        """The messages of a session's active path, oldest first."""
        tree = await self._conversations.tree(session.project_id, session.session_id)
        return tree.path(tree.end(session.head))

    async def names(self, project_id: str, uri: str) -> Sequence[str]:
        """What a file is called, first, and all that it was called before the project's folder moved."""
        return await self._projects.names(project_id, uri)

    async def _name(self, project_id: str, uri: str | None) -> str | None:
        return uri and (await self.names(project_id, uri))[0]

    async def _taken(self, project_id: str, session_id: str) -> bool:
        store, io = self._conversations.store, self._conversations.io
        sessions = [*await io(store.sessions, project_id), *await io(store.trashed, project_id)]
        return any(session.session_id == session_id for session in sessions)


def _changing(changes: dict[str, Any]) -> Callable[[Session], Session]:
    def step(session: Session) -> Session:
        fields: dict[str, Any] = {key: (None if value == "" else value) for key, value in changes.items()}
        if "name" in fields:
            fields["titled"] = fields["name"] is not None
            fields["name"] = fields["name"] or dated_name(session.created_at)
        if "allowed_tools" in fields:
            fields["allowed_tools"] = tuple(one for one in session.allowed_tools if one in fields["allowed_tools"])
        return attrs.evolve(session, **fields)

    return step
