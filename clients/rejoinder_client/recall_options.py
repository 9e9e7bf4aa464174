"""How a program says how a session's memory and knowledge are kept and found."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rejoinder.protocol.types import KnowledgeConfig, MemoryConfig
from rejoinder_client.errors import InvalidParams

if TYPE_CHECKING:
    from rejoinder_client.async_session import AsyncSession, SessionFields

_OF_MEMORY = ("provider", "vector_store")
_OF_KNOWLEDGE = (*_OF_MEMORY, "chunker", "chunk_size")


def memory(given: "MemoryConfig | Mapping[str, Any] | None") -> MemoryConfig | None:
    """`{"provider": …, "vector_store": …}` as it goes to the server. Raises InvalidParams for another key."""
    if given is None or isinstance(given, MemoryConfig):
        return given
    return MemoryConfig(**_known("memory_config", _flat(given), _OF_MEMORY))


def knowledge(given: "KnowledgeConfig | Mapping[str, Any] | None") -> KnowledgeConfig | None:
    """The same with `chunker` and `chunk_size`, which may stand within: `{"chunker": {"type": …, "chunk_size": …}}`."""
    if given is None or isinstance(given, KnowledgeConfig):
        return given
    return KnowledgeConfig(**_known("knowledge_config", _flat(given), _OF_KNOWLEDGE))


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    flat = dict(given)
    if isinstance(chunker := flat.get("chunker"), Mapping):
        flat |= {"chunker" if key == "type" else key: value for key, value in chunker.items()}
        if flat["chunker"] is chunker:
            del flat["chunker"]
    if isinstance(store := flat.get("vector_store"), Mapping):
        flat |= {"vector_store" if key == "provider" else key: value for key, value in store.items()}
        if flat["vector_store"] is store:
            del flat["vector_store"]
    return flat


def _known(name: str, given: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise InvalidParams(
            f"{name}: {', '.join(map(repr, unknown))} cannot be set for a session.",
            hint=f"Give {', '.join(f'`{key}`' for key in known)}; folders are settings.",
        )
    return given


async def configure(session: "AsyncSession", memory: MemoryConfig | None, knowledge: KnowledgeConfig | None) -> None:
    """Have a session that is there say this, if it says something else."""
    fields: SessionFields = {}
    if memory is not None and memory != session.info.memory:
        fields["memory"] = memory
    if knowledge is not None and knowledge != session.info.knowledge:
        fields["knowledge"] = knowledge
    if fields:
        await session.update(**fields)
