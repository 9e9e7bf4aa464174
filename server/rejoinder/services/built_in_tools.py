"""The tools that are always there: what they are called with, and which of them only read."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rejoinder.declared import frozen
from rejoinder.domain.tools import Effect, ToolSpec
from rejoinder.services.conversation_tools import ConversationTools
from rejoinder.services.project_tools import MOST_FILES, MOST_LINES, ProjectTools
from rejoinder.services.tool_ports import Tool, ToolContext

Call = Callable[[dict[str, Any], ToolContext], Awaitable[str]]


@frozen
class BuiltInTool:
    """A tool over a function of the services."""

    spec: ToolSpec
    function: Call

    async def call(self, args: dict[str, Any], context: ToolContext) -> str:
        """As the port says."""
        return await self.function(args, context)


class BuiltInTools:
    """The source of the built-in tools."""

    def __init__(self, project: ProjectTools, conversations: ConversationTools) -> None:
        self._tools: list[Tool] = [
            *_reading_the_project(project),
            *_reading_conversations(conversations),
            _tool(
                conversations.remember,
                "remember",
                "Keep one fact in the project's long-term memory, for all later conversations. Only what the user "
                "wants remembered.",
                {"text": _text("The fact, as one or a few sentences.")},
                ["text"],
                effect="write",
            ),
        ]

    async def tools(self, context: ToolContext) -> Sequence[Tool]:
        """All of them, in every project."""
        return self._tools


def _reading_the_project(project: ProjectTools) -> list[Tool]:
    return [
        _tool(
            project.read_file,
            "read_file",
            f"Read a text file of the project, or some of its lines; at most {MOST_LINES} lines at once. Each line "
            "comes with its number.",
            {
                "path": _text("Path within the project, such as `src/main.py`."),
                "first_line": _count("First line, counted from 1."),
                "last_line": _count("Last line."),
            },
            ["path"],
        ),
        _tool(
            project.list_files,
            "list_files",
            f"List files of the project by their paths, at most {MOST_FILES}.",
            {
                "folder": _text("A folder within the project; left out: all of it."),
                "pattern": _text("A pattern such as `*.py` or `tests/**/test_*.py`."),
            },
        ),
        _tool(
            project.search_project,
            "search_project",
            "Find the passages of the project's files that fit a question or some words best.",
            {"query": _text("What to look for."), "limit": _count("Most passages; 8 when left out.", most=30)},
            ["query"],
        ),
        *_knowing_the_project(project),
    ]


def _knowing_the_project(project: ProjectTools) -> list[Tool]:
    return [
        _tool(
            project.diagnostics,
            "diagnostics",
            "What the editor says is wrong, with files and lines.",
            {"path": _text("Only in this file.")},
        ),
        _tool(
            project.symbols,
            "symbols",
            "Where a function, class or other name is defined, or the names that begin like this.",
            {"name": _text("The name, or its beginning.")},
            ["name"],
        ),
    ]


def _reading_conversations(conversations: ConversationTools) -> list[Tool]:
    return [
        _tool(
            conversations.search_conversations,
            "search_conversations",
            "Find what was said in this project's conversations before.",
            {"query": _text("What to look for."), "limit": _count("Most messages; 8 when left out.", most=30)},
            ["query"],
        )
    ]


def _tool(
    function: Call,
    name: str,
    description: str,
    properties: dict[str, Any],
    required: Sequence[str] = (),
    *,
    effect: Effect = "read",
) -> BuiltInTool:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    return BuiltInTool(ToolSpec(name=name, description=description, parameters=parameters, effect=effect), function)


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _count(description: str, *, most: int | None = None) -> dict[str, Any]:
    limit = {} if most is None else {"maximum": most}
    return {"type": "integer", "minimum": 1, **limit, "description": description}
