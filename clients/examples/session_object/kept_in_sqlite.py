"""Copies of sessions in a database of one's own (session object: SQLite store, custom store)."""

import json
import sqlite3
from contextlib import closing
from typing import Any

from rejoinder_client import Client, Message, Session


class SqliteStore:
    """Sessions by ID."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, data TEXT)")

    def save(self, session_id: str, data: dict[str, Any]) -> None:
        with self._connection:
            self._connection.execute("REPLACE INTO sessions VALUES (?, ?)", (session_id, json.dumps(data)))

    def load(self, session_id: str) -> dict[str, Any] | None:
        row = self._connection.execute("SELECT data FROM sessions WHERE id = ?", (session_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, session_id: str) -> bool:
        with self._connection:
            return self._connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,)).rowcount > 0

    def list_sessions(self) -> list[str]:
        return [row[0] for row in self._connection.execute("SELECT id FROM sessions ORDER BY id")]


with Client() as client, closing(sqlite3.connect("sessions.db")) as connection:
    store = SqliteStore(connection)
    session = client.session("trip", messages=[Message.user("We're planning a trip to Japan")])
    store.save(session.session_id, session.to_dict())
    session.delete(permanent=True)

    data = store.load("trip")
    if data is not None:
        print(len(Session.from_dict(data, client).messages), store.list_sessions(), store.delete("trip"))
