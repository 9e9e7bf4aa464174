"""All services together, as the handlers get them."""

from rejoinder.declared import frozen
from rejoinder.services.agents import Agents
from rejoinder.services.backups import Backups
from rejoinder.services.cleaning import Cleaning
from rejoinder.services.completing import Completing
from rejoinder.services.contexts import Contexts
from rejoinder.services.deciding import Deciding
from rejoinder.services.editing import Editing
from rejoinder.services.finding import Finding
from rejoinder.services.folder_listing import FolderListing
from rejoinder.services.history import History
from rejoinder.services.knowledge import Knowledge
from rejoinder.services.memories import Memories
from rejoinder.services.model_ports import Models
from rejoinder.services.pictures import Pictures
from rejoinder.services.projects import Projects
from rejoinder.services.prompting import Prompting
from rejoinder.services.recalling import Recalling
from rejoinder.services.searches import Searches
from rejoinder.services.session_state import SessionState
from rejoinder.services.sessions import Sessions
from rejoinder.services.spending import Spending
from rejoinder.services.summarising import Summarising
from rejoinder.services.tooling import Tooling
from rejoinder.services.transcripts import Transcripts
from rejoinder.services.transfer import Transfer
from rejoinder.services.turns import Turns


@frozen(kw_only=True)
class Services:
    """What can be done."""

    projects: Projects
    sessions: Sessions
    states: SessionState
    recalling: Recalling
    memories: Memories
    contexts: Contexts
    knowledge: Knowledge
    history: History
    pictures: Pictures
    turns: Turns
    tooling: Tooling
    deciding: Deciding
    agents: Agents
    prompting: Prompting
    editing: Editing
    completing: Completing
    finding: Finding
    folders: FolderListing
    summarising: Summarising
    transfer: Transfer
    transcripts: Transcripts
    cleaning: Cleaning
    backups: Backups
    searches: Searches
    models: Models
    spending: Spending
