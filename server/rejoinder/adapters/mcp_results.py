"""What a server of the Model Context Protocol tells, as the text that a model reads."""

import re
from typing import TYPE_CHECKING

from rejoinder.adapters.mcp_config import McpServer
from rejoinder.domain.tools import ToolSpec

if TYPE_CHECKING:
    from mcp.types import CallToolResult, ContentBlock, Tool

LONGEST_DESCRIPTION = 4000
LONGEST_NAME = 64
"""Characters of a tool's name that every provider takes."""

_LARGEST_SCHEMA = 32_000
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
"""What a model's call of a tool cannot have in the name."""


def spec_of(tool: "Tool", server: McpServer) -> ToolSpec | None:
    """What a model is told of a tool; None for one that it could not call."""
    name = f"{server.name}__{_UNFIT.sub('_', tool.name)}"
    schema = tool.input_schema
    if len(name) > LONGEST_NAME or schema.get("type") != "object" or len(str(schema)) > _LARGEST_SCHEMA:
        return None
    reads = tool.name in server.read
    return ToolSpec(
        name=name,
        description=(tool.description or tool.title or "")[:LONGEST_DESCRIPTION],
        parameters=schema,
        effect="read" if reads else "reach",
        source=server.name,
        asks=False if server.trusted or reads else None,
        timeout=server.timeout,
    )


def text_of(result: "CallToolResult") -> str:
    """The parts of a result one after the other. What is no text is named, not shown."""
    from pydantic_core import to_json

    parts = [_part(block) for block in result.content]
    if not any(parts) and result.structured_content is not None:
        return to_json(result.structured_content).decode()
    return "\n".join(part for part in parts if part)


def _part(block: "ContentBlock") -> str:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return f"[{block.type}, {block.mime_type}, {len(block.data) * 3 // 4} bytes; not shown]"
        case "resource_link":
            return f"[{block.name}: {block.uri}]"
        case "resource":
            text = getattr(block.resource, "text", None)
            return text if isinstance(text, str) else f"[{block.resource.uri}; not shown]"
        case _:
            return ""
