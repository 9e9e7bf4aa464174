"""IDs: what may be one, and how a reference finds a session."""

import re
from collections.abc import Sequence
from unicodedata import normalize

from rejoinder.domain.conversation import Session
from rejoinder.domain.errors import Ambiguous, InvalidInput, SessionNotFound

ID_PATTERN = re.compile(r"[A-Za-z0-9_.:@-]{1,128}")
SHORTEST_PREFIX = 4


def check_id(value: str, key: str) -> str:
    """The value itself; InvalidInput when it is no ID."""
    if not ID_PATTERN.fullmatch(value):
        shown = value if len(value) <= 40 else value[:40] + "…"
        raise InvalidInput(
            f"{key}: {shown!r} is no ID.",
            hint="Use 1 to 128 of the characters A-Z a-z 0-9 _ . : @ -.",
            key=key,
        )
    return value


def find(ref: str, sessions: Sequence[Session]) -> Session:
    """The session that a reference means: exact ID, then unique name, then unique prefix of an ID.

    Raises SessionNotFound, or Ambiguous with the candidates.
    """
    exact = [session for session in sessions if session.session_id == ref]
    # one system writes é as one character, another as two
    name = normalize("NFC", ref)
    named = [one for one in sessions if name in (normalize("NFC", text) for text in (one.name, one.label) if text)]
    prefixed = [s for s in sessions if len(ref) >= SHORTEST_PREFIX and s.session_id.startswith(ref)]
    for found in (exact, named, prefixed):
        if len(found) == 1:
            return found[0]
        if found:
            raise Ambiguous(ref, [{"sessionId": s.session_id, "name": s.name} for s in found])
    raise SessionNotFound(ref)
