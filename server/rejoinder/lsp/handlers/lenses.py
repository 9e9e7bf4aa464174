"""Code lenses, in transcripts alone: nobody's code is cluttered."""

from collections.abc import Sequence

from lsprotocol import types as lsp

from rejoinder.domain.conversation import Message
from rejoinder.domain.transcript import question, sections
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.code_actions import command, decisions
from rejoinder.lsp.open_transcripts import OpenTranscripts
from rejoinder.protocol import methods


def register(client: Client, transcripts: OpenTranscripts) -> None:
    """Serve `textDocument/codeLens`."""

    @client.server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        uri = params.text_document.uri
        document, one = client.workspace.opened(uri), await transcripts.opened(uri)
        if document is None or one is None:
            return []
        text, here = document.source, methods.TranscriptParams(uri=uri)
        headings = sections(text)
        last = headings[-1].line if headings else 0
        found: list[lsp.Command] = []
        if one.turn is not None:
            found += [command(title, methods.TRANSCRIPT_DECIDE, asked) for title, asked in decisions(one)]
            found.append(command("Stop", methods.TRANSCRIPT_STOP, here))
        elif (question(text) or "").strip():
            found.append(command("Send", methods.TRANSCRIPT_SEND, here))
        if one.turn is None and one.messages:
            again = methods.TranscriptRegenerateParams(uri=uri)
            found.append(command("Answer anew", methods.TRANSCRIPT_REGENERATE, again))
        found.append(command(_about(one.messages), methods.TRANSCRIPT_MODEL, here))
        start = lsp.Position(last, 0)
        return [lsp.CodeLens(lsp.Range(start, start), one_command) for one_command in found]


def _about(messages: Sequence[Message]) -> str:
    """The model of the last answer, and the tokens of all."""
    model = next((one.model for one in reversed(messages) if one.model), None)
    tokens = sum(one.usage.tokens for one in messages if one.usage)
    return f"{model or 'Model'} · {tokens:,} tokens" if tokens else model or "Model"
