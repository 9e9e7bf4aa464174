"""A turn that fails leaves history as it was, and keeps the text (session object: handle errors gracefully)."""

from rejoinder_client import Client, RejoinderError

with Client() as client:
    session = client.session()
    try:
        # nobody listens there
        session.run("Hello", model="openai-compatible:any", retrieve=False)
    except RejoinderError as error:
        print(f"Error: {error} {error.hint}")
    print(f"{len(session.messages)} messages, and the draft {session.refresh().draft!r}")
