"""Tool calls as people read them: one line, or the exact call, and what came of it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rejoinder_client.cli.output import counted, one_line

CALL_WIDTH = 110
_OUTCOME_WIDTH = 90


def call_line(name: str, args: Mapping[str, Any]) -> str:
    """`→ read_file(path="calc.py")`, cut where it is too long."""
    given = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in args.items())
    return one_line(f"→ {name}({given})", CALL_WIDTH)


def outcome_line(status: str, output: str | None) -> str:
    """What came of a call: how much it answered, or why it did not."""
    text = output or ""
    if status != "done":
        reason = one_line(" ".join(text.split()), _OUTCOME_WIDTH)
        return f"  {status}: {reason}" if reason else f"  {status}"
    lines = text.strip().splitlines()
    if len(lines) > 1:
        return f"  {counted(len(lines), 'line')}"
    return f"  {one_line(lines[0].strip(), _OUTCOME_WIDTH)}" if lines else "  done"


def exact_call(name: str, args: Mapping[str, Any]) -> list[str]:
    """The call with every argument in full, a text of several lines as such. Nothing in it can steer the terminal."""
    lines = [one_line(name, CALL_WIDTH)]
    for key, value in args.items():
        if isinstance(value, str) and "\n" in value.strip():
            lines.append(f"  {_visible(key)}:")
            lines += [f"    | {_visible(line)}" for line in value.splitlines()]
        else:
            lines.append(f"  {_visible(key)}: {_visible(json.dumps(value, ensure_ascii=False))}")
    return lines


def _visible(text: str) -> str:
    """The text with a code for each character that is not seen, such as one that turns the direction of writing."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def shown_calls(calls: Iterable[Any]) -> list[str]:
    """The calls of a message that is stored."""
    return [
        line for call in calls for line in (call_line(call.name, call.args), outcome_line(call.status, call.output))
    ]
