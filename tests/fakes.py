"""Stand-ins for what lies outside of the services."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rejoinder.domain.conversation import Message, Place, Session, Usage
from rejoinder.domain.editor_view import EditorView
from rejoinder.domain.errors import InvalidInput, NotFound, NotTrusted
from rejoinder.domain.events import TurnEvent
from rejoinder.domain.prompt import Finished, ModelEvent, ModelInfo, ModelSettings, Prompt, TextDelta
from rejoinder.domain.retrieval import Hit, IndexOptions, IndexStatus
from rejoinder.domain.spending import DayUsage
from rejoinder.services.model_ports import ModelChoice
from rejoinder.services.ports import Document, TurnAddress
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.world import World

FIRST_MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def ticking_world() -> World:
    """A clock that goes on by a second whenever it is read, and IDs in a row."""
    ticks, seconds, ids = itertools.count(), itertools.count(), itertools.count(1)
    return World(
        now=lambda: FIRST_MOMENT + timedelta(seconds=next(ticks)),
        seconds=lambda: float(next(seconds)),
        new_id=lambda: f"id{next(ids):06d}",
    )


def message(message_id: str, parent_id: str | None = None, **fields: Any) -> Message:
    """A message with what a test does not care about filled in."""
    given: dict[str, Any] = {
        "turn_id": "t0",
        "role": "user",
        "source": "chat",
        "content": f"text of {message_id}",
        "created_at": FIRST_MOMENT,
    }
    return Message(message_id=message_id, parent_id=parent_id, **{**given, **fields})


def session(session_id: str, **fields: Any) -> Session:
    """A session with what a test does not care about filled in."""
    given: dict[str, Any] = {
        "project_id": "p1",
        "name": f"name of {session_id}",
        "scope": "workspace",
        "created_at": FIRST_MOMENT,
        "updated_at": FIRST_MOMENT,
    }
    return Session(session_id=session_id, **{**given, **fields})


def hit(text: str, uri: str = "file:///p/a.py", **fields: Any) -> Hit:
    """A passage at the top of a file."""
    given: dict[str, Any] = {"place": Place(0, 0, 1, 0), "score": 1.0, "source": "code"}
    return Hit(uri=uri, text=text, **{**given, **fields})


class Gate:
    """A step of a script at which the model says that it is there, and waits to be let on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()


Step = ModelEvent | Gate | Exception


class ScriptedModel:
    """A ChatModel that follows one script after another; without one it says `answer N`."""

    def __init__(self, info: ModelInfo | None = None) -> None:
        self.info = info or ModelInfo(
            id="scripted:one", provider="scripted", label="Scripted", context_tokens=8192, tools=True
        )
        self.prompts: list[Prompt] = []
        self.settings: list[ModelSettings] = []
        self.closed = 0
        self._scripts: list[list[Step]] = []

    def script(self, *steps: Step) -> None:
        """What comes of the next call for which there is no script yet."""
        self._scripts.append(list(steps))

    def cost(self, usage: Usage) -> float | None:
        """What the script's own usage says."""
        return usage.cost

    async def sees(self) -> bool:
        """What its description says."""
        return self.info.vision

    async def stream(self, prompt: Prompt, settings: ModelSettings) -> AsyncIterator[ModelEvent]:
        """As the port says."""
        self.prompts.append(prompt)
        self.settings.append(settings)
        default: list[Step] = [TextDelta(f"answer {len(self.prompts)}"), Finished("end_turn", Usage(10, 2))]
        try:
            for step in self._scripts.pop(0) if self._scripts else default:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Gate):
                    step.reached.set()
                    await step.opened.wait()
                else:
                    yield step
        finally:
            self.closed += 1


class ScriptedModels:
    """The port `Models` with one model, whatever is asked for."""

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model
        self.choices: list[ModelChoice] = []
        self.fault: Exception | None = None
        """Raised instead of an answer, when set."""

    def get(self, choice: ModelChoice) -> ScriptedModel:
        """As the port says."""
        self.choices.append(choice)
        if self.fault is not None:
            raise self.fault
        return self.model

    async def available(self, choice: ModelChoice, *, refresh: bool = False) -> list[ModelInfo]:
        """As the port says."""
        return [self.model.info]

    async def offers(self, choice: ModelChoice, *, again: bool = False) -> list[ModelInfo]:
        """None."""
        return []

    async def use(self, choice: ModelChoice, model: str | None) -> None:
        """Nothing is remembered."""

    async def close(self) -> None:
        """Nothing to close."""


