"""The services over their ports."""

from collections.abc import Callable

from rejoinder.adapters.extraction import ChildExtraction
from rejoinder.adapters.foreign_files import KnownForeignFiles
from rejoinder.adapters.git import GitRepository
from rejoinder.adapters.knowledge_files import DiskKnowledgeFiles
from rejoinder.adapters.web_pages import AskedPages
from rejoinder.bootstrap.ports import Ports
from rejoinder.services.answering import Answering
from rejoinder.services.backups import Backups
from rejoinder.services.catalogue import Services
from rejoinder.services.cleaning import Cleaning
from rejoinder.services.completing import Completing
from rejoinder.services.contexts import Contexts
from rejoinder.services.conversations import Conversations
from rejoinder.services.editing import Editing
from rejoinder.services.finding import Finding
from rejoinder.services.gathering import Gathering
from rejoinder.services.history import History
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.knowledge_reading import KnowledgeReading
from rejoinder.services.knowledge_store import KnowledgeStore
from rejoinder.services.memories import Memories
from rejoinder.services.memory_origins import MemoryOrigins
from rejoinder.services.projects import Projects
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
from rejoinder.services.summarising import Summarising
from rejoinder.services.transfer import Transfer
from rejoinder.services.turns import Turns
from rejoinder.services.world import World


def services_over(ports: Ports) -> Services:
    """The services over their ports."""
    world, repository, running, io, models = World(), GitRepository(), RunningTurns(), ports.io, ports.models
    projects = Projects(ports.store, io, repository, world)
    recalling, remembered, knowledge = _recalled(ports, projects, world)
    conversations = Conversations(ports.store, io, recalling, ports.publisher, world)
    sessions = Sessions(conversations, projects, Renames(ports.files, repository))
    searches = Searches(ports.search_provider, linger=LINGER_SECONDS)
    memories = Memories(remembered, recalling, MemoryOrigins(conversations, sessions, projects), world)
    gathering = Gathering(sessions, searches, Recap(recalling), repository)
    history = History(conversations, sessions, projects, running, memories, knowledge)
    summarising = Summarising(conversations, history, models, ports.choke_point)
    remembering = Remembering(memories)
    answering = Answering(models, gathering, summarising, ports.choke_point, ports.spending, remembering, world)
    transfer = Transfer(conversations, sessions, KnownForeignFiles())
    return Services(
        projects=projects,
        sessions=sessions,
        states=SessionState(conversations),
        recalling=recalling,
        memories=memories,
        contexts=Contexts(sessions, recalling),
        knowledge=knowledge,
        history=history,
        turns=Turns(conversations, sessions, running, answering, ports.publisher),
        summarising=summarising,
        transfer=transfer,
        cleaning=Cleaning(conversations, sessions, history, projects, running),
        backups=Backups(
            *(conversations, projects, history, transfer, running, ports.archives),
            records_changed=_each(memories.reloaded, knowledge.reloaded, recalling.reloaded),
        ),
        searches=searches,
        models=models,
        spending=ports.spending,
        editing=Editing(conversations, sessions, answering, ports.choke_point),
        completing=Completing(sessions, searches, ports.files),
        finding=Finding(sessions, searches, recalling),
    )


def _recalled(ports: Ports, projects: Projects, world: World) -> tuple[ProvidedRecalling, Remembered, Knowledge]:
    """What can be recalled besides files, and what finds it."""
    remembered = Remembered(ports.store, ports.io, world)
    kept = KnowledgeStore(ports.store, ports.io)
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
