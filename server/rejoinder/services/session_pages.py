"""Sessions in pages: pinned ones first, then those that were used last."""

import re
from collections.abc import Iterable

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Scope, Session
from rejoinder.domain.errors import InvalidInput

PAGE = 50
LARGEST_PAGE = 1000
_CURSOR = re.compile(r"[01] [0-9]{10}\.[0-9]{6} [A-Za-z0-9_.:@-]{1,128}")


@frozen
class SessionPage:
    """Some sessions; `next_cursor` leads to those after them."""

    sessions: list[Session]
    next_cursor: str | None


@frozen(kw_only=True)
class SessionFilter:
    """Which sessions to list. `archived`: those alone, None for all; `query` looks at ID, name, label, description.

    `user_id` is who made them; None for anybody.
    """

    scope: Scope | None = None
    uri: str | None = None
    query: str | None = None
    archived: bool | None = False
    user_id: str | None = None

    def fits(self, session: Session) -> bool:
        """Whether a session is one of them."""
        return (
            (self.archived is None or session.archived == self.archived)
            and (self.scope is None or session.scope == self.scope)
            and self.user_id in (None, session.user_id)
            and (self.uri is None or session.uri == self.uri)
            and (not self.query or _mentions(session, self.query.casefold()))
        )


def in_order(sessions: Iterable[Session]) -> list[Session]:
    """Pinned ones first, then the newest."""
    return sorted(sessions, key=_order, reverse=True)


def page_of(sessions: Iterable[Session], cursor: str | None, limit: int) -> SessionPage:
    """A page of sessions that are in order, after the one that a cursor tells. Raises InvalidInput for no cursor."""
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise InvalidInput(
            f"cursor: {cursor[:40]!r} is none.", hint="Send the `nextCursor` of the page before.", key="cursor"
        )
    wanted = [session for session in sessions if cursor is None or _cursor(session) < cursor]
    limit = min(max(limit, 1), LARGEST_PAGE)
    page = wanted[:limit]
    return SessionPage(page, _cursor(page[-1]) if len(wanted) > limit else None)


def _order(session: Session) -> tuple[bool, float, str]:
    return (session.pinned, session.updated_at.timestamp(), session.session_id)


def _cursor(session: Session) -> str:
    """A place in the order of a list that holds when sessions come and go; it compares as the order does."""
    return f"{int(session.pinned)} {session.updated_at.timestamp():017.6f} {session.session_id}"


def _mentions(session: Session, query: str) -> bool:
    texts = (session.session_id, session.name, session.label, session.description)
    return any(query in text.casefold() for text in texts if text)
