"""Every turn is on the disk before its answer is here: nothing has to be saved (session manager: auto-save pattern)."""

from rejoinder_client import Client

with Client() as client:
    client.chat("Hello", session_id="my_project")

with Client() as another_program:
    print(f"{len(another_program.existing('my_project').messages)} messages are there")
