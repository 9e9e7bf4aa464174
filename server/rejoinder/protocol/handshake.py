"""What both sides say of themselves in `capabilities.experimental.rejoinder`, and what every error carries."""

from typing import Any

import attrs

from rejoinder.protocol.declare import wire

EDITOR_CONTEXT_FEATURE = "editorContext"
"""The feature of a client that answers `editor/context`."""


@wire
class ClientHandshake:
    """What a client says of itself. `ui`: it draws answers itself."""

    protocol_version: int
    ui: bool = False
    features: list[str] = attrs.field(factory=list)


@wire
class ServerHandshake:
    """What the server says of itself: the methods that it serves, by name, and where its files are."""

    protocol_version: int
    methods: list[str]
    features: list[str]
    process_id: int | None = None
    data_dir: str | None = None
    store: str | None = None
    cache_dir: str | None = None
    config_file: str | None = None


@wire
class ErrorData:
    """What goes along with an error. `hint` is one thing to do; the other keys depend on the code."""

    hint: str
    candidates: list[dict[str, str]] | None = None
    turn_id: str | None = None
    session_id: str | None = None
    retry_after: float | None = None
    retryable: bool | None = None
    errors: list[Any] | None = None
    holder: str | None = None
    path: str | None = None
    backup: str | None = None
    what: str | None = None
    id: str | None = None
    limit: int | None = None
    correlation_id: str | None = None
