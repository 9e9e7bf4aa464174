"""Another plan from the same beginning (session object: session forking)."""

from rejoinder_client import Client

with Client() as client:
    session = client.session()
    session.run("We're planning a trip to Japan")
    session.run("I want to visit Tokyo and Kyoto")

    other = session.fork(session_id="alternative-plan")
    other.run("Actually, let's focus on Osaka instead")
    # from any message, too
    first = session.fork(message_id=session.messages[1].message_id)

    print(f"original {len(session.messages)}, fork {len(other.messages)}, from its beginning {len(first.messages)}")
