"""A loop of questions and answers in a session that is kept (session memory: chat loop with persisted session)."""

from rejoinder_client import Client

with Client() as client:
    client.chat_loop("long_chat")
    print(f"{len(client.existing('long_chat').messages)} messages in long_chat")
