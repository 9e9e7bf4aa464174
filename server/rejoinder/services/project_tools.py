"""What models may look at of a project: its files, what is found in them, what the editor says of them.

A file is one of those that the index would take: none that is ignored, that looks like a secret, or that lies
elsewhere, by whatever path or link it is named.
"""

import asyncio
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from rejoinder.domain.assembly import passage_text
from rejoinder.domain.editor_view import problems_text
from rejoinder.domain.lines import lines_of
from rejoinder.domain.names import shown_path
from rejoinder.domain.symbols import definition_of
from rejoinder.services.ports import FileNames, ProjectSearch
from rejoinder.services.searches import Searches
from rejoinder.services.tool_ports import ToolContext, ToolFailed

MOST_LINES = 800
MOST_FILES = 1000
_HITS = 8
_SYMBOL_HITS = 20
_NAMES = 40
_PATIENCE_SECONDS = 20.0
_LONGEST_LINE = 2000


class ProjectTools:
    """Looks at projects."""

    def __init__(self, files: FileNames, searches: Searches) -> None:
        self._files = files
        self._searches = searches

    async def read_file(self, args: dict[str, Any], context: ToolContext) -> str:
        """Lines of a file with their numbers."""
        path, uri = await self._file(args["path"], context)
        lines = lines_of((await context.workspace.read(uri)).text)
        if len(lines) > 1 and not lines[-1]:
            lines.pop()
        first = args.get("first_line", 1)
        last = min(args.get("last_line", len(lines)), len(lines), first + MOST_LINES - 1)
        if not 1 <= first <= len(lines) or last < first:
            raise ToolFailed(f"{path} has {len(lines)} lines; there are no lines {first} to {args.get('last_line')}.")
        shown = (f"{number}\t{line[:_LONGEST_LINE]}" for number, line in enumerate(lines[first - 1 : last], first))
        rest = "" if last == len(lines) else f"\n[… lines {last + 1} to {len(lines)} are not shown]"
        return f"{path}, lines {first} to {last} of {len(lines)}:\n" + "\n".join(shown) + rest

    async def list_files(self, args: dict[str, Any], context: ToolContext) -> str:
        """Paths of files."""
        paths = sorted(await self._listed(context))
        inner = _plain(args.get("folder", ""))
        if inner:
            paths = [path for path in paths if path.startswith(f"{inner}/")]
        if pattern := args.get("pattern"):
            paths = [path for path in paths if _fits(path, pattern)]
        rest = f"\n[… and {len(paths) - MOST_FILES} more]" if len(paths) > MOST_FILES else ""
        return "\n".join(paths[:MOST_FILES]) + rest if paths else "There are no such files."

    async def search_project(self, args: dict[str, Any], context: ToolContext) -> str:
        """Passages of files."""
        search = self._search(context)
        near = (context.uri,) if context.uri else ()
        hits = await search.search(args["query"], limit=args.get("limit", _HITS), wait=_PATIENCE_SECONDS, near=near)
        return "\n\n".join(passage_text(hit, _uri(context)) for hit in hits) or "Nothing was found."

    async def diagnostics(self, args: dict[str, Any], context: ToolContext) -> str:
        """The editor's problems."""
        uri = (await self._file(args["path"], context))[1] if "path" in args else None
        view = await context.workspace.seen(uri or context.uri)
        base = _uri(context)
        inside = [one for one in view.problems if base is not None and one.uri.startswith(f"{base}/")]
        problems = tuple(one for one in inside if uri in (None, one.uri))
        text = problems_text(problems, {one.uri: shown_path(one.uri, base) for one in problems})
        return text or "The editor tells of no problems."

    async def symbols(self, args: dict[str, Any], context: ToolContext) -> str:
        """A name's definition, else the names that begin like it."""
        search, name = self._search(context), args["name"]
        found = definition_of(name, await search.search(name, limit=_SYMBOL_HITS, wait=_PATIENCE_SECONDS))
        names = await search.names(name, limit=_NAMES)
        texts = [passage_text(found, _uri(context))] if found is not None else []
        texts += ["Names that begin like this: " + ", ".join(names)] if names else []
        return "\n\n".join(texts) or f"Nothing is known of {name!r}."

    def _search(self, context: ToolContext) -> ProjectSearch:
        search = self._searches.get(context.project.project_id)
        if search is None:
            raise ToolFailed("There is no project folder to search.")
        return search

    async def _listed(self, context: ToolContext) -> Sequence[str]:
        return await self._files.paths(_folder(context), context.ignore)

    async def _file(self, named: str, context: ToolContext) -> tuple[str, str]:
        """The path and the URI of a file that may be read; the same words for all that may not."""
        folder = _folder(context)
        path = _plain(named.removeprefix(f"{folder}/"))
        real = await asyncio.to_thread(_real, folder, path)
        listed = set(await self._listed(context))
        if path not in listed or real not in listed:
            raise ToolFailed(f"There is no file {named[:200]!r} in the project that may be read. Use list_files.")
        return path, (folder / path).as_uri()


def _folder(context: ToolContext) -> Path:
    if context.folder is None:
        raise ToolFailed("There is no project folder.")
    return context.folder


def _uri(context: ToolContext) -> str | None:
    return context.folder.as_uri() if context.folder is not None else None


def _plain(path: str) -> str:
    """A path as listings write it; one that leads elsewhere stays one that no listing has."""
    plain = PurePosixPath(path.replace("\\", "/")).as_posix()
    return "" if plain == "." else plain


def _real(folder: Path, path: str) -> str | None:
    """Where a path within the folder leads, links followed; None for what leads out of it, or nowhere."""
    try:
        return (folder / path).resolve(strict=True).relative_to(folder.resolve()).as_posix()
    except (OSError, ValueError, RuntimeError):
        return None


def _fits(path: str, pattern: str) -> bool:
    if "/" not in pattern:
        return fnmatchcase(PurePosixPath(path).name, pattern)
    return fnmatchcase(path, pattern) or fnmatchcase(path, pattern.replace("**/", ""))
