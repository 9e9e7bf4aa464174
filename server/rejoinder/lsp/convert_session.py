"""Sessions on their way to a client."""

from collections.abc import Iterable

from rejoinder.domain import conversation as domain
from rejoinder.engine.subscriptions import ChangeKind
from rejoinder.lsp.convert import time_out, usage_out
from rejoinder.lsp.recall_settings import knowledge_out, memory_out
from rejoinder.protocol import methods, types


def changed_out(session: domain.Session, kind: ChangeKind) -> methods.SessionChangedParams:
    """What became of a session."""
    return methods.SessionChangedParams(
        session.project_id,
        session.session_id,
        "updated" if kind == "rewritten" else kind,
        session.revision,
        rewritten=kind == "rewritten" or None,
    )


def session_out(session: domain.Session, *, current: Iterable[str]) -> types.Session:
    """A session; `current` are the IDs of the current ones."""
    origin = session.forked_from
    return types.Session(
        session_id=session.session_id,
        project_id=session.project_id,
        name=session.name,
        scope=session.scope,
        current=session.session_id in current,
        pinned=session.pinned,
        archived=session.archived,
        created_at=time_out(session.created_at),
        updated_at=time_out(session.updated_at),
        message_count=session.message_count,
        revision=session.revision,
        metadata=session.metadata,
        usage=usage_out(session.usage),
        label=session.label,
        description=session.description,
        uri=session.uri,
        draft=session.draft,
        model=session.model,
        system=session.system,
        forked_from=types.ForkOrigin(origin.session_id, origin.message_id) if origin else None,
        user_id=None if session.user_id == domain.DEFAULT_USER else session.user_id,
        memory=memory_out(session.memory),
        knowledge=knowledge_out(session.knowledge),
        allowed_tools=list(session.allowed_tools) or None,
        head=session.head,
    )
