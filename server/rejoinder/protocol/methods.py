"""Every method of the protocol, with the types of all parameters and results."""

from typing import Any

from rejoinder.protocol import (
    agents,
    attachments,
    memory,
    models,
    projects,
    prompts,
    retrieval,
    sessions,
    tools,
    transcripts,
    transfer,
    turns,
)
from rejoinder.protocol.agents import *  # noqa: F403 - this module is where all of them are found
from rejoinder.protocol.attachments import *  # noqa: F403
from rejoinder.protocol.memory import *  # noqa: F403
from rejoinder.protocol.method import Method as Method
from rejoinder.protocol.method import Nothing as Nothing
from rejoinder.protocol.method import Token as Token
from rejoinder.protocol.models import *  # noqa: F403
from rejoinder.protocol.projects import *  # noqa: F403
from rejoinder.protocol.prompts import *  # noqa: F403
from rejoinder.protocol.retrieval import *  # noqa: F403
from rejoinder.protocol.sessions import *  # noqa: F403
from rejoinder.protocol.tools import *  # noqa: F403
from rejoinder.protocol.transcripts import *  # noqa: F403
from rejoinder.protocol.transfer import *  # noqa: F403
from rejoinder.protocol.turns import *  # noqa: F403
from rejoinder.protocol.updates import ChatUpdateParams as ChatUpdateParams

CLIENT_NOTIFICATIONS: tuple[Method[Any, Any], ...] = (
    turns.CHAT_UPDATE,
    sessions.SESSION_CHANGED,
    retrieval.INDEX_CHANGED,
)
"""What the server tells a client."""

NOT_SERVED = (*CLIENT_NOTIFICATIONS, turns.CHAT_CANCEL, projects.EDITOR_CONTEXT, tools.TOOL_CALL)
"""What is sent to a client, and the one notification that a client sends."""

MODULES = (
    *(turns, tools, agents, prompts, sessions, attachments, transfer, memory, retrieval, models, projects),
    transcripts,
)
"""Where methods are declared."""

METHODS: tuple[Method[Any, Any], ...] = tuple(
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, Method) and value not in NOT_SERVED
)
"""Every request that a client may send."""
