"""A conversation that remembers; run it twice, and the second run goes on (session object: basic usage)."""

from rejoinder_client import Client

with Client() as client:
    session = client.session("example-multi-turn", system="Answer in one sentence.")
    print(f"{len(session.messages)} messages so far")

    session.run("My name is Alice, and I look after the tests.")
    answer = session.run("What do you know about me?")

    print(answer.text)
    print(f"{len(session.messages)} messages now, answered by {answer.model}")
