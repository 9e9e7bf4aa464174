"""An answer with its calls as Markdown, for people."""

from rejoinder.domain.conversation import Message, ToolCall
from rejoinder.domain.quoting import code_span, fenced
from rejoinder.domain.tool_messages import args_text


def answer_markdown(message: Message) -> str:
    """A message's text with its calls, each where it was made."""
    if not message.tool_calls:
        return message.content
    parts: list[str] = []
    told = 0
    for call in message.tool_calls:
        parts += [message.content[told : call.at], _call_markdown(call)]
        told = max(told, call.at)
    parts.append(message.content[told:])
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _call_markdown(call: ToolCall) -> str:
    line = f"**Tool** {code_span(f'{call.name}({args_text(call)})')}: {call.status}"
    return line if not call.output else f"{line}\n\n{fenced(call.output)}"
