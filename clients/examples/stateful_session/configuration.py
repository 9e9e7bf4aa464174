"""Memory that is off, and passages of another size, in one session (stateful session: configuration)."""

from rejoinder_client import Client, RejoinderError

with Client() as client:
    session = client.session(
        "configured_session",
        memory_config={"provider": "none"},
        knowledge_config={"chunker": {"type": "sentences", "chunk_size": 200}},
    )
    try:
        session.store_long_memory("Nobody will read this")
    except RejoinderError as error:
        print(f"{error} {error.hint}")
    added = session.add_knowledge("Zebras sleep for nine minutes at a time. " * 20, title="Zebras")
    print(f"{added.chunks} passages")
