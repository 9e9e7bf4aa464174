"""Hovers in transcripts: on a heading, on a place that an answer refers to, on a mention."""

import re
from collections.abc import Sequence

from lsprotocol import types as lsp

from rejoinder.domain.conversation import Attachment, Citation, Message, Place, Project
from rejoinder.domain.errors import RejoinderError
from rejoinder.domain.lines import lines_of
from rejoinder.domain.mentions import FileMention, Mention, SessionMention, SymbolMention, find_mentions
from rejoinder.domain.quoting import fenced, one_line
from rejoinder.domain.transcript import label_of
from rejoinder.lsp.client import Client
from rejoinder.lsp.open_transcripts import OpenTranscripts
from rejoinder.lsp.positions import offset_in
from rejoinder.lsp.transcript_places import message_at

_MOST_LINES = 30
_ITEM = re.compile(r"- (?P<label>.+)\Z")


def register(client: Client, transcripts: OpenTranscripts) -> None:
    """Serve `textDocument/hover`."""

    @client.server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        uri, at = params.text_document.uri, params.position
        document, one = client.workspace.opened(uri), await transcripts.opened(uri)
        lines = lines_of(document.source) if document is not None else []
        if document is None or one is None or at.line >= len(lines):
            return None
        line, project = lines[at.line], one.address.project
        text = await _mentioned(client, project, line, _column(client, line, at.character))
        found = message_at(document.source, at.line, one.messages) if text is None else None
        if found is not None:
            message, section = found
            is_heading = at.line == section.line
            text = _heading(message) if is_heading else await _listed(client, project, message, line)
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None


def _heading(message: Message) -> str:
    """Who said it when, and what it took."""
    when = message.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    rows = [f"**{message.role}** · {message.source} · {when}"]
    if message.model:
        rows.append(f"Model: {one_line(message.model)}")
    if (usage := message.usage) is not None:
        cost = f", ${usage.cost:.4f}" if usage.cost is not None else ""
        rows.append(f"{usage.input_tokens:,} + {usage.output_tokens:,} tokens{cost}, {usage.seconds:.1f} s")
    if message.stop_reason not in (None, "end_turn"):
        rows.append(f"Ended by: {message.stop_reason}")
    return "\n\n".join(rows)


async def _listed(client: Client, project: Project, message: Message, line: str) -> str | None:
    """What stands at a place that is listed below a message."""
    item = _ITEM.match(line)
    if item is None:
        return None
    for attachment in message.attachments:
        if one_line(label_of(attachment, project.folder_uri)) == item["label"]:
            return _quoted(attachment.text or "", attachment)
    for citation in message.citations:
        if one_line(citation.label) == item["label"]:
            return await _read(client, citation.uri, citation.place)
    return None


async def _mentioned(client: Client, project: Project, line: str, column: int) -> str | None:
    """What a mention under the cursor stands for."""
    word = next((found for found in re.finditer(r"\S+", line) if found.start() <= column < found.end()), None)
    mentions: Sequence[Mention] = find_mentions(word.group()) if word is not None else ()
    match next(iter(mentions), None):
        case FileMention(path, first, last):
            folder = project.folder_uri
            if folder is None:
                return None
            place = Place(first - 1, 0, last or first, 0) if first is not None else None
            return await _read(client, f"{folder}/{path}", place)
        case SessionMention(ref):
            try:
                session = await client.services.sessions.by_ref(project.project_id, ref)
            except RejoinderError as error:
                return error.message
            about = f"\n\n{session.description}" if session.description else ""
            return f"**{one_line(session.name)}** · {session.message_count} messages{about}"
        case SymbolMention(name):
            return await _symbol(client, project, name)
        case _:
            return None


async def _symbol(client: Client, project: Project, name: str) -> str | None:
    search = client.services.searches.get(project.project_id)
    if search is None:
        return None
    try:
        hits = await search.search(name, limit=1)
    except RejoinderError as error:
        return error.message
    return (
        _quoted(hits[0].text, Citation(hits[0].uri, hits[0].place, "")) if hits else "Nothing of this name was found."
    )


async def _read(client: Client, uri: str, place: Place | None) -> str:
    try:
        document = await client.workspace.read(uri)
    except RejoinderError as error:
        return f"{error.message} {error.hint}"
    lines = lines_of(document.text)
    if place is not None:
        lines = lines[place.start_line : max(place.end_line + (place.end_character > 0), place.start_line + 1)]
    return _quoted("\n".join(lines), Citation(uri, place or Place(0, 0, 0, 0), ""))


def _quoted(text: str, where: Attachment | Citation) -> str:
    lines = lines_of(text)
    more = f"\n\n… {len(lines) - _MOST_LINES} more lines" if len(lines) > _MOST_LINES else ""
    ending = where.uri.rpartition(".")[2]
    language = ending if re.fullmatch(r"[a-z0-9]{1,8}", ending) else ""
    return fenced("\n".join(lines[:_MOST_LINES]), language) + more


def _column(client: Client, line: str, character: int) -> int:
    try:
        return offset_in(line, character, client.encoding)
    except RejoinderError:
        return len(line)
