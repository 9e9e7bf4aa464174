"""What a session belongs to, and the name under which a project remembers the current one of that."""

from rejoinder.domain.conversation import DEFAULT_USER, Project, Scope, Session
from rejoinder.services.projects import NO_PROJECT


def key_of(session: Session) -> str:
    """The name under which a project remembers a session as a current one."""
    return scope_key(session.scope, session.uri, session.user_id)


def scope_key(scope: Scope, uri: str | None, user_id: str) -> str:
    """The name under which a project remembers the current session of a user's scope."""
    key = f"file:{uri}" if scope == "file" and uri else scope
    return key if user_id == DEFAULT_USER else f"{key} of {user_id}"


def scope_in(project: Project, scope: Scope, uri: str | None) -> Scope:
    """Outside of any folder there is one scope only; where no file is meant, that of the folder."""
    if project.project_id == NO_PROJECT:
        return "none"
    return "workspace" if scope == "file" and uri is None else scope
