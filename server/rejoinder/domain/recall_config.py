"""How memory and knowledge are kept and found: what a session says of it, over what is set."""

from collections.abc import Mapping
from typing import Any

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.errors import InvalidInput

BUILTIN = "builtin"
NONE = "none"
EXACT = "exact"
_KEYS = {"provider": "provider", "vector_store": "vectorStore", "chunker": "chunker", "chunk_size": "chunkSize"}
"""What a session may say, and how documents call it."""


@frozen(kw_only=True)
class RecallConfig:
    """The configuration of memory or of knowledge. None: nothing is said of it here.

    Names are those of what is built in, or of entry points. `chunker` and `chunk_size`, in characters, are for
    knowledge alone.
    """

    provider: str | None = None
    vector_store: str | None = None
    path: str | None = None
    """Folder for the files of a provider that is not built in. It is set, and no session says it."""
    chunker: str | None = None
    chunk_size: int | None = None

    def over(self, defaults: "RecallConfig") -> "RecallConfig":
        """This, and the defaults for what is not said here."""
        unsaid = {key: value for key, value in attrs.asdict(defaults).items() if getattr(self, key) is None}
        return attrs.evolve(self, **unsaid)

    def said(self) -> dict[str, Any]:
        """What is said here, by name."""
        return {key: value for key, value in attrs.asdict(self).items() if value is not None}

    @property
    def is_off(self) -> bool:
        """Whether nothing is kept and nothing is found."""
        return self.provider == NONE

    @property
    def is_builtin(self) -> bool:
        """Whether Rejoinder's own store keeps it."""
        return self.provider in (None, BUILTIN)

    def require_on(self, what: str) -> None:
        """InvalidInput when nothing is to be kept here."""
        if self.is_off:
            raise InvalidInput(
                f"There is no {what} here: its provider is `none`.",
                hint=f"Set `{what}.provider` to `builtin`, or choose it for the session.",
                key="provider",
            )


def encode_config(config: RecallConfig) -> dict[str, Any]:
    """What a session says, as a document."""
    said = config.said()
    return {key: said[name] for name, key in _KEYS.items() if name in said}


def decode_config(document: Mapping[str, Any] | None) -> RecallConfig | None:
    """A document as what a session says. TypeError when it is none."""
    if document is None:
        return None
    if not isinstance(document, Mapping):
        raise TypeError("a configuration is a table")
    said = {name: document[key] for name, key in _KEYS.items() if document.get(key) is not None}
    for name, value in said.items():
        if type(value) is not (int if name == "chunk_size" else str):
            raise TypeError(f"{name} cannot be {value!r:.40}")
    return RecallConfig(**said)
