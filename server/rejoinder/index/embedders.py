"""What makes vectors of texts: the built-in table, a server on the network, or a package that offers another."""

from collections.abc import Sequence
from typing import Protocol

from rejoinder.index.packed_rows import Vectors
from rejoinder.index.static_table import StaticTable

BUILTIN = "builtin"
ENTRY_POINTS = "rejoinder.embedders"
"""The group of entry points; each is called with what follows the colon of the setting and answers an embedder."""

_OLLAMA = "http://127.0.0.1:11434/v1"


class EmbedderUnavailable(Exception):
    """The server cannot be reached, refuses, or answers what cannot be read."""


class Embedder(Protocol):
    """Makes vectors of texts. Used by one thread at a time."""

    @property
    def identity(self) -> str:
        """Names the model and its version; vectors of different identities are never compared."""
        ...

    @property
    def quick(self) -> bool:
        """Whether it may be waited for while a file is taken in."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text, or of zeros. Raises EmbedderUnavailable."""
        ...


def chosen_embedder(setting: str, builtin: "BuiltinEmbedder", *, base_url: str | None, api_key: str | None) -> Embedder:
    """The embedder that a setting names: `builtin`, `openai-compatible:MODEL`, `ollama:MODEL`, or `ENTRY_POINT:REST`.

    Raises ValueError for any other.
    """
    kind, _, rest = setting.partition(":")
    if kind == BUILTIN:
        return builtin
    # what most projects do without is not waited for at the start of every process
    from importlib.metadata import entry_points

    from rejoinder.index.remote_embedder import RemoteEmbedder

    if kind == "openai-compatible" and base_url and rest:
        return RemoteEmbedder(base_url, rest, api_key)
    if kind == "ollama" and rest:
        return RemoteEmbedder(base_url or _OLLAMA, rest, api_key)
    for found in entry_points(group=ENTRY_POINTS, name=kind):
        embedder: Embedder = found.load()(rest)
        return embedder
    raise ValueError(f"there is no embedder {setting!r}")


class BuiltinEmbedder:
    """The static table that is shipped."""

    quick = True

    def __init__(self) -> None:
        self.table = StaticTable.load()

    @property
    def identity(self) -> str:
        """As the protocol says."""
        return self.table.identity

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the protocol says."""
        return self.table.embed(texts)
