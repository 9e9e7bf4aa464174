"""Which configuration of memory or knowledge is in force: the session's, over what is set."""

from collections.abc import Awaitable, Callable
from typing import Literal

import attrs

from rejoinder.domain.conversation import Session
from rejoinder.domain.recall import RecallQuery
from rejoinder.domain.recall_config import RecallConfig


async def in_force(
    find: Callable[[str, str], Awaitable[Session]],
    project_id: str,
    session_id: str | None,
    kind: Literal["memory", "knowledge"],
    defaults: RecallConfig,
) -> RecallConfig:
    """The configuration for a request that names this session, or none; `find` raises SessionNotFound."""
    session = None if session_id is None else await find(project_id, session_id)
    return for_session(session, kind, defaults)


def for_session(session: Session | None, kind: Literal["memory", "knowledge"], defaults: RecallConfig) -> RecallConfig:
    """The same for a session that is known, or none."""
    said = None if session is None else (session.memory if kind == "memory" else session.knowledge)
    return defaults if said is None else said.over(defaults)


def asked(
    query: RecallQuery, *, memory: RecallConfig = RecallConfig(), knowledge: RecallConfig = RecallConfig()
) -> RecallQuery:
    """A query as these configurations have it: nothing of what is off, and all else by its provider."""
    off = {kind for kind, config in (("memory", memory), ("knowledge", knowledge)) if config.is_off}
    return attrs.evolve(query, kinds=query.kinds - off, how={"memory": memory, "knowledge": knowledge})
