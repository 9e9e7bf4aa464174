"""What becomes of a session's messages: reading pages, adding, clearing, forking, rolling back, the trash."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import ForkOrigin, Message, Project, Session, Usage
from rejoinder.domain.errors import NotFound, SessionBusy
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.titles import fork_name
from rejoinder.domain.tree import MessageTree
from rejoinder.domain.users import own_part
from rejoinder.services.conversations import Conversations
from rejoinder.services.drafting import MessageDraft, drafted
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.memories import Memories
from rejoinder.services.pictures import Pictures
from rejoinder.services.projects import Projects
from rejoinder.services.replacing import Replacing
from rejoinder.services.running import RunningTurns
from rejoinder.services.sessions import Sessions
from rejoinder.services.trash import Trash

PAGE = 50
LARGEST_PAGE = 500


@frozen
class PlacedMessage:
    """A message with all messages that share its parent, itself among them."""

    message: Message
    siblings: Sequence[str]


@frozen
class HistoryPage:
    """Messages of the active path, oldest first; `next_cursor` leads to older ones."""

    messages: list[PlacedMessage]
    next_cursor: str | None


class History:
    """The messages of all sessions. What is remembered, or added as knowledge, for one session goes with it."""

    def __init__(
        self,
        conversations: Conversations,
        sessions: Sessions,
        projects: Projects,
        running: RunningTurns,
        memories: Memories,
        knowledge: Knowledge,
    ) -> None:
        self._memories = memories
        self._knowledge = knowledge
        self._conversations = conversations
        self._sessions = sessions
        self._running = running
        self._pictures = Pictures(conversations)
        self.trash = Trash(conversations, sessions, projects, running, memories, knowledge)
        """Where sessions go."""
        self.replacing = Replacing(conversations, sessions, running, memories, knowledge)
        """What puts one in the place of another."""

    async def page(
        self,
        project_id: str,
        session_id: str,
        *,
        before: str | None = None,
        limit: int = PAGE,
        user_id: str | None = None,
    ) -> HistoryPage:
        """The latest messages, or those before the message with the ID `before`; with `user_id` of that user's part."""
        session = await self._sessions.get(project_id, session_id)
        if user_id is not None:
            return await self._own_page(session, user_id, before, min(max(limit, 1), LARGEST_PAGE))
        # one more than is shown: it tells that there is more, and what is stored after it has all siblings of the rest
        wanted = min(max(limit, 1), LARGEST_PAGE) + 1
        tree = await self._conversations.latest(session, wanted)
        path = _path(tree, session, before, wanted)
        if len(path) < wanted:
            tree = await self._conversations.tree(project_id, session_id)
            path = _path(tree, attrs.evolve(session, head=tree.end(session.head)), before, wanted)
            if before is not None and before not in tree:
                raise NotFound("message", before, hint="Ask without `before` for the latest messages.")
        older, page = (path[0], path[1:]) if len(path) == wanted else (None, path)
        placed = [PlacedMessage(message, tree.siblings(message)) for message in page]
        return HistoryPage(placed, page[0].message_id if older is not None else None)

    async def _own_page(self, session: Session, user_id: str, before: str | None, limit: int) -> HistoryPage:
        tree = await self._conversations.tree(session.project_id, session.session_id)
        own = own_part(tree.path(tree.end(session.head)), user_id)
        if before is not None:
            at = next((index for index, message in enumerate(own) if message.message_id == before), None)
            if at is None:
                raise NotFound("message", before, hint="Ask without `before` for the latest messages.")
            own = own[:at]
        page = own[-limit:]
        placed = [PlacedMessage(message, (message.message_id,)) for message in page]
        return HistoryPage(placed, page[0].message_id if len(own) > len(page) else None)

    async def add(self, project_id: str, session_id: str, drafts: Sequence[MessageDraft]) -> list[str]:
        """Put messages at the end of the active path; answers their IDs."""
        await self._sessions.get(project_id, session_id)
        # read first: where damage has taken the last message, another one is the end
        await self._conversations.tree(project_id, session_id)
        world = self._conversations.world
        added: list[Message] = []

        def hang(latest: Session) -> Sequence[Message]:
            self._refuse_while_running(project_id, session_id)
            added.extend(drafted(drafts, parent_id=latest.head, turn_id=world.new_id(), world=world))
            return added

        def step(latest: Session) -> Session:
            return attrs.evolve(latest, head=added[-1].message_id, message_count=latest.message_count + len(added))

        if drafts:
            await self._conversations.change(project_id, session_id, step, adding=hang, kind="message")
        return [message.message_id for message in added]

    async def clear(self, project_id: str, session_id: str, *, keep_system: bool = True) -> Session:
        """Forget all messages and what is remembered in the session alone, gone from the disk too.

        The system's messages stay unless told otherwise.
        """

        def step(session: Session, tree: MessageTree) -> tuple[Session, Sequence[Message]]:
            self._refuse_while_running(project_id, session_id)
            kept: list[Message] = []
            for message in tree.path(session.head) if keep_system else ():
                if message.role == "system":
                    kept.append(attrs.evolve(message, parent_id=kept[-1].message_id if kept else None))
            head = kept[-1].message_id if kept else None
            system = session.system if keep_system else None
            cleared = attrs.evolve(session, head=head, message_count=len(kept), system=system)
            return attrs.evolve(cleared, draft=None, waiting=None), kept

        async def clear() -> Session:
            cleared = await self._conversations.rewrite(project_id, session_id, step)
            await self._memories.session_gone(project_id, session_id)
            return cleared

        await self._sessions.get(project_id, session_id)
        return await self._conversations.unbroken(clear())

    async def rollback(self, project_id: str, session_id: str, message_id: str, *, latest: bool = False) -> Session:
        """Make a message the end of the active path. What came after it stays in the tree.

        `latest`: the end is what was stored last below the message.
        """
        await self._sessions.get(project_id, session_id)
        tree = await self._conversations.tree(project_id, session_id)
        if message_id not in tree:
            raise NotFound("message", message_id, hint="Name a message of this session's history.")

        end = tree.latest_below(message_id) if latest else message_id

        def step(session: Session) -> Session:
            self._refuse_while_running(project_id, session_id)
            return attrs.evolve(session, head=end, message_count=tree.depth(end))

        return await self._conversations.change(project_id, session_id, step)

    async def fork(
        self,
        project: Project,
        session_id: str,
        *,
        message_id: str | None = None,
        new_session_id: str | None = None,
        name: str | None = None,
        beginning: Sequence[MessageDraft] | None = None,
    ) -> Session:
        """Copy the path up to a message, or all of it, into a new session, which becomes the current one.

        The copies keep their message IDs: IDs are unique within a session. With `beginning` the new session holds
        that in the place of the path.
        """
        origin = await self._sessions.get(project.project_id, session_id)
        tree = await self._conversations.tree(project.project_id, session_id)
        if message_id is not None and message_id not in tree:
            raise NotFound("message", message_id, hint="Name a message of this session's history.")
        forked = tree.path(message_id or tree.end(origin.head))
        world = self._conversations.world
        path = forked if beginning is None else drafted(beginning, parent_id=None, turn_id=world.new_id(), world=world)
        if new_session_id is not None:
            check_id(new_session_id, "newSessionId")
        new = attrs.evolve(
            _copied(origin, path, world.now()),
            session_id=new_session_id or world.new_id(),
            name=name or fork_name(origin.name),
            forked_from=ForkOrigin(origin.session_id, forked[-1].message_id if forked else None),
        )
        return await self._conversations.unbroken(self._store_fork(origin, forked, new, path))

    async def delete(self, project_id: str, session_id: str, *, permanent: bool = False) -> None:
        """Move a session to the trash, or remove it for good. A turn that runs in it is stopped first.

        When it was the current one, the most recently used session of its scope takes its place.
        """
        await self.trash.delete(project_id, session_id, permanent=permanent)

    async def restore(self, project_id: str, session_id: str) -> Session:
        """Bring a session back from the trash."""
        return await self.trash.restore(project_id, session_id)

    async def empty_trash(self, days: int) -> int:
        """Remove for good what has been in the trash for longer; answers how many sessions went."""
        return await self.trash.empty(days)

    async def close(self) -> None:
        """Wait for what is still being stored."""
        await self._conversations.unbroken.close()

    async def _store_fork(
        self, origin: Session, forked: Sequence[Message], new: Session, path: Sequence[Message]
    ) -> Session:
        store, io = self._conversations.store, self._conversations.io
        known = await io(store.summaries, origin.project_id, origin.session_id)
        ids = {message.message_id for message in path}
        await self._sessions.store_new(new, path, summaries=[one for one in known if one.through in ids])
        await self._pictures.copy(origin, new, path)
        await self._memories.fork(origin, new, {message.message_id for message in forked}, ids)
        await self._knowledge.fork(origin, new)
        return await self._sessions.use(new)

    def _refuse_while_running(self, project_id: str, session_id: str) -> None:
        turn = self._running.of(project_id, session_id)
        if turn is not None:
            raise SessionBusy(turn.address.turn_id)


def _copied(origin: Session, path: Sequence[Message], now: datetime) -> Session:
    """A session's own fields for a copy of it that begins with these messages."""
    return attrs.evolve(
        origin,
        created_at=now,
        updated_at=now,
        message_count=len(path),
        head=path[-1].message_id if path else None,
        revision=0,
        draft=None,
        usage=Usage(),
        pinned=False,
        archived=False,
        allowed_tools=(),
        waiting=None,
    )


def _path(tree: MessageTree, session: Session, before: str | None, limit: int) -> list[Message]:
    """The last messages of the active path, or those before a message; none when the tree does not hold it."""
    if before is None:
        return tree.path(session.head, limit=limit)
    message = tree.get(before)
    return [] if message is None else tree.path(message.parent_id, limit=limit)
