"""A session that is not there, asked for in three ways (session manager: session not found)."""

from rejoinder_client import Client
from rejoinder_client.errors import SessionNotFound

with Client() as client:
    if not client.sessions.exists("my_project"):
        print("There is no session 'my_project'.")
    try:
        client.existing("my_project")
    except SessionNotFound as error:
        print(f"{error} {error.hint}")
    print(f"{client.session('my_project').session_id} is there now.")
