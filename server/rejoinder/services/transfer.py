"""Sessions as a file's text and back: JSON without loss, Markdown for people.

The JSON form is `{"format": "rejoinder-sessions", "version": 1, "sessions": [{"session", "messages", "state"}]}`,
whose documents are those of the store. A plain list of `{"role", "content"}` comes in as one new session.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
import orjson

from rejoinder.domain.conversation import Message, Project, Session
from rejoinder.domain.documents import decode_message, decode_session, encode_message, encode_session
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.identifiers import ID_PATTERN
from rejoinder.domain.titles import dated_name, title_of
from rejoinder.domain.tree import MessageTree
from rejoinder.services.conversations import Conversations
from rejoinder.services.drafting import MessageDraft, drafted
from rejoinder.services.fitting import misfits
from rejoinder.services.sessions import Sessions

FORMAT = "rejoinder-sessions"
VERSION = 1
T = TypeVar("T")
_ROLES = {"system", "user", "assistant", "tool"}


@attrs.frozen
class Parcel:
    """A session on its way in or out."""

    session: Session
    messages: Sequence[Message]
    state: dict[str, Any]


@attrs.frozen
class ImportReport:
    """What came in, or would; `skipped` sessions were there already."""

    sessions: int
    messages: int
    skipped: int


class Transfer:
    """Export and import."""

    def __init__(self, conversations: Conversations, sessions: Sessions) -> None:
        self._conversations = conversations
        self._sessions = sessions

    async def export_json(self, project_id: str, session_ids: Sequence[str] | None) -> str:
        """Sessions with everything that belongs to them; all of the project's when none is named."""
        parcels = [await self._parcel(session) for session in await self._chosen(project_id, session_ids)]
        content = {
            "format": FORMAT,
            "version": VERSION,
            "sessions": [
                {
                    "session": encode_session(parcel.session),
                    "messages": [encode_message(message) for message in parcel.messages],
                    "state": parcel.state,
                }
                for parcel in parcels
            ],
        }
        return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()

    async def export_markdown(self, project_id: str, session_ids: Sequence[str] | None) -> str:
        """The active paths for people to read."""
        texts = []
        for session in await self._chosen(project_id, session_ids):
            path = (await self._stored(session)).path(session.head)
            turns = [f"## {message.role.capitalize()}\n\n{message.content}" for message in path]
            texts.append("\n\n".join([f"# {session.name}", *turns]))
        return "\n\n".join(texts) + "\n"

    async def import_json(self, project: Project, content: str, *, dry_run: bool = False) -> ImportReport:
        """Bring sessions in. One whose ID is taken is left as it is and counted as skipped.

        Everything is read before anything is stored: a file that is not whole changes nothing. Raises InvalidInput
        that says what is wrong with it.
        """
        parcels = self._read(project, content)
        trashed = await self._conversations.io(self._conversations.store.trashed, project.project_id)
        taken = {session.session_id for session in [*await self._sessions.all(project.project_id), *trashed]}
        new = []
        for parcel in parcels:
            if parcel.session.session_id not in taken:
                taken.add(parcel.session.session_id)
                new.append(parcel)
        if not dry_run:
            for parcel in new:
                await self._store(parcel)
        return ImportReport(len(new), sum(len(parcel.messages) for parcel in new), len(parcels) - len(new))

    async def _chosen(self, project_id: str, session_ids: Sequence[str] | None) -> list[Session]:
        if session_ids is None:
            return await self._sessions.all(project_id)
        return [await self._sessions.get(project_id, session_id) for session_id in session_ids]

    async def _parcel(self, session: Session) -> Parcel:
        tree = await self._stored(session)
        return Parcel(session, tree.all(), await self._sessions.state(session.project_id, session.session_id))

    async def _stored(self, session: Session) -> MessageTree:
        """The messages as they are on disk, where secrets are masked; those in memory may hold them still."""
        messages = await self._conversations.io(
            self._conversations.store.messages, session.project_id, session.session_id
        )
        return MessageTree(messages)

    async def _store(self, parcel: Parcel) -> None:
        session = parcel.session
        await self._conversations.create(session, parcel.messages)
        if parcel.state:
            await self._sessions.set_state(session.project_id, session.session_id, parcel.state, replace=True)

    def _read(self, project: Project, content: str) -> list[Parcel]:
        try:
            value = orjson.loads(content)
        except ValueError as exc:
            raise _unreadable(f"it is no JSON ({exc})") from None
        if isinstance(value, list):
            return [self._plain(project, value)]
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise _unreadable(f"it is neither of the format {FORMAT!r} nor a list of messages")
        if value.get("version") != VERSION:
            raise _unreadable(f"its version is {value.get('version')!r} and this program knows {VERSION}")
        sessions = value.get("sessions")
        if not isinstance(sessions, list):
            raise _unreadable("it has no list of sessions")
        return [_parcel_in(project, number, item) for number, item in enumerate(sessions)]

    def _plain(self, project: Project, items: list[Any]) -> Parcel:
        """A list of `{role, content}`, as many programs write it."""
        drafts = [_draft(number, item) for number, item in enumerate(items)]
        world = self._conversations.world
        now = world.now()
        messages = drafted(drafts, parent_id=None, turn_id=world.new_id(), world=world)
        first = next((draft.content for draft in drafts if draft.role == "user"), "")
        session = Session(
            session_id=world.new_id(),
            project_id=project.project_id,
            name=title_of(first) or dated_name(now),
            titled=True,
            scope="workspace",
            created_at=now,
            updated_at=now,
            head=messages[-1].message_id if messages else None,
            message_count=len(messages),
        )
        return Parcel(session, messages, {})


def _parcel_in(project: Project, number: int, item: Any) -> Parcel:
    def read() -> Parcel:
        session = attrs.evolve(decode_session(item["session"]), project_id=project.project_id, deleted_at=None)
        messages = [decode_message(message) for message in item["messages"]]
        for part, declared in [(session, Session), *((message, Message) for message in messages)]:
            if (wrong := next(misfits(part, declared), None)) is not None:
                raise ValueError(f"{wrong} of a {declared.__name__.lower()}")
        if not ID_PATTERN.fullmatch(session.session_id):
            raise ValueError(f"{session.session_id[:40]!r} is no session ID")
        return Parcel(_at_its_end(session, MessageTree(messages)), messages, dict(item.get("state") or {}))

    return _reading(f"session {number}", read)


def _at_its_end(session: Session, tree: MessageTree) -> Session:
    """The session with a head that is there and a count that is right, whatever the file says."""
    last = tree.all()[-1].message_id if len(tree) else None
    head = session.head if session.head is not None and session.head in tree else last
    return attrs.evolve(session, head=head, message_count=tree.depth(head))


def _draft(number: int, item: Any) -> MessageDraft:
    def read() -> MessageDraft:
        if item["role"] not in _ROLES or not isinstance(item["content"], str):
            raise ValueError("role or content")
        return MessageDraft(role=item["role"], content=item["content"], source="import")

    return _reading(f"message {number}", read)


def _reading(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise _unreadable(f"{what} is not as it should be ({type(exc).__name__}: {exc})") from None


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(f"content: {why}.", hint="Send a file that `session/export` wrote.", key="content")
