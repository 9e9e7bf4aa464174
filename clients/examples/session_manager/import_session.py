"""Messages of another program as a session (session manager: session import)."""

import json
from pathlib import Path

from rejoinder_client import Client

Path("import.json").write_text('[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi!"}]')

with Client() as client:
    client.sessions.save("imported_session", json.loads(Path("import.json").read_text()))
    print(f"{len(client.existing('imported_session').messages)} messages came in")

    # or any file or folder that is known, under its own ID
    print(client.sessions.import_path("import.json", dry_run=True))
