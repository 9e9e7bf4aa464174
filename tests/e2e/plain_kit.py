"""An editor with nothing of ours installed: it knows commands, documents and edits, and nothing else."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest_lsp
from lsprotocol.converters import get_converter

from e2e.kit import Failed, Home, folder_of, options_for
from fake_model import FakeModel
from raw_client import PATIENCE, RawClient
from rejoinder.lsp.documents import path_of

HELIX = Path(__file__).parent / "recorded" / "helix_v25.07.1.json"
EDITORS = ("helix", "emacs")


class PlainEditor:
    """Holds documents, makes the edits that it is asked for, and tells of them at once or when it likes."""

    def __init__(self, raw: RawClient, *, lazy: bool) -> None:
        self.raw = raw
        self.lazy = lazy
        """Whether it tells of its changes some time after its reply, as eglot does."""
        self.silent = False
        """Whether it tells of no change before its user types, as eglot does when it has been idle for long."""
        self.documents: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.shown: list[Any] = []
        """What it was asked to show."""
        self.messages: list[str] = []
        """What it was told."""
        self.choices: list[str] = []
        """The titles that it will choose when it is asked; without one its user looks away."""
        self.questions: list[str] = []
        """What it was asked."""
        self.edits: list[Any] = []
        """The edits that it made."""
        self.refreshes = 0
        """How often it was told that lenses may be others."""
        self.result: Any = None
        self._untold: set[str] = set()
        self._changed = asyncio.Condition()
        self._replies: dict[Any, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    @property
    def encoding(self) -> tuple[str, int]:
        """The codec whose units count in positions, and how many bytes one has."""
        name = self.result["capabilities"].get("positionEncoding", "utf-16")
        return {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[name]

    async def start(self, capabilities: Mapping[str, Any], folders: list[Path], options: Mapping[str, Any]) -> None:
        """From `initialize` to `initialized`."""
        params = {
            "processId": None,
            "rootUri": None,
            "capabilities": capabilities,
            "workspaceFolders": [folder_of(folder) for folder in folders],
            "initializationOptions": options,
        }
        self.result = await self.ask("initialize", params)
        self.raw.notify("initialized", {})

    async def ask(self, method: str, params: Any) -> Any:
        """The result of a request."""
        reply = await self.reply(method, params)
        if "error" in reply:
            raise Failed(reply["error"])
        return reply["result"]

    async def reply(self, method: str, params: Any) -> Any:
        """The reply to a request."""
        number = self.raw.request(method, params)
        future = self._replies[number] = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(future, PATIENCE)

    async def run(self, method: str, /, **params: Any) -> Any:
        """The result of a command."""
        return await self.command({"command": "rejoinder." + method.replace("/", "."), "arguments": [params]})

    async def command(self, command: Mapping[str, Any]) -> Any:
        """The result of a command as an action or a lens brings it."""
        return await self.ask(
            "workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]}
        )

    async def chosen(self, uri: str, title: str, line: int = 0, to: int | None = None) -> Any:
        """The result of a code action's command, by the end of its title."""
        found = next(one for name, one in (await self.actions(uri, line, to)).items() if name.endswith(title))
        return await self.command(found["command"])

    async def chat(self, **params: Any) -> str:
        """The URI of a transcript that it has open, as the server had it shown."""
        uri: str = (await self.run("transcript/open", **params))["uri"]
        await self.until(lambda: bool(self.shown or self.messages))
        # one that cannot show a document is told where it is
        assert self.shown[-1]["uri"] == uri if self.shown else str(path_of(uri)) in self.messages[-1]
        self.open(uri)
        return uri

    async def refused(self, method: str, /, **params: Any) -> Any:
        """The error of a command."""
        reply = await self.reply(
            "workspace/executeCommand", {"command": "rejoinder." + method.replace("/", "."), "arguments": [params]}
        )
        return reply["error"]

    def open(self, uri: str, text: str | None = None) -> None:
        """Open a document, from the disk by default."""
        path = path_of(uri)
        assert path is not None
        self.documents[uri] = path.read_text("utf-8") if text is None else text
        self.versions[uri] = 1
        document = {"uri": uri, "languageId": "text", "version": 1, "text": self.documents[uri]}
        self.raw.notify("textDocument/didOpen", {"textDocument": document})

    def close(self, uri: str) -> None:
        """Close it without saving."""
        del self.documents[uri]
        self.raw.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def type(self, uri: str, text: str) -> None:
        """Type at the end of a document."""
        self.documents[uri] += text
        self._tell(uri)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    async def actions(self, uri: str, line: int = 0, to: int | None = None, **context: Any) -> dict[str, Any]:
        """The code actions on lines, by their titles."""
        end = {"line": line if to is None else to, "character": 0}
        range_ = {"start": {"line": line, "character": 0}, "end": end}
        params = {"textDocument": {"uri": uri}, "range": range_, "context": {"diagnostics": [], **context}}
        return {one["title"]: one for one in await self.ask("textDocument/codeAction", params)}

    async def hover(self, uri: str, line: int, character: int = 0) -> str | None:
        """What hovers at a place."""
        at = {"line": line, "character": character}
        found = await self.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
        return found["contents"]["value"] if found else None

    async def completed(self, uri: str) -> list[Any]:
        """The proposals at the end of a document."""
        lines = self.documents[uri].split("\n")
        codec, width = self.encoding
        at = {"line": len(lines) - 1, "character": len(lines[-1].encode(codec)) // width}
        found = await self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": at})
        items: list[Any] = found["items"]
        return items

    async def answered(self, uri: str, text: str) -> str:
        """The document once it shows a text and nothing runs any more."""
        await self.until(lambda: text in self.documents[uri])
        seen = self.refreshes
        while "Rejoinder: Stop" in await self.actions(uri):
            await self.refreshed(seen)
            seen = self.refreshes
        return self.documents[uri]

    async def refreshed(self, seen: int) -> None:
        """Wait until lenses may be others than at that count."""
        await self.until(lambda: self.refreshes > seen)

    def line_of(self, uri: str, text: str) -> int:
        """The line that begins with a text."""
        return next(at for at, line in enumerate(self.documents[uri].split("\n")) if line.startswith(text))

    async def leave(self) -> None:
        """Say goodbye."""
        await self.ask("shutdown", None)
        self.raw.notify("exit")
        self._reading.cancel()

    async def _read(self) -> None:
        while True:
            message = await self.raw.receive()
            async with self._changed:
                if "method" not in message:
                    self._replies.pop(message["id"]).set_result(message)
                elif "id" in message:
                    self._asked(message)
                elif message["method"] == "window/showMessage":
                    self.messages.append(message["params"]["message"])
                self._changed.notify_all()

    def _asked(self, message: Any) -> None:
        method, params, result = message["method"], message["params"], None
        told: list[str] = []
        if method == "window/showDocument":
            self.shown.append(params)
            result = {"success": True}
        elif method == "workspace/applyEdit":
            takes = self._takes(params["edit"])
            told = self._edit(params["edit"]) if takes else []
            result = {"applied": takes}
            if self.silent:
                self._untold, told = self._untold.union(told), []
        elif method == "window/showMessageRequest":
            self.questions.append(params["message"])
            result = {"title": self.choices.pop(0)} if self.choices else None
        elif method == "workspace/codeLens/refresh":
            self.refreshes += 1
        elif method == "workspace/configuration":
            result = [None for _ in params["items"]]
        if not self.lazy:
            for uri in told:
                self._tell(uri)
        self.raw.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        if self.lazy and told:
            asyncio.get_running_loop().call_later(0.2, lambda: [self._tell(uri) for uri in told])

    def _takes(self, edit: Any) -> bool:
        """Whether an edit is of the version that a document has by now, or of none."""
        of = [change["textDocument"] for change in edit["documentChanges"] if "kind" not in change]
        return all(one["version"] is None or one["uri"] not in self._untold for one in of)

    def _edit(self, edit: Any) -> list[str]:
        self.edits.append(json.loads(json.dumps(edit)))
        for change in edit["documentChanges"]:
            if "kind" in change:
                continue
            uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
            assert version in (None, self.versions.get(uri)), "an edit of another version"
            path = path_of(uri)
            assert path is not None
            text = self.documents.get(uri) or path.read_text("utf-8")
            for one in reversed(change["edits"]):
                start, end = (_offset(text, one["range"][name], *self.encoding) for name in ("start", "end"))
                text = text[:start] + one["newText"] + text[end:]
            self.documents[uri] = text
        return [change["textDocument"]["uri"] for change in edit["documentChanges"] if "kind" not in change]

    def _tell(self, uri: str) -> None:
        if uri not in self.versions:
            return
        self.versions[uri] += 1
        self._untold.discard(uri)
        document = {"uri": uri, "version": self.versions[uri]}
        changes = [{"text": self.documents[uri]}]
        self.raw.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})


