"""What an editor says that it shows. Diagnostics come from other servers and are read with patience."""

import asyncio
import logging
from typing import Any

from pygls.exceptions import JsonRpcException

from rejoinder.domain.conversation import Attachment, Place
from rejoinder.domain.editor_view import EditorView, Problem, Severity
from rejoinder.domain.errors import RejoinderError
from rejoinder.lsp.documents import ClientWorkspace, attachment_in, normalized
from rejoinder.lsp.positions import Encoding
from rejoinder.lsp.server import RejoinderServer
from rejoinder.protocol import methods, types
from rejoinder.protocol.converter import InvalidValue, structure
from rejoinder.protocol.handshake import EDITOR_CONTEXT_FEATURE

LOOK_SECONDS = 0.5
"""How long an editor that is asked what it shows is waited for."""

MOST_PROBLEMS = 100

_log = logging.getLogger(__name__)

_SEVERITIES: dict[Any, Severity] = {1: "error", 2: "warning", 3: "information", 4: "hint"}


async def look(server: RejoinderServer, workspace: ClientWorkspace, uri: str | None) -> EditorView:
    """Ask the editor: nothing comes of it if it never said that it answers, or does not answer in time."""
    handshake = server.client_handshake
    if handshake is None or EDITOR_CONTEXT_FEATURE not in handshake.features:
        return EditorView()
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            shown = await server.request_method(methods.EDITOR_CONTEXT, methods.EditorContextParams(uri=uri))
    except (TimeoutError, JsonRpcException, InvalidValue, ConnectionError) as error:
        _log.info("the editor does not tell what it shows: %r", error)
        return EditorView()
    return await view_in(shown, uri, workspace, server.position_encoding)


async def view_in(
    shown: methods.EditorContextResult, uri: str | None, workspace: ClientWorkspace, encoding: Encoding
) -> EditorView:
    """What makes sense of it.

    A diagnostic without a `uri` of its own is about the document in question, or the one that was used last.
    """
    about = uri or next(iter(shown.recent or ()), None)
    problems = (_problem(each, about) for each in (shown.diagnostics or ())[:MOST_PROBLEMS])
    return EditorView(
        problems=tuple(problem for problem in problems if problem is not None),
        visible=tuple(map(normalized, shown.visible or ())),
        recent=tuple(map(normalized, shown.recent or ())),
        selection=await _selection(shown.selection, workspace, encoding),
    )


def _problem(diagnostic: dict[str, Any], uri: str | None) -> Problem | None:
    where, message = diagnostic.get("uri", uri), diagnostic.get("message")
    if not isinstance(where, str) or not isinstance(message, str):
        return None
    try:
        span = structure(diagnostic.get("range"), types.Range)
    except InvalidValue:
        return None
    source = diagnostic.get("source")
    return Problem(
        uri=normalized(where),
        place=Place(span.start.line, span.start.character, span.end.line, span.end.character),
        message=message,
        severity=_SEVERITIES.get(diagnostic.get("severity"), "error"),
        source=source if isinstance(source, str) else None,
    )


async def _selection(
    wire: types.Attachment | None, workspace: ClientWorkspace, encoding: Encoding
) -> Attachment | None:
    try:
        return None if wire is None else await attachment_in(wire, workspace, encoding)
    except RejoinderError:
        return None  # the document has changed since, or is none that may be read
