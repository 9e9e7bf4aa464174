"""A server of remote sessions, and a program that talks to it (stateful session: remote agent)."""

import subprocess
import sys

from rejoinder_client import RemoteError, RemoteSession

serve = [sys.executable, "-m", "rejoinder", "serve", "--http", "127.0.0.1:0"]
key = subprocess.run([*serve, "--new-key", "ann"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as server:
    address = (server.stderr.readline() if server.stderr else "").split()[-1]
    try:
        with RemoteSession(address, api_key=key, session_id="remote_session", timeout=60) as session:
            if session.test_connection():
                print("Connected to a remote session:", session.is_remote)
                print(session.send_message("Hello from the client"))
                session.save_state({"draft": 1})  # type: ignore[attr-defined]
    except (RemoteError, ConnectionError) as error:
        print(error)
    finally:
        server.terminate()
subprocess.run([*serve, "--revoke-key", "ann"], check=True)
