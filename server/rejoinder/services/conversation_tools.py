"""What models may do with conversations and the memory: look things up, and remember what the user says yes to."""

from typing import Any

from rejoinder.domain.memory import MemorySource
from rejoinder.domain.retrieval import Hit
from rejoinder.services.finding import Finding, Query
from rejoinder.services.memories import Memories
from rejoinder.services.memory_requests import MemoryDraft
from rejoinder.services.tool_ports import ToolContext, ToolFailed

_HITS = 8
_LONGEST = 1500
"""Characters of a message that are shown."""


class ConversationTools:
    """Looks into conversations. What belongs to another user is not there."""

    def __init__(self, finding: Finding, memories: Memories) -> None:
        self._finding = finding
        self._memories = memories

    async def search_conversations(self, args: dict[str, Any], context: ToolContext) -> str:
        """Messages that fit."""
        query = Query(
            text=args["query"],
            sources=("message",),
            user_id=context.user_id,
            memory=context.memory,
            knowledge=context.knowledge,
            limit=args.get("limit", _HITS),
        )
        found = await self._finding.find(context.project.project_id, query)
        return "\n\n".join(map(_shown, found.hits)) or "Nothing was found."

    async def remember(self, args: dict[str, Any], context: ToolContext) -> str:
        """Keep something in the long-term memory."""
        context.memory.require_on("memory")
        if context.session_id is None:
            raise ToolFailed("A turn that leaves no trace remembers nothing.")
        project_id, text = context.project.project_id, args["text"]
        if await self._memories.like(project_id, context.user_id, text) is not None:
            return "This was remembered before."
        source = MemorySource(context.session_id, None)
        entry = await self._memories.keep(project_id, context.user_id, MemoryDraft(text=text), source)
        return f"Remembered as {entry.memory_id}."


def _shown(hit: Hit) -> str:
    said = {"user": "the user said", "assistant": "the assistant said"}.get(hit.scope or "", "was said")
    text = hit.text if len(hit.text) <= _LONGEST else hit.text[:_LONGEST] + "…"
    return f"In session {hit.session_id}, {said}:\n{text}"
