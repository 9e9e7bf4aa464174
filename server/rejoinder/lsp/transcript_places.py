"""What stands at a line of an open transcript."""

from collections.abc import Sequence

from rejoinder.domain.code_blocks import code_blocks
from rejoinder.domain.conversation import Message
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.lines import lines_of
from rejoinder.domain.transcript import Section, sections


def section_at(text: str, line: int) -> tuple[int, Section] | None:
    """The section that a line belongs to, with its number from 0."""
    found = enumerate(sections(text))
    return next(((number, one) for number, one in found if one.line <= line < one.end), None)


def message_at(text: str, line: int, messages: Sequence[Message]) -> tuple[Message, Section] | None:
    """The message of a line, as far as the user has left its section what it was; None for what is not sent yet."""
    found = section_at(text, line)
    if found is None or found[0] >= len(messages):
        return None
    number, section = found
    message = messages[number]
    same = message.content.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return (message, section) if section.text.startswith(same) and message.role == section.speaker else None


def block_at(text: str, line: int, messages: Sequence[Message]) -> tuple[Message, int]:
    """The answer at a line with the number of its code block there, or of the last one above. Raises InvalidInput."""
    found = message_at(text, line, messages)
    blocks = _blocks_to(text, line, found[1]) if found is not None else 0
    if found is None or found[0].role != "assistant" or not code_blocks(found[0].content):
        raise InvalidInput("There is no code block of an answer here.", hint="Put the cursor on one.", key="line")
    return found[0], max(blocks - 1, 0)


def has_block(text: str, line: int) -> bool:
    """Whether there may be a block of an answer at a line, or above it."""
    found = section_at(text, line)
    return found is not None and found[1].speaker == "assistant" and _blocks_to(text, line, found[1]) > 0


def _blocks_to(text: str, line: int, section: Section) -> int:
    return len(code_blocks("\n".join(lines_of(text)[section.line + 1 : line + 1])))
