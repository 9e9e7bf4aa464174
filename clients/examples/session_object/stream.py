"""An answer as it comes; history has it at the end (session object: streaming)."""

from rejoinder_client import Client

with Client() as client:
    session = client.session()
    for event in session.stream("Write a story"):
        if event.type == "text":
            print(event.text, end="", flush=True)
    print(f"\n{len(session.messages)} messages")
