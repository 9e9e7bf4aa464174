"""The services over their ports."""

from collections.abc import Callable

from rejoinder.adapters.answer_shapes import ShapesOnDemand, problems
from rejoinder.adapters.extraction import ChildExtraction
from rejoinder.adapters.foreign_files import KnownForeignFiles
from rejoinder.adapters.git import GitRepository
from rejoinder.adapters.knowledge_files import DiskKnowledgeFiles
from rejoinder.adapters.web_pages import AskedPages
from rejoinder.bootstrap.ports import Ports
from rejoinder.declared import frozen
from rejoinder.services.agents import Agents
from rejoinder.services.answering import Answering
from rejoinder.services.backups import Backups
from rejoinder.services.built_in_tools import BuiltInTools
from rejoinder.services.catalogue import Services
from rejoinder.services.cleaning import Cleaning
from rejoinder.services.completing import Completing
from rejoinder.services.contexts import Contexts
from rejoinder.services.conversation_tools import ConversationTools
from rejoinder.services.conversations import Conversations
from rejoinder.services.deciding import Deciding
from rejoinder.services.editing import Editing
from rejoinder.services.finding import Finding
from rejoinder.services.folder_listing import FolderListing
from rejoinder.services.gathering import Gathering
from rejoinder.services.history import History
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.knowledge_reading import KnowledgeReading
from rejoinder.services.knowledge_store import KnowledgeStore
from rejoinder.services.memories import Memories
from rejoinder.services.memory_origins import MemoryOrigins
from rejoinder.services.pictures import Pictures
from rejoinder.services.project_tools import ProjectTools
from rejoinder.services.projects import Projects
from rejoinder.services.prompting import Prompting
from rejoinder.services.provided_recalling import ProvidedRecalling
from rejoinder.services.recall_ports import RecallSource
from rejoinder.services.recalled_messages import RecalledMessages
from rejoinder.services.recap import Recap
from rejoinder.services.remembered import Remembered
from rejoinder.services.remembering import Remembering
from rejoinder.services.renames import Renames
from rejoinder.services.rereading import RereadKnowledge
from rejoinder.services.running import RunningTurns
from rejoinder.services.searches import LINGER_SECONDS, Searches
from rejoinder.services.session_state import SessionState
from rejoinder.services.sessions import Sessions
from rejoinder.services.structuring import Structuring
from rejoinder.services.summarising import Summarising
from rejoinder.services.tooling import Tooling
from rejoinder.services.transcripts import Transcripts
from rejoinder.services.transfer import Transfer
from rejoinder.services.trashed_ids import TrashedIds
from rejoinder.services.turns import Turns
from rejoinder.services.world import World


@frozen(kw_only=True)
class _Base:
    """What most services are built over."""

    world: World
    repository: GitRepository
    running: RunningTurns
    projects: Projects
    recalling: ProvidedRecalling
    knowledge: Knowledge
    conversations: Conversations
    sessions: Sessions
    searches: Searches
    memories: Memories
    transfer: Transfer
    prompting: Prompting


def services_over(ports: Ports) -> Services:
    """The services over their ports."""
    base = _base(ports)
    conversations, sessions, recalling, searches = base.conversations, base.sessions, base.recalling, base.searches
    history = History(conversations, sessions, base.projects, base.running, base.memories, base.knowledge)
    summarising = Summarising(conversations, history, ports.models, ports.choke_point)
    finding = Finding(sessions, searches, recalling)
    tooling = _tooling(ports, base, finding)
    answering = _answering(ports, base, summarising, tooling)
    turns = Turns(conversations, sessions, base.running, answering, ports.publisher)
    agents = Agents(ports.agent_files, sessions, conversations, base.knowledge)
    return Services(
        projects=base.projects,
        sessions=sessions,
        states=SessionState(conversations),
        recalling=recalling,
        memories=base.memories,
        contexts=Contexts(sessions, recalling),
        knowledge=base.knowledge,
        history=history,
        pictures=Pictures(conversations),
        turns=turns,
        tooling=tooling,
        deciding=Deciding(turns, base.running, sessions, problems),
        agents=agents,
        prompting=base.prompting,
        summarising=summarising,
        transfer=base.transfer,
        cleaning=Cleaning(conversations, sessions, history, base.projects, base.running),
        backups=_backups(ports, base, history),
        searches=searches,
        models=ports.models,
        spending=ports.spending,
        editing=Editing(conversations, sessions, answering, ports.choke_point),
        completing=Completing(sessions, searches, ports.files, agents, base.prompting),
        finding=finding,
        folders=FolderListing(ports.files),
        transcripts=Transcripts(sessions, base.projects, ports.transcript_files, ports.choke_point),
    )


