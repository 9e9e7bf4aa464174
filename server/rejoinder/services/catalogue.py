"""All services together, as the handlers get them."""

import attrs

from rejoinder.services.history import History
from rejoinder.services.ports import Models
from rejoinder.services.projects import Projects
from rejoinder.services.searches import Searches
from rejoinder.services.sessions import Sessions
from rejoinder.services.transfer import Transfer
from rejoinder.services.turns import Turns


@attrs.frozen(kw_only=True)
class Services:
    """What can be done."""

    projects: Projects
    sessions: Sessions
    history: History
    turns: Turns
    transfer: Transfer
    searches: Searches
    models: Models