class FakeLedger:
    """The port `UsageLedger` in memory."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], DayUsage] = {}

    def add(self, day: str, model: str, usage: Usage) -> None:
        """As the port says."""
        self.found[day, model] = self.found.get((day, model), DayUsage(day, model)).plus(usage)

    def days(self) -> list[DayUsage]:
        """As the port says."""
        return [self.found[key] for key in sorted(self.found)]


class FakeProjectSearch:
    """The port `ProjectSearch` with the hits that a test puts in."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.queries: list[tuple[str, int, float]] = []
        self.near: tuple[str, ...] = ()
        self.state = IndexStatus(state="ready")
        self.fault: Exception | None = None
        self.gate: Gate | None = None
        self.closed = 0
        self.rebuilt: list[Path | None] = []

    async def search(
        self, query: str, *, limit: int, wait: float = 0.0, near: Sequence[str] = (), commits: bool = False
    ) -> list[Hit]:
        """As the port says."""
        self.queries.append((query, limit, wait))
        self.near = tuple(near)
        if self.gate is not None:
            self.gate.reached.set()
            await self.gate.opened.wait()
        if self.fault is not None:
            raise self.fault
        return self.hits[:limit]

    async def names(self, typed: str, *, limit: int) -> list[str]:
        """As the port says, of the hits' scopes."""
        return [hit.scope for hit in self.hits if hit.scope and typed in hit.scope][:limit]

    def status(self) -> IndexStatus:
        """As the port says."""
        return self.state

    async def rebuild(self, path: Path | None = None, *, tell: Any = None) -> None:
        """As the port says."""
        self.rebuilt.append(path)

    async def changed(self, paths: Sequence[Path]) -> None:
        """As the port says."""

    async def buffer(self, uri: str, text: str | None) -> None:
        """As the port says."""

    async def close(self) -> None:
        """As the port says."""
        self.closed += 1


class FakeSearchProvider:
    """The port `SearchProvider` with one search for all."""

    def __init__(self, search: FakeProjectSearch) -> None:
        self.search = search
        self.opened: list[str] = []

    def open(self, project_id: str, folder: Path, ignore: Sequence[str], options: IndexOptions) -> FakeProjectSearch:
        """As the port says."""
        self.opened.append(project_id)
        return self.search


class RecordingPublisher:
    """The port `Publisher`, keeping all that it was told."""

    def __init__(self) -> None:
        self.updates: list[tuple[TurnAddress, int, TurnEvent]] = []
        self.changes: list[tuple[Session, str]] = []

    def update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """As the port says."""
        self.updates.append((turn, seq, event))

    def changed(self, session: Session, kind: str) -> None:
        """As the port says."""
        self.changes.append((session, kind))

    def kinds(self, session_id: str) -> list[str]:
        """The changes of one session, in their order."""
        return [kind for changed, kind in self.changes if changed.session_id == session_id]

    def events(self, turn_id: str) -> list[TurnEvent]:
        """The events of one turn; fails when their numbers have a gap."""
        told = [(seq, event) for turn, seq, event in self.updates if turn.turn_id == turn_id]
        assert [seq for seq, _ in told] == list(range(len(told)))
        return [event for _, event in told]


class FakeRepository:
    """The port `Repository`: fingerprints by folder, and one diff."""

    def __init__(self) -> None:
        self.prints: dict[Path, tuple[str | None, str | None]] = {}
        self.change = ""
        self.renamed: dict[str, list[str]] = {}
        """The former names of files."""

    def former_names(self, folder: Path, name: str) -> Sequence[str]:
        """As the port says."""
        return self.renamed.get(name, [])

    def fingerprint(self, folder: Path) -> tuple[str | None, str | None]:
        """As the port says."""
        return self.prints.get(folder, (None, None))

    def diff(self, folder: Path, *, limit: int) -> str:
        """As the port says."""
        return self.change[:limit]


class FolderWorkspace:
    """The port `Workspace` over one folder of real files and buffers by URI."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.buffers: dict[str, Document] = {}
        self.view = EditorView()
        self.looks: list[str | None] = []

    def folders(self) -> Sequence[Path]:
        """As the port says."""
        return [self._folder] if self._folder else []

    async def editable(self, uri: str) -> Document:
        """As the port says, of a folder without links."""
        path = Path(uri.removeprefix("file://")).resolve()
        if uri.startswith("file://") and self._folder and not path.is_relative_to(self._folder):
            raise NotTrusted("outside", hint="Open its folder.")
        try:
            return await self.read(uri)
        except NotFound:
            return Document(uri, "", is_new=True)

    async def seen(self, uri: str | None) -> EditorView:
        """As the port says."""
        self.looks.append(uri)
        return self.view

    async def read(self, uri: str) -> Document:
        """As the port says."""
        if uri in self.buffers:
            return self.buffers[uri]
        if not uri.startswith("file://"):
            raise InvalidInput("uri: no file.", hint="Send a file.", key="uri")
        path = Path(uri.removeprefix("file://"))
        if not path.is_file():
            raise NotFound("file", path.name, hint="Save it.")
        return Document(uri, path.read_text("utf-8"))


class FaultyStore:
    """A store that passes everything on, and fails at what a test names."""

    def __init__(self, inner: HistoryStore) -> None:
        self._inner = inner
        self.faults_at: dict[str, Exception] = {}
        """What the method of a name raises instead of doing its work."""
        self.before: dict[str, Callable[[], None]] = {}
        """What is called once before the method of a name, on the store's thread."""
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            if name in self.faults_at:
                raise self.faults_at[name]
            self.before.pop(name, lambda: None)()
            return getattr(self._inner, name)(*args, **kwargs)

        return call
