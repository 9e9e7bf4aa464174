"""The same task for one agent after the other, each with what was said before (session object: agents)."""

from rejoinder_client import Agent, Client

researcher = Agent("researcher", goal="Facts, each with its place.")
writer = Agent("writer", instructions="Turn what was found into one paragraph.")

with Client() as client:
    session = client.session("zebras")
    for answer in session.sequence([researcher, writer], "What is known of zebras?"):
        print(f"{answer.agent}: {answer}")
    print(session.run("And of gnus?", agent="researcher"))
