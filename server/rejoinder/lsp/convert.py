"""Domain values to wire values and back. Positions are converted here, between code points and the client's units."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rejoinder.domain import conversation as domain
from rejoinder.domain import events
from rejoinder.domain.conversation import Place
from rejoinder.domain.errors import InvalidInput, RejoinderError
from rejoinder.domain.prompt import ModelInfo, ModelSettings, Prompt
from rejoinder.domain.recall import RecallStatus
from rejoinder.domain.retrieval import Hit, IndexStatus
from rejoinder.domain.snippets import Snippet
from rejoinder.lsp.convert_tools import calls_out, tool_out
from rejoinder.lsp.errors import to_wire_error
from rejoinder.lsp.positions import Encoding, range_of, units
from rejoinder.protocol import methods, types, updates
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.history import PlacedMessage


def time_out(moment: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usage_out(usage: domain.Usage) -> types.Usage:
    """Tokens, cost and seconds."""
    seconds, cached = round(usage.seconds, 3), usage.cached_tokens or None
    return types.Usage(usage.input_tokens, usage.output_tokens, seconds, usage.cost, cached)


def message_out(placed: PlacedMessage, encoding: Encoding) -> types.Message:
    """A message with its siblings; an only child names none."""
    message = placed.message
    return types.Message(
        message_id=message.message_id,
        turn_id=message.turn_id,
        role=message.role,
        source=message.source,
        content=message.content,
        created_at=time_out(message.created_at),
        parent_id=message.parent_id,
        attachments=[attachment_out(item, encoding) for item in message.attachments] or None,
        citations=citations_out(message.citations) or None,
        tool_calls=calls_out(message.tool_calls),
        model=message.model,
        usage=usage_out(message.usage) if message.usage else None,
        stop_reason=message.stop_reason,
        siblings=list(placed.siblings) if len(placed.siblings) > 1 else None,
        agent=message.agent,
    )


def attachment_out(attachment: domain.Attachment, encoding: Encoding) -> types.Attachment:
    """An attachment with the text that the model saw."""
    place = attachment.place
    return types.Attachment(
        uri=attachment.uri,
        range=range_of(place, attachment.text or "", encoding, attachment.before) if place else None,
        version=attachment.version,
        text=attachment.text,
        mime_type=attachment.mime_type,
        hash=attachment.digest,
    )


def citations_out(citations: Iterable[domain.Citation]) -> list[types.Citation]:
    """Citations take in whole lines or passages that begin and end at them: no units to convert."""
    return [types.Citation(c.uri, _plain_range(c.place), c.label, c.message_id) for c in citations]


def hit_out(hit: Hit, encoding: Encoding) -> types.Hit:
    """A passage."""
    return types.Hit(
        uri=hit.uri,
        range=range_of(hit.place, hit.text, encoding),
        text=hit.text,
        score=hit.score,
        source=hit.source,
        parts=hit.parts,
        scope=hit.scope,
        session_id=hit.session_id,
        message_id=hit.message_id,
        project_id=hit.project_id,
        session_name=hit.session_name,
        archived=hit.archived,
        role=hit.role,
        created_at=time_out(hit.created_at) if hit.created_at else None,
        snippet=_snippet_out(hit.snippet, encoding) if hit.snippet else None,
    )


def _snippet_out(snippet: Snippet, encoding: Encoding) -> types.Snippet:
    """A line with its marks."""
    text = snippet.text
    marks = [types.Mark(units(text[:start], encoding), units(text[:end], encoding)) for start, end in snippet.marks]
    return types.Snippet(text, marks)


def event_out(event: events.TurnEvent, encoding: Encoding) -> updates.Update:
    """One update of a turn."""
    match event:
        case events.TurnStarted(model, session_id, agent):
            return updates.Started(model, session_id, agent)
        case events.UserMessageTaken(message, siblings):
            return updates.UserMessage(message_out(PlacedMessage(message, siblings), encoding))
        case events.TextPart(text):
            return updates.Text(text)
        case events.ThoughtPart(text):
            return updates.Thought(text)
        case events.StatusChanged(message):
            return updates.Status(message)
        case events.ContextFound(hits):
            return updates.Context([hit_out(hit, encoding) for hit in hits])
        case events.CitationAdded(citation):
            return updates.CitationFound(citations_out([citation])[0])
        case events.ToolCalled(call_id, name, args, needs_approval):
            return updates.ToolCallStarted(call_id, name, args, needs_approval)
        case events.ToolProgress(call_id, progress, output, args):
            return updates.ToolUpdate(call_id, progress, output, args)
        case events.ApprovalWanted(call_id):
            return updates.Approval(call_id)
        case events.UsageKnown(usage):
            return updates.UsageUpdate(usage_out(usage))
        case events.TurnEnded():
            return _end_out(event)


def _end_out(event: events.TurnEnded) -> updates.End:
    return updates.End(
        stop_reason=event.stop_reason,
        usage=usage_out(event.usage),
        citations=citations_out(event.citations),
        message_id=event.message_id,
        error=_error_out(event.error) if event.error else None,
    )


def _error_out(error: RejoinderError) -> updates.ErrorInfo:
    code, message, data = to_wire_error(error)
    return updates.ErrorInfo(code, message, data)


def result_out(result: events.TurnResult) -> methods.TurnResult:
    """A finished turn."""
    return methods.TurnResult(
        session_id=result.session_id,
        turn_id=result.turn_id,
        message_id=result.message_id,
        text=result.text,
        stop_reason=result.stop_reason,
        usage=usage_out(result.usage),
        citations=citations_out(result.citations),
        model=result.model,
        json=result.json,
        agent=result.agent,
    )


def prompt_out(prompt: Prompt, encoding: Encoding) -> methods.PreviewResult:
    """A prompt as it would be sent."""
    return methods.PreviewResult(
        messages=[
            methods.PromptMessage(
                m.role,
                m.content,
                hit_out(m.origin, encoding) if m.origin else None,
                [methods.PromptImage(one.mime_type, one.digest, len(one.data)) for one in m.images] or None,
                calls_out(m.calls),
            )
            for m in prompt.messages
        ],
        tokens=prompt.tokens,
        budget=prompt.budget,
        masked=prompt.masked,
        tools=[tool_out(spec, enabled=True) for spec in prompt.tools] or None,
    )


def settings_in(settings: methods.ModelSettings | None) -> ModelSettings:
    """What one call sets."""
    if settings is None:
        return ModelSettings()
    return ModelSettings(
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        effort=settings.effort,
        top_p=settings.top_p,
        seed=settings.seed,
        stop=tuple(settings.stop or ()),
    )


def draft_in(message: types.NewMessage, attachments: tuple[domain.Attachment, ...], user_id: str) -> MessageDraft:
    """A message given by hand. Raises InvalidInput for a time that is not RFC 3339."""
    return MessageDraft(
        role=message.role,
        content=message.content,
        source=message.source or "manual",
        created_at=time_in(message.created_at) if message.created_at else None,
        attachments=attachments,
        user_id=user_id,
    )


def time_in(text: str, key: str = "createdAt") -> datetime:
    """A moment from RFC 3339, in UTC. Raises InvalidInput that names the key, also for one without a zone."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{key}: {text[:40]!r} is no time.", hint="Send one such as `2024-05-06T07:08:09Z`.", key=key
        ) from None