def _base(ports: Ports) -> _Base:
    world, repository = World(), GitRepository()
    projects = Projects(ports.store, ports.io, repository, world)
    recalling, remembered, knowledge = _recalled(ports, projects, world)
    conversations = Conversations(ports.store, ports.io, recalling, ports.publisher, world)
    memories = Memories(remembered, recalling, MemoryOrigins(conversations, projects), world)
    trashed_ids = TrashedIds(conversations, memories, knowledge)
    sessions = Sessions(conversations, projects, Renames(ports.files, repository), trashed_ids)
    projects.when_moved(conversations.reloaded, remembered.reloaded, recalling.reloaded)
    return _Base(
        world=world,
        repository=repository,
        running=RunningTurns(),
        projects=projects,
        recalling=recalling,
        knowledge=knowledge,
        conversations=conversations,
        sessions=sessions,
        searches=Searches(ports.search_provider, linger=LINGER_SECONDS),
        memories=memories,
        transfer=Transfer(conversations, sessions, projects, memories, knowledge, KnownForeignFiles(), trashed_ids),
        prompting=Prompting(ports.prompt_files),
    )


def _tooling(ports: Ports, base: _Base, finding: Finding) -> Tooling:
    """The tools that models may call, and what calls them."""
    looking, talking = ProjectTools(ports.files, base.searches), ConversationTools(finding, base.memories)
    return Tooling([BuiltInTools(looking, talking), ports.mcp], problems)


def _answering(ports: Ports, base: _Base, summarising: Summarising, tooling: Tooling) -> Answering:
    """What has requests answered."""
    gathering = Gathering(base.sessions, base.searches, Recap(base.recalling), base.repository)
    return Answering(
        *(ports.models, gathering, summarising, ports.choke_point, ports.spending, Remembering(base.memories)),
        *(tooling, Structuring(ShapesOnDemand()), base.world),
    )


def _backups(ports: Ports, base: _Base, history: History) -> Backups:
    return Backups(
        *(base.conversations, base.projects, history, base.transfer, base.running, ports.archives),
        records_changed=_each(base.memories.reloaded, base.knowledge.reloaded, base.recalling.reloaded),
    )


def _recalled(ports: Ports, projects: Projects, world: World) -> tuple[ProvidedRecalling, Remembered, Knowledge]:
    """What can be recalled besides files, and what finds it."""
    remembered = Remembered(ports.store, ports.io, world)
    kept = KnowledgeStore(ports.store, ports.io, projects)
    reading = KnowledgeReading(ChildExtraction(), AskedPages(), DiskKnowledgeFiles())
    rereading = RereadKnowledge(kept, reading, projects, world)
    sources: list[RecallSource] = [RecalledMessages(ports.store, ports.io), remembered, rereading]
    recalling = ProvidedRecalling(sources, ports.recall_index, ports.open_provider, ports.store, ports.io)
    return recalling, remembered, Knowledge(kept, reading, rereading, recalling, world)


def _each(*calls: Callable[[str], None]) -> Callable[[str], None]:
    """One call for several."""

    def call(value: str) -> None:
        for one in calls:
            one(value)

    return call
