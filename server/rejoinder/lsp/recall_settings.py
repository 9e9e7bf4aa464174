"""How memory and knowledge are configured: from the settings, and from what a client says of a session, and back."""

from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.recall_config import RecallConfig
from rejoinder.protocol import types
from rejoinder.protocol.settings import Knowledge, Memory

_SMALLEST_CHUNK = 100
_LONGEST_NAME = 128


def config_of(settings: Memory | Knowledge) -> RecallConfig:
    """What the settings say."""
    return RecallConfig(
        provider=settings.provider,
        vector_store=settings.vector_store,
        path=settings.path,
        chunker=settings.chunker if isinstance(settings, Knowledge) else None,
        chunk_size=settings.chunk_size if isinstance(settings, Knowledge) else None,
    )


def config_in(config: types.MemoryConfig | types.KnowledgeConfig | None, key: str) -> RecallConfig | None:
    """What a client says of a session. Raises InvalidInput for what cannot be."""
    if config is None:
        return None
    named = {"provider": config.provider, "vectorStore": config.vector_store}
    chunk_size = None
    if isinstance(config, types.KnowledgeConfig):
        named["chunker"], chunk_size = config.chunker, config.chunk_size
    for name, value in named.items():
        if value is not None and not (0 < len(value) <= _LONGEST_NAME and value.isprintable()):
            raise InvalidInput(f"{key}.{name}: {value[:40]!r} is no name.", hint="Name what is installed.", key=key)
    if chunk_size is not None and chunk_size < _SMALLEST_CHUNK:
        raise InvalidInput(
            f"{key}.chunkSize: {chunk_size} is below {_SMALLEST_CHUNK}.", hint="Allow more characters.", key=key
        )
    return RecallConfig(
        provider=named["provider"],
        vector_store=named["vectorStore"],
        chunker=named.get("chunker"),
        chunk_size=chunk_size,
    )


def memory_out(config: RecallConfig | None) -> types.MemoryConfig | None:
    """What a session says of its memory."""
    return None if config is None else types.MemoryConfig(provider=config.provider, vector_store=config.vector_store)


def knowledge_out(config: RecallConfig | None) -> types.KnowledgeConfig | None:
    """What a session says of its knowledge."""
    if config is None:
        return None
    return types.KnowledgeConfig(
        provider=config.provider,
        vector_store=config.vector_store,
        chunker=config.chunker,
        chunk_size=config.chunk_size,
    )
