"""Changes of documents that an editor is asked to make."""

from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from rejoinder.domain.edits import Change, place_in
from rejoinder.lsp.client import Client
from rejoinder.lsp.positions import Encoding, units
from rejoinder.lsp.showing import tell
from rejoinder.protocol import methods
from rejoinder.protocol.converter import unstructure
from rejoinder.protocol.types import Position, Range

_MARK = "rejoinder"


async def apply_change(client: Client, uri: str, text: str, change: Change, *, version: int | None) -> bool:
    """Have an open document changed, whose text is given; whether the editor did. Raises JsonRpcException."""
    place = Range(_position(text, change.start, client.encoding), _position(text, change.end, client.encoding))
    edit = methods.TextDocumentEdit(methods.VersionedDocument(uri, version), [methods.TextEdit(place, change.text)])
    return await _apply(client, unstructure(methods.WorkspaceEdit([edit])))


async def offer(client: Client, made: methods.EditResult) -> None:
    """Have an edit made that a user wants to look at first, where the editor can show it; and say what came of it."""
    try:
        accepted = await _apply(client, _to_confirm(client, unstructure(made.edit), made.explanation))
    except JsonRpcException:
        accepted = False
    if accepted:
        tell(client, made.explanation)
    else:
        tell(client, "The editor did not make the change.", lsp.MessageType.Warning)


async def _apply(client: Client, edit: dict[str, Any]) -> bool:
    """Without a label, which some show each time."""
    result = await client.server.protocol.send_request_async(lsp.WORKSPACE_APPLY_EDIT, {"edit": _for(client, edit)})
    return bool(result.applied)


def _position(text: str, offset: int, encoding: Encoding) -> Position:
    """A place in a text that may be long, without a look at each of its lines."""
    if "\r" in text:
        place = place_in(text, Change(offset, offset, ""))
        line, start = place.start_line, offset - place.start_character
    else:
        line, start = text.count("\n", 0, offset), text.rfind("\n", 0, offset) + 1
    return Position(line, units(text[start:offset], encoding))


def _to_confirm(client: Client, edit: dict[str, Any], label: str) -> dict[str, Any]:
    """The edit marked as one to be confirmed, for editors that know such marks."""
    workspace = client.server.client_capabilities.workspace
    offered = workspace.workspace_edit if workspace else None
    if offered is None or offered.change_annotation_support is None:
        return edit
    for change in edit["documentChanges"]:
        for one in change.get("edits", [change]):
            one["annotationId"] = _MARK
    return {**edit, "changeAnnotations": {_MARK: {"label": label, "needsConfirmation": True}}}


def _for(client: Client, edit: dict[str, Any]) -> dict[str, Any]:
    """The edit in the form that the editor takes: one without versions where it knows no other."""
    workspace = client.server.client_capabilities.workspace
    offered = workspace.workspace_edit if workspace else None
    if offered is not None and offered.document_changes:
        return edit
    changes: dict[str, list[Any]] = {}
    for change in edit["documentChanges"]:
        if "edits" in change:
            changes.setdefault(change["textDocument"]["uri"], []).extend(change["edits"])
    return {"changes": changes}
