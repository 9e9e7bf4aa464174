"""The session that a command is about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import say
from rejoinder_client.errors import Ambiguous, InvalidParams, NotFound, SessionNotFound

if TYPE_CHECKING:
    from rejoinder_client.client import Client, Session


def session_for(
    client: "Client", ref: str | None, *, go_on: bool = False, user_id: str | None = None
) -> "Session | None":
    """The session of a reference, made when it is an ID that none has; else the current one to go on with."""
    if ref is None:
        return client.open(user_id=user_id) if go_on else None
    try:
        return client.open(ref, user_id=user_id)
    except SessionNotFound as not_found:
        try:
            session = client.session(ref, user_id=user_id)
        except InvalidParams:
            hint = "`rejoinder session list` lists them, `rejoinder session create` makes one of any name."
            message = f"There is no session {ref!r}, and it is no ID to make one with: letters, digits and _.:@- alone."
            raise NotFound(message, hint=hint) from not_found
        say(f"(a new session: {ref})")
        return session


def new_session(client: "Client", name: str, *, user_id: str | None = None) -> "Session":
    """A new session; what can be an ID becomes its ID as well as its name. UsageError when a session has that ID."""
    try:
        taken = client.existing(name)
    except SessionNotFound:
        return client.session(name, user_id=user_id)
    except InvalidParams:
        # It is no ID.
        return client.session(name=name or None, user_id=user_id)
    raise UsageError(f"There is a session {taken.session_id!r} already.", hint=f"/resume {name} goes on with it.")


def pick(ref: str, known: Sequence[tuple[str, str]], where: str, *, listing: str) -> str:
    """The ID among IDs and names that a reference means: ID, unique name, or unique beginning of an ID.

    `listing` is the command that shows them. Raises NotFound and Ambiguous, as the server does for sessions.
    """
    for found in (
        [each for each in known if each[0] == ref],
        [each for each in known if each[1] == ref],
        [each for each in known if each[0].startswith(ref)],
    ):
        if len(found) == 1:
            return found[0][0]
        if found:
            candidates = [{"sessionId": each[0], "name": each[1]} for each in found]
            raise Ambiguous(f"{ref!r} fits several.", hint="Give one of the IDs.", data={"candidates": candidates})
    raise NotFound(f"Nothing {where} fits {ref!r}.", hint=f"`rejoinder {listing}` lists them.")