def model_out(info: ModelInfo) -> methods.ModelInfo:
    """A model that can be chosen."""
    return methods.ModelInfo(
        id=info.id,
        provider=info.provider,
        label=info.label,
        vision=info.vision,
        tools=info.tools,
        configured=info.configured,
        local=info.local,
        context_tokens=info.context_tokens,
    )


def status_out(
    status: IndexStatus, *, project_id: str | None = None, recall: RecallStatus | None = None
) -> methods.IndexStatus:
    """How far an index is."""
    return methods.IndexStatus(
        state=status.state,
        files=status.files,
        chunks=status.chunks,
        done=status.done,
        total=status.total,
        model=status.model,
        dimension=status.dimension,
        bytes=status.size,
        errors=[methods.IndexFault(fault.uri, fault.reason) for fault in status.faults],
        project_id=project_id,
        seconds_left=status.seconds_left,
        recall=None if recall is None else _recall_out(recall),
    )


def _recall_out(status: RecallStatus) -> methods.RecallStatus:
    return methods.RecallStatus(
        passages=status.passages,
        embedded=status.embedded,
        waiting=status.waiting,
        model=status.model,
        dimension=status.dimension,
        bytes=status.size,
        memory=status.memory,
        errors=list(status.faults),
    )


def project_out(project: domain.Project, *, sessions: int) -> methods.Project:
    """A project."""
    return methods.Project(
        project_id=project.project_id,
        name=project.name,
        paths=list(project.paths),
        sessions=sessions,
        trusted=project.trusted,
        created_at=time_out(project.created_at),
    )


def _plain_range(place: Place) -> types.Range:
    return types.Range(
        types.Position(place.start_line, place.start_character), types.Position(place.end_line, place.end_character)
    )
