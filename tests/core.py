"""The services over a real store, with everything else faked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fake_documents import FakePages, PlainExtraction
from fake_recall import FakeRecallIndex
from fake_tools import FakeToolSource
from fakes import (
    FakeLedger,
    FakeProjectSearch,
    FakeRepository,
    FakeSearchProvider,
    FaultyStore,
    FolderWorkspace,
    RecordingPublisher,
    ScriptedModel,
    ScriptedModels,
    ticking_world,
)
from rejoinder.adapters.agent_files import agent_files
from rejoinder.adapters.answer_shapes import ShapesOnDemand, problems
from rejoinder.adapters.file_names import ListedFileNames
from rejoinder.adapters.foreign_files import KnownForeignFiles
from rejoinder.adapters.knowledge_files import DiskKnowledgeFiles
from rejoinder.adapters.prompt_files import prompt_files
from rejoinder.domain.conversation import Project
from rejoinder.services.agents import Agents
from rejoinder.services.answering import Answering
from rejoinder.services.built_in_tools import BuiltInTools
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.completing import Completing
from rejoinder.services.contexts import Contexts
from rejoinder.services.conversation_tools import ConversationTools
from rejoinder.services.conversations import Conversations
from rejoinder.services.deciding import Deciding
from rejoinder.services.editing import Editing
from rejoinder.services.finding import Finding
from rejoinder.services.gathering import Gathering
from rejoinder.services.history import History
from rejoinder.services.homed_history import HomedHistory
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.knowledge_reading import KnowledgeReading
from rejoinder.services.knowledge_store import KnowledgeStore
from rejoinder.services.memories import Memories
from rejoinder.services.memory_origins import MemoryOrigins
from rejoinder.services.metering import MeteredModels
from rejoinder.services.model_ports import ModelChoice
from rejoinder.services.project_tools import ProjectTools
from rejoinder.services.projects import Projects
from rejoinder.services.prompting import Prompting
from rejoinder.services.recalled_messages import RecalledMessages
from rejoinder.services.recalling import Recalling
from rejoinder.services.recap import Recap
from rejoinder.services.remembered import Remembered
from rejoinder.services.remembering import Remembering
from rejoinder.services.renames import Renames
from rejoinder.services.request import TurnRequest
from rejoinder.services.rereading import RereadKnowledge
from rejoinder.services.running import RunningTurns
from rejoinder.services.searches import Searches
from rejoinder.services.session_state import SessionState
from rejoinder.services.sessions import Sessions
from rejoinder.services.spending import Spending
from rejoinder.services.store_ports import HistoryStore
from rejoinder.services.store_thread import StoreThread
from rejoinder.services.structuring import Structuring
from rejoinder.services.summarising import Summarising
from rejoinder.services.tooling import Tooling
from rejoinder.services.transfer import Transfer
from rejoinder.services.trashed_ids import TrashedIds
from rejoinder.services.turns import Turns
from rejoinder.services.world import World


class Core:
    """The services over a store, with everything else faked."""

    def __init__(self, inner: HistoryStore, folder: Path, *, world: World | None = None) -> None:
        self.folder = folder.resolve()
        self.store = FaultyStore(inner)
        self.io = StoreThread()
        self.world = world or ticking_world()
        self.publisher = RecordingPublisher()
        self.project_search = FakeProjectSearch()
        self.repository = FakeRepository()
        self.model = ScriptedModel()
        self.models = ScriptedModels(self.model)
        self.ledger = FakeLedger()
        self.spending = Spending(self.ledger, self.io, self.world)
        self.workspace = FolderWorkspace(self.folder)
        self.running = RunningTurns()
        self._closed = False
        choke_point = ChokePoint()
        store = HomedHistory(self.store, choke_point)  # type: ignore[arg-type]
        self.recall_index = FakeRecallIndex()
        remembered = Remembered(store, self.io, self.world)
        self.projects = Projects(store, self.io, self.repository, self.world)
        kept = KnowledgeStore(store, self.io, self.projects)
        self.pages = FakePages()
        self.extraction = PlainExtraction()
        reading = KnowledgeReading(self.extraction, self.pages, DiskKnowledgeFiles())
        rereading = RereadKnowledge(kept, reading, self.projects, self.world)
        self.recalling = Recalling([RecalledMessages(store, self.io), remembered, rereading], self.recall_index)
        self.knowledge = Knowledge(kept, reading, rereading, self.recalling, self.world)
        self.conversations = Conversations(store, self.io, self.recalling, self.publisher, self.world)
        origins = MemoryOrigins(self.conversations, self.projects)
        self.memories = Memories(remembered, self.recalling, origins, self.world)
        trashed_ids = TrashedIds(self.conversations, self.memories, self.knowledge)
        renames = Renames(ListedFileNames(fresh=0), self.repository)
        self.sessions = Sessions(self.conversations, self.projects, renames, trashed_ids)
        self.states = SessionState(self.conversations)
        self.projects.when_moved(self.conversations.reloaded, remembered.reloaded, self.recalling.reloaded)
        self.contexts = Contexts(self.sessions, self.recalling)
        self.history = History(
            self.conversations, self.sessions, self.projects, self.running, self.memories, self.knowledge
        )
        self.searches = Searches(FakeSearchProvider(self.project_search))
        self.gathering = Gathering(self.sessions, self.searches, Recap(self.recalling), self.repository)
        metered = MeteredModels(self.models, self.spending)
        self.summarising = Summarising(self.conversations, self.history, metered, choke_point)
        remembering = Remembering(self.memories)
        self.finding = Finding(self.sessions, self.searches, self.recalling)
        project_tools = ProjectTools(ListedFileNames(fresh=0), self.searches)
        built_in = BuiltInTools(project_tools, ConversationTools(self.finding, self.memories))
        self.tool_source = FakeToolSource()
        self.tooling = Tooling([built_in, self.tool_source], problems)
        answering = Answering(
            *(metered, self.gathering, self.summarising, choke_point, self.spending, remembering),
            *(self.tooling, Structuring(ShapesOnDemand()), self.world),
        )
        self.editing = Editing(self.conversations, self.sessions, answering, choke_point)
        files = agent_files(self.folder.parent / "agents")
        self.agents = Agents(files, self.sessions, self.conversations, self.knowledge)
        self.prompting = Prompting(prompt_files(self.folder.parent / "prompts"))
        self.completing = Completing(self.sessions, self.searches, ListedFileNames(), self.agents, self.prompting)
        self.turns = Turns(self.conversations, self.sessions, self.running, answering, self.publisher)
        self.transfer = Transfer(
            *(self.conversations, self.sessions, self.projects, self.memories, self.knowledge),
            *(KnownForeignFiles(), trashed_ids),
        )
        self.deciding = Deciding(self.turns, self.running, self.sessions, problems)

    async def project(self) -> Project:
        """The project of the core's folder."""
        return await self.projects.of_folder(self.folder)

    async def searches_opened(self, project: Project) -> None:
        """Have somebody use the project's search."""
        self.searches.use(project, self.folder, ())

    async def request(self, text: str, **fields: Any) -> TurnRequest:
        """A chat in the core's folder, unless `fields` say otherwise."""
        given: Mapping[str, Any] = {
            "kind": "chat",
            "project": fields.get("project") or await self.project(),
            "workspace": self.workspace,
            "choice": ModelChoice(),
        }
        return TurnRequest(text=text, **{**given, **fields})

    async def texts(self, session_id: str) -> list[str]:
        """What stands on a session's active path, oldest first."""
        page = await self.history.page((await self.project()).project_id, session_id)
        return [placed.message.content for placed in page.messages]

    async def close(self) -> None:
        """Stop what runs and close the store; once is enough."""
        if self._closed:
            return
        self._closed = True
        await self.turns.stop()
        await self.summarising.close()
        await self.history.close()
        await self.memories.close()
        await self.knowledge.close()
        await self.recalling.close()
        await self.io(self.store.close)
        self.io.close()
