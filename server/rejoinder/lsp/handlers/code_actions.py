"""Code actions for editors that have nothing else to begin with: what can be asked here, and done in a transcript."""

from typing import Any

import attrs
from lsprotocol import types as lsp

from rejoinder.domain.transcript import question
from rejoinder.lsp.choices import DECISIONS
from rejoinder.lsp.client import Client
from rejoinder.lsp.mentioning import is_cursor
from rejoinder.lsp.open_transcripts import OpenTranscripts
from rejoinder.lsp.transcript_places import has_block
from rejoinder.lsp.transcripts import OpenTranscript
from rejoinder.protocol import methods, types
from rejoinder.protocol.converter import unstructure
from rejoinder.protocol.method import Method

KIND = "rejoinder"
"""Of all actions but the one that mends."""


def register(client: Client, transcripts: OpenTranscripts) -> None:
    """Serve `textDocument/codeAction`. Nothing is looked up for it: some editors ask at every move of the cursor."""
    options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, KIND])

    @client.server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    async def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction | lsp.Command]:
        if params.context.trigger_kind == lsp.CodeActionTriggerKind.Automatic:
            return []  # so that no light shines at every line
        uri = params.text_document.uri
        is_transcript = transcripts.is_transcript(uri)
        found = _in_transcript(client, await transcripts.opened(uri), params) if is_transcript else _in_code(params)
        wanted = [one for one in found if _is_wanted(one, params.context.only)]
        return [*wanted] if _takes_literals(client) else [one.command for one in wanted if one.command is not None]


def action(title: str, method: Method[Any, Any], params: Any, kind: str = KIND) -> lsp.CodeAction:
    """An action that is a command of ours."""
    return lsp.CodeAction(title=title, kind=kind, command=command(title, method, params))


def command(title: str, method: Method[Any, Any], params: Any) -> lsp.Command:
    """A method of ours as a command."""
    return lsp.Command(title=title, command=method.command, arguments=[unstructure(params)])


def _in_code(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """What is asked is answered in the conversation; what is to be changed is changed where it stands."""
    uri, at = params.text_document.uri, params.range
    lines = types.Range(
        types.Position(at.start.line, at.start.character), types.Position(at.end.line, at.end.character)
    )
    what = "this file" if is_cursor(lines) else "the selected lines"
    problems = [f"line {one.range.start.line + 1}: {one.message}" for one in params.context.diagnostics]

    def ask(title: str, name: Any) -> lsp.CodeAction:
        asked = methods.TranscriptAskParams(uri=uri, range=lines, action=name)
        return action(f"Rejoinder: {title}", methods.TRANSCRIPT_ASK, asked)

    def change(title: str, name: Any, kind: str = KIND) -> lsp.CodeAction:
        told = problems if name == "fix" and problems else None
        asked = methods.TranscriptEditParams(uri=uri, range=lines, action=name, problems=told)
        return action(f"Rejoinder: {title}", methods.TRANSCRIPT_EDIT, asked, kind)

    return [
        ask(f"Ask about {what}…", None),
        ask(f"Explain {what}", "explain"),
        change(f"Fix {what}", "fix", lsp.CodeActionKind.QuickFix.value),
        ask(f"Write tests for {what}", "test"),
        change(f"Document {what}", "document"),
        action("Rejoinder: Open the chat", methods.TRANSCRIPT_OPEN, methods.TranscriptOpenParams(uri=uri)),
    ]


def _in_transcript(client: Client, one: OpenTranscript | None, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    uri = params.text_document.uri
    document = client.workspace.opened(uri)
    text, here = document.source if document else "", methods.TranscriptParams(uri=uri)
    found: list[lsp.CodeAction] = []
    if one is not None and one.turn is not None:
        found += [action(f"Rejoinder: {title}", methods.TRANSCRIPT_DECIDE, asked) for title, asked in decisions(one)]
        found.append(action("Rejoinder: Stop", methods.TRANSCRIPT_STOP, here))
    elif (question(text) or "").strip():
        found.append(attrs.evolve(action("Rejoinder: Send", methods.TRANSCRIPT_SEND, here), is_preferred=True))
    if has_block(text, params.range.start.line):
        block = methods.TranscriptApplyParams(uri=uri, line=params.range.start.line)
        found.append(action("Rejoinder: Apply this code block", methods.TRANSCRIPT_APPLY, block))
    if one is not None and one.turn is None and one.messages:
        again = methods.TranscriptRegenerateParams(uri=uri)
        found.append(action("Rejoinder: Answer the last question anew", methods.TRANSCRIPT_REGENERATE, again))
    new = methods.TranscriptOpenParams(uri=uri, new=True)
    return [*found, action("Rejoinder: Begin a new conversation", methods.TRANSCRIPT_OPEN, new)]


def decisions(one: OpenTranscript) -> list[tuple[str, methods.TranscriptDecideParams]]:
    """What can be decided about the first call that waits."""
    call = next(iter(one.waiting), None)
    if call is None:
        return []
    return [
        (f"{title}: {call.name}", methods.TranscriptDecideParams(uri=one.uri, call_id=call.call_id, decision=decision))
        for title, decision in DECISIONS.items()
    ]


def _is_wanted(one: lsp.CodeAction, only: Any) -> bool:
    """Whether it is of one of the kinds that were asked for, each of which takes in those below it."""
    kind = str(one.kind)
    return only is None or any(not each or kind == each or kind.startswith(f"{each}.") for each in map(_text, only))


def _text(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _takes_literals(client: Client) -> bool:
    document = client.server.client_capabilities.text_document
    return bool(document and document.code_action and document.code_action.code_action_literal_support)