def recorded(editor: str) -> dict[str, Any]:
    """What an editor says of itself."""
    if editor == "helix":
        capabilities: dict[str, Any] = json.loads(HELIX.read_text("utf-8"))["capabilities"]
    else:
        capabilities = get_converter().unstructure(pytest_lsp.client_capabilities(editor))
    return capabilities


def _offset(text: str, position: Any, codec: str, width: int) -> int:
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: position["line"]])
    return before + len(lines[position["line"]].encode(codec)[: position["character"] * width].decode(codec))


@contextlib.asynccontextmanager
async def plain_editor(
    home: Home,
    *folders: Path,
    model: FakeModel | None = None,
    like: str = "helix",
    confirms: bool = False,
    **options: Any,
) -> AsyncIterator[PlainEditor]:
    """An editor with the capabilities that were recorded of one, from `initialize` to `exit`.

    Lenses may be refreshed besides: that is how a test knows that a turn has begun or ended. One that `confirms` knows
    edits that its user is to look at first.
    """
    capabilities = recorded(like)
    capabilities["workspace"]["codeLens"] = {"refreshSupport": True}
    if confirms:
        capabilities["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = {}
    async with home.process() as raw:
        editor = PlainEditor(raw, lazy=like == "emacs")
        try:
            await editor.start(capabilities, list(folders), (options_for(model) if model else {}) | options)
            yield editor
            await editor.leave()
        finally:
            editor._reading.cancel()
