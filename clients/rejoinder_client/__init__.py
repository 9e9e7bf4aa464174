"""The client library of Rejoinder: conversations that any editor or program can rejoin.

    from rejoinder_client import Client

    with Client() as client:
        session = client.session()
        session.run("My name is Alice.")
        print(session.run("What is my name?"))

`AsyncClient` is the same for programs with an event loop. What is imported from here is loaded when it is first used:
the terminal command must not wait for what it does not need.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rejoinder.protocol.agents import AgentInfo
    from rejoinder.protocol.memory import MemoryEntry
    from rejoinder.protocol.retrieval import Knowledge
    from rejoinder.protocol.tools import ToolInfo
    from rejoinder.protocol.types import (
        Attachment,
        Citation,
        Hit,
        KnowledgeConfig,
        MemoryConfig,
        NewMessage,
        ToolCall,
        Usage,
    )
    from rejoinder.protocol.types import Message as StoredMessage
    from rejoinder.protocol.types import Session as SessionInfo
    from rejoinder.protocol.updates import (
        Approval,
        CitationFound,
        Context,
        End,
        Started,
        Status,
        Text,
        Thought,
        ToolCallStarted,
        ToolUpdate,
        UserMessage,
    )
    from rejoinder_client.agents import Agent, Task
    from rejoinder_client.approvals import ApprovalRequest, Decision
    from rejoinder_client.async_client import AsyncClient
    from rejoinder_client.async_session import AsyncSession
    from rejoinder_client.async_sessions import AsyncSessions
    from rejoinder_client.client import Client, Session, Sessions
    from rejoinder_client.errors import ConnectionLost, RejoinderError
    from rejoinder_client.handshake import Server
    from rejoinder_client.messages import Message
    from rejoinder_client.options import AskOptions, ChatOptions, SessionOptions, attachment, image, note
    from rejoinder_client.progress import Progress
    from rejoinder_client.remote import RemoteSession
    from rejoinder_client.remote_async import AsyncRemoteSession, RemoteAnswer
    from rejoinder_client.remote_errors import (
        LocalOnly,
        RemoteBusy,
        RemoteDenied,
        RemoteError,
        RemoteTimeout,
        RemoteUnreachable,
    )
    from rejoinder_client.searching import Hits, SearchOptions
    from rejoinder_client.streams import Streams, open_pipe, open_socket, open_streams
    from rejoinder_client.tools import default_tools, tool
    from rejoinder_client.turns import Answer

__all__ = [
    "Agent",
    "AgentInfo",
    "Answer",
    "Approval",
    "ApprovalRequest",
    "AskOptions",
    "AsyncClient",
    "AsyncRemoteSession",
    "AsyncSession",
    "AsyncSessions",
    "Attachment",
    "ChatOptions",
    "Citation",
    "CitationFound",
    "Client",
    "ConnectionLost",
    "Context",
    "Decision",
    "End",
    "Hit",
    "Hits",
    "Knowledge",
    "KnowledgeConfig",
    "LocalOnly",
    "MemoryConfig",
    "MemoryEntry",
    "Message",
    "NewMessage",
    "Progress",
    "RejoinderError",
    "RemoteAnswer",
    "RemoteBusy",
    "RemoteDenied",
    "RemoteError",
    "RemoteSession",
    "RemoteTimeout",
    "RemoteUnreachable",
    "SearchOptions",
    "Server",
    "Session",
    "SessionInfo",
    "SessionOptions",
    "Sessions",
    "Started",
    "Status",
    "StoredMessage",
    "Streams",
    "Task",
    "Text",
    "Thought",
    "ToolCall",
    "ToolCallStarted",
    "ToolInfo",
    "ToolUpdate",
    "Usage",
    "UserMessage",
    "attachment",
    "default_tools",
    "image",
    "note",
    "open_pipe",
    "open_socket",
    "open_streams",
    "tool",
]

_HOMES = {
    "Agent": "rejoinder_client.agents",
    "AgentInfo": "rejoinder.protocol.agents",
    "Answer": "rejoinder_client.turns",
    "Approval": "rejoinder.protocol.updates",
    "ApprovalRequest": "rejoinder_client.approvals",
    "AskOptions": "rejoinder_client.options",
    "AsyncClient": "rejoinder_client.async_client",
    "AsyncSession": "rejoinder_client.async_session",
    "AsyncSessions": "rejoinder_client.async_sessions",
    "Attachment": "rejoinder.protocol.types",
    "ChatOptions": "rejoinder_client.options",
    "Citation": "rejoinder.protocol.types",
    "CitationFound": "rejoinder.protocol.updates",
    "Client": "rejoinder_client.client",
    "ConnectionLost": "rejoinder_client.errors",
    "Context": "rejoinder.protocol.updates",
    "Decision": "rejoinder_client.approvals",
    "End": "rejoinder.protocol.updates",
    "Hit": "rejoinder.protocol.types",
    "Hits": "rejoinder_client.searching",
    "Knowledge": "rejoinder.protocol.retrieval",
    "KnowledgeConfig": "rejoinder.protocol.types",
    "MemoryConfig": "rejoinder.protocol.types",
    "MemoryEntry": "rejoinder.protocol.memory",
    "Message": "rejoinder_client.messages",
    "NewMessage": "rejoinder.protocol.types",
    "Progress": "rejoinder_client.progress",
    "RejoinderError": "rejoinder_client.errors",
    "Server": "rejoinder_client.handshake",
    "SearchOptions": "rejoinder_client.searching",
    "Session": "rejoinder_client.client",
    "SessionInfo": "rejoinder.protocol.types:Session",
    "SessionOptions": "rejoinder_client.options",
    "Sessions": "rejoinder_client.client",
    "Started": "rejoinder.protocol.updates",
    "Status": "rejoinder.protocol.updates",
    "StoredMessage": "rejoinder.protocol.types:Message",
    "Streams": "rejoinder_client.streams",
    "Task": "rejoinder_client.agents",
    "Text": "rejoinder.protocol.updates",
    "Thought": "rejoinder.protocol.updates",
    "ToolCall": "rejoinder.protocol.types",
    "ToolCallStarted": "rejoinder.protocol.updates",
    "ToolInfo": "rejoinder.protocol.tools",
    "ToolUpdate": "rejoinder.protocol.updates",
    "Usage": "rejoinder.protocol.types",
    "UserMessage": "rejoinder.protocol.updates",
    "attachment": "rejoinder_client.options",
    "default_tools": "rejoinder_client.tools",
    "image": "rejoinder_client.options",
    "note": "rejoinder_client.options",
    "open_pipe": "rejoinder_client.streams",
    "open_socket": "rejoinder_client.streams",
    "open_streams": "rejoinder_client.streams",
    "tool": "rejoinder_client.tools",
    "AsyncRemoteSession": "rejoinder_client.remote_async",
    "RemoteAnswer": "rejoinder_client.remote_async",
    "RemoteSession": "rejoinder_client.remote",
    "LocalOnly": "rejoinder_client.remote_errors",
    "RemoteBusy": "rejoinder_client.remote_errors",
    "RemoteDenied": "rejoinder_client.remote_errors",
    "RemoteError": "rejoinder_client.remote_errors",
    "RemoteTimeout": "rejoinder_client.remote_errors",
    "RemoteUnreachable": "rejoinder_client.remote_errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, original = _HOMES[name].partition(":")
    return getattr(importlib.import_module(module), original or name)
