"""A turn that somebody else began, or that an engine left waiting for a decision: shown to its end on a terminal."""

import contextlib
from collections.abc import Generator, Iterator

from rejoinder.protocol import sessions
from rejoinder.protocol.converter import unstructure
from rejoinder.protocol.updates import ChatUpdateParams, End, Update, UserMessage
from rejoinder_client.cli.failures import said, say_error
from rejoinder_client.cli.output import one_line, say
from rejoinder_client.cli.turn import Turn
from rejoinder_client.client import Client, Session
from rejoinder_client.errors import error_from_wire

_QUESTION_WIDTH = 100


def rejoin(client: Client, session: Session, turn: Turn) -> bool:
    """Show the turn that runs in a session, and ask about its calls; whether there was one. Ctrl-C stops it."""
    params = sessions.SessionOpenParams(session_id=session.session_id, project_id=session.info.project_id)
    running = client.request(sessions.SESSION_OPEN, params).running
    if running is None:
        client.request(
            sessions.SESSION_CLOSE,
            sessions.SessionParams(session_id=session.session_id, project_id=session.info.project_id),
        )
        return False
    say("A question is being answered here:")
    with contextlib.closing(session.follow()) as following:
        try:
            end = turn.watch(session, running.turn_id, _to_the_end(following, running.turn_id))
            if end is not None and end.error is not None:
                say_error(*said(error_from_wire(unstructure(end.error))))
        except KeyboardInterrupt:
            session.cancel(running.turn_id)
            say("\n(stopped)")
    return True


def _to_the_end(following: Generator[ChatUpdateParams, None, None], turn_id: str) -> Iterator[Update]:
    for each in following:
        if each.turn_id != turn_id:
            continue
        if isinstance(each.update, UserMessage):
            say(f"› {one_line(each.update.message.content, _QUESTION_WIDTH)}")
        yield each.update
        if isinstance(each.update, End):
            return
