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
    from rejoinder.protocol.memory import MemoryEntry
    from rejoinder.protocol.retrieval import Knowledge
    from rejoinder.protocol.types import Attachment, Citation, Hit, KnowledgeConfig, MemoryConfig, NewMessage, Usage
    from rejoinder.protocol.types import Message as StoredMessage
    from rejoinder.protocol.types import Session as SessionInfo
    from rejoinder.protocol.updates import CitationFound, Context, End, Started, Status, Text, Thought, UserMessage
    from rejoinder_client.async_client import AsyncClient
    from rejoinder_client.async_session import AsyncSession
    from rejoinder_client.async_sessions import AsyncSessions
    from rejoinder_client.client import Client, Session, Sessions
    from rejoinder_client.errors import ConnectionLost, RejoinderError
    from rejoinder_client.handshake import Server
    from rejoinder_client.messages import Message
    from rejoinder_client.options import AskOptions, ChatOptions, SessionOptions, attachment, note
    from rejoinder_client.progress import Progress
    from rejoinder_client.streams import Streams, open_pipe, open_socket, open_streams
    from rejoinder_client.turns import Answer

__all__ = [
    "Answer",
    "AskOptions",
    "AsyncClient",
    "AsyncSession",
    "AsyncSessions",
    "Attachment",
    "ChatOptions",
    "Citation",
    "CitationFound",
    "Client",
    "ConnectionLost",
    "Context",
    "End",
    "Hit",
    "Knowledge",
    "KnowledgeConfig",
    "MemoryConfig",
    "MemoryEntry",
    "Message",
    "NewMessage",
    "Progress",
    "RejoinderError",
    "Server",
    "Session",
    "SessionInfo",
    "SessionOptions",
    "Sessions",
    "Started",
    "Status",
    "StoredMessage",
    "Streams",
    "Text",
    "Thought",
    "Usage",
    "UserMessage",
    "attachment",
    "note",
    "open_pipe",
    "open_socket",
    "open_streams",
]

_HOMES = {
    "Answer": "rejoinder_client.turns",
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
    "End": "rejoinder.protocol.updates",
    "Hit": "rejoinder.protocol.types",
    "Knowledge": "rejoinder.protocol.retrieval",
    "KnowledgeConfig": "rejoinder.protocol.types",
    "MemoryConfig": "rejoinder.protocol.types",
    "MemoryEntry": "rejoinder.protocol.memory",
    "Message": "rejoinder_client.messages",
    "NewMessage": "rejoinder.protocol.types",
    "Progress": "rejoinder_client.progress",
    "RejoinderError": "rejoinder_client.errors",
    "Server": "rejoinder_client.handshake",
    "Session": "rejoinder_client.client",
    "SessionInfo": "rejoinder.protocol.types:Session",
    "SessionOptions": "rejoinder_client.options",
    "Sessions": "rejoinder_client.client",
    "Started": "rejoinder.protocol.updates",
    "Status": "rejoinder.protocol.updates",
    "StoredMessage": "rejoinder.protocol.types:Message",
    "Streams": "rejoinder_client.streams",
    "Text": "rejoinder.protocol.updates",
    "Thought": "rejoinder.protocol.updates",
    "Usage": "rejoinder.protocol.types",
    "UserMessage": "rejoinder.protocol.updates",
    "attachment": "rejoinder_client.options",
    "note": "rejoinder_client.options",
    "open_pipe": "rejoinder_client.streams",
    "open_socket": "rejoinder_client.streams",
    "open_streams": "rejoinder_client.streams",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, original = _HOMES[name].partition(":")
    return getattr(importlib.import_module(module), original or name)
