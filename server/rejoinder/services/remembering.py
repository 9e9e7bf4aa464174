"""`/remember`: what the user says is to be remembered goes into the long-term memory, and no model is asked."""

from collections.abc import AsyncGenerator, Sequence

from rejoinder.domain.conversation import Message, Session, Usage
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.memory import NO_MODEL, Memory, MemorySource
from rejoinder.domain.prompt import Finished, ModelEvent, ModelInfo, ModelSettings, Prompt
from rejoinder.services.configuring import for_session
from rejoinder.services.memories import Memories
from rejoinder.services.memory_requests import MemoryDraft
from rejoinder.services.model_ports import ChatModel
from rejoinder.services.remembered_turns import how_to_forget
from rejoinder.services.request import TurnRequest, note_of

_SHOWN = 400
"""Characters of an entry that the confirmation repeats."""


class _Unasked:
    """Stands where a model is named, for turns that ask none."""

    info = ModelInfo(id=NO_MODEL, provider="rejoinder", label="Memory", local=True)

    async def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncGenerator[ModelEvent, None]:
        """Nothing."""
        yield Finished("end_turn", Usage())

    def cost(self, usage: Usage) -> float | None:
        """Nothing."""
        return None

    async def sees(self) -> bool:
        """Nothing."""
        return False


REMEMBERING: ChatModel = _Unasked()
"""What answers a turn that only remembers."""


class Remembering:
    """Takes what the user wants remembered, and says what came of it."""

    def __init__(self, memories: Memories) -> None:
        self._memories = memories

    async def take(self, request: TurnRequest, session: Session, path: Sequence[Message], question_id: str) -> str:
        """Remember what stands behind the command, else the last answer; answers the confirmation.

        What is remembered already is not remembered twice. Raises InvalidInput for a turn that leaves no trace and
        where there is nothing to remember, and what `Memories.add` raises.
        """
        if not request.remember:
            raise InvalidInput(
                "text: a turn that leaves no trace remembers nothing.",
                hint="Send it in a chat that is kept.",
                key="text",
            )
        for_session(session, "memory", request.memory).require_on("memory")
        text, message_id = note_of(request), question_id
        if not text:
            answer = _last_answer(path)
            text, message_id = answer.content, answer.message_id
        project_id = request.project.project_id
        known = await self._memories.like(project_id, request.user_id, text)
        if known is not None and await self._memories.said_again(project_id, known, session.session_id):
            return _confirmed("This was remembered before", known)
        source = MemorySource(session.session_id, message_id)
        entry = await self._memories.keep(project_id, request.user_id, MemoryDraft(text=text), source)
        return _confirmed("Remembered for this project", entry)


def _last_answer(path: Sequence[Message]) -> Message:
    for message in reversed(path):
        is_confirmation = message.model == NO_MODEL
        if message.role == "assistant" and message.content.strip() and not is_confirmation:
            return message
    raise InvalidInput(
        "text: there is no answer to remember yet.", hint="Write what to remember: `/remember TEXT`.", key="text"
    )


def _confirmed(what: str, entry: Memory) -> str:
    shown = entry.text if len(entry.text) <= _SHOWN else entry.text[:_SHOWN] + "…"
    quoted = "\n".join(f"> {line}" for line in shown.strip().splitlines())
    return f"{what}:\n\n{quoted}\n\n{how_to_forget(entry.memory_id)}"
