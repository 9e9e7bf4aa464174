"""A fork of a conversation goes its own way, the original stays as it is (session object: session forking)."""

from rejoinder_client import Client, Message

history = [
    Message.user("We are planning a trip to Japan: Tokyo and Kyoto."),
    Message.assistant("Both are lovely. When do you travel?"),
]

with Client() as client:
    trip = client.session(messages=history, name="Trip to Japan")
    other = trip.fork(name="Trip to Osaka")
    other.run("Let us rather look at Osaka.")

    for session in (trip, other):
        print(f"{session.info.name}:")
        for message in session.messages:
            print(f"  [{message.role}] {message.content[:60]!r}")
