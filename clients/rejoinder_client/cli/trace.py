"""What stands behind an answer: what was looked up, what was sent, what it took."""

import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from rejoinder.protocol.converter import unstructure
from rejoinder.protocol.turns import PREVIEW, AskParams, PreviewParams, PreviewResult
from rejoinder.protocol.types import Hit, Usage
from rejoinder.protocol.updates import Context, End, Started, Text, Update
from rejoinder_client.cli.output import counted, one_line, print_json, printable, say, shown_place
from rejoinder_client.client import Client
from rejoinder_client.turns import Answer, TurnParams

_EXCERPT = 72


@attrs.define
class Trace:
    """What is seen of a turn as it goes by."""

    turn_id: str
    prompt: PreviewResult | None = None
    is_value: bool = False
    """Whether the answer is JSON, by a schema."""
    session_id: str = ""
    model: str = ""
    agent: str | None = None
    hits: list[Hit] = attrs.field(factory=list)
    text: str = ""
    end: End | None = None

    @property
    def answer(self) -> Answer:
        """The finished turn."""
        end = self.end or End("end_turn", Usage(), [])
        return Answer(
            text=self.text,
            citations=end.citations,
            usage=end.usage,
            stop_reason=end.stop_reason,
            message_id=end.message_id,
            turn_id=self.turn_id,
            session_id=self.session_id,
            model=self.model or None,
            agent=self.agent,
            json=self.value,
        )

    @property
    def value(self) -> Any:
        """The JSON that the answer is; None for any other, and for one that was cancelled."""
        return json.loads(self.text) if self.is_value and self.text else None

    def watch(self, updates: Iterable[Update]) -> Iterator[Update]:
        """The same updates, remembered as far as they belong here."""
        for update in updates:
            match update:
                case Started(model, session_id, agent):
                    self.model, self.session_id, self.agent = model, session_id, agent
                case Context(hits):
                    self.hits += hits
                case Text(text):
                    self.text += text
                case End():
                    self.end = update
            yield update


def prompt_of(client: Client, params: TurnParams) -> PreviewResult:
    """The prompt that a turn with these parameters would send."""
    shared = inspect.signature(PreviewParams).parameters.keys() - {"of", "turn_id"}
    given = {name: getattr(params, name) for name in shared if hasattr(params, name)}
    return client.request(PREVIEW, PreviewParams(of="ask" if isinstance(params, AskParams) else "chat", **given))


def say_trace(trace: Trace, folder: Path | None) -> None:
    """Tell what was looked up and what was sent, beside the command's result."""
    say("\nLooked up:" if trace.hits else "\nNothing was looked up.")
    for hit in trace.hits:
        place = (
            f"{hit.source} in session {hit.session_id}" if hit.session_id else shown_place(hit.uri, hit.range, folder)
        )
        say(f"  {hit.score:6.3f}  {place}  {one_line(' '.join(hit.text.split()), _EXCERPT)}")
    if trace.prompt is None:
        return
    sent = trace.prompt
    masked = f", {counted(sent.masked, 'secret')} masked" if sent.masked else ""
    say(f"\nSent: {counted(len(sent.messages), 'message')}, about {sent.tokens} of {sent.budget} tokens{masked}")
    for message in sent.messages:
        say(f"\n[{message.role}]\n{printable(message.content)}")


def say_metrics(trace: Trace) -> None:
    """Tell model, tokens, time and cost."""
    say(metrics(trace.model, trace.answer.usage))


def metrics(model: str, usage: Usage) -> str:
    """Model, tokens, time and cost in one line."""
    parts = [model, f"{usage.input_tokens} + {usage.output_tokens} tokens", f"{usage.seconds:.1f} s"]
    if usage.cost is not None:
        parts.append(f"${usage.cost:.4f}")
    return " · ".join(part for part in parts if part)


def print_value(trace: Trace) -> None:
    """Print the JSON that the answer is, and nothing else; of a cancelled one there is none."""
    if trace.text:
        print_json(trace.value)


def print_answer(trace: Trace, *, traced: bool) -> None:
    """Print the finished turn as JSON."""
    value: dict[str, object] = unstructure(trace.answer)
    if traced:
        value["trace"] = unstructure({"hits": trace.hits, "messages": trace.prompt.messages if trace.prompt else []})
    print_json(value)
