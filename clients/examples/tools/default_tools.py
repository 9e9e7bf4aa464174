"""The tools that are there and only read: files, search, conversations (tools: default tools)."""

from rejoinder_client import Client, default_tools

with Client() as client:
    for each in client.tools():
        if not each.asks:
            print(f"{each.name}: {each.description.splitlines()[0]}")

    print(client.chat("What does calc.py define?", session_id="my_project", tools=default_tools()))
