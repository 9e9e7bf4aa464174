"""`llm`: the SQLite database `logs.db`, with conversations, their responses, attachments and calls of tools."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing.attachments import MOST_BYTES, data_url
from rejoinder.adapters.importing.databases import is_database, opened, tables
from rejoinder.domain.conversation import Usage
from rejoinder.domain.foreign import (
    ForeignAttachment,
    ForeignSession,
    Skipped,
    count,
    moment,
    own_id,
    span,
    string,
    text_of,
)
from rejoinder.domain.foreign_building import Building
from rejoinder.domain.foreign_calls import call_of

TITLE = "llm"
NAME = "logs.db"
_PLACES = "SELECT coalesce(conversation_id, id), rowid, datetime_utc FROM responses ORDER BY rowid"
_RESPONSE = "SELECT * FROM responses WHERE rowid = ?"
_BELONGING = {
    "attachments": (
        "SELECT id, type, path, url, CASE WHEN length(content) <= ? THEN content END AS content"
        " FROM attachments WHERE id = ?"
    ),
    "fragments": "SELECT content, source, ? AS most FROM fragments WHERE id = ?",
}


def fits(path: Path, value: Any = None) -> bool:
    """Whether this is such a database, or a folder with one."""
    file = path / NAME if path.is_dir() else path
    if not is_database(file):
        return False
    try:
        with opened(file) as database:
            return {"conversations", "responses"} <= tables(database).keys()
    except ValueError:
        return False


def read(path: Path) -> Iterator[ForeignSession | Skipped]:
    """The conversations, and single questions as conversations of their own."""
    file = path / NAME if path.is_dir() else path
    try:
        with opened(file) as database:
            database.row_factory = sqlite3.Row
            yield from _Log(database, file.name).sessions()
    except ValueError as exc:
        yield Skipped(file.name, str(exc))


class _Log:
    """A database while it is read: what its version does not have is left out."""

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        self._database = database
        self._name = name
        self._tables = tables(database)
        self._index()

    def sessions(self) -> Iterator[ForeignSession | Skipped]:
        named = {
            str(row["id"]): dict(row) for row in self._database.execute("SELECT id, name, model FROM conversations")
        }
        places: dict[str, list[tuple[str, int]]] = {}
        for talk, place, time in self._database.execute(_PLACES):
            places.setdefault(str(talk), []).append((str(time), place))
        for talk, at in places.items():
            found = (self._database.execute(_RESPONSE, (place,)).fetchone() for _, place in sorted(at))
            yield self._session(talk, named.get(talk, {}), [dict(row) for row in found if row is not None])

    def _session(
        self, foreign: str, about: Mapping[str, Any], responses: list[Mapping[str, Any]]
    ) -> ForeignSession | Skipped:
        place = f"{self._name}, conversation {foreign}"
        built = Building(place)
        built.each(responses, lambda row: self._take(built, row))
        if not built.messages:
            return Skipped(place, built.skipped[0].reason if built.skipped else "it has no messages")
        first, last = span(built.messages)
        systems = [text for row in responses if (text := string(row, "system"))]
        return ForeignSession(
            session_id=own_id(foreign),
            name=string(about, "name"),
            model=string(about, "model"),
            system=systems[0] if systems else None,
            created_at=first,
            updated_at=last,
            messages=tuple(built.messages),
            skipped=tuple(built.skipped),
        )

    def _take(self, built: Building, row: Mapping[str, Any]) -> None:
        """A response with the question before it, and the results of tools that came with the question."""
        time, response_id = moment(row.get("datetime_utc")), str(row["id"])
        prompt, answer = text_of(row.get("prompt")), text_of(row.get("response"))
        for result in self._of(response_id, "tool_results"):
            failed = string(result, "exception")
            built.result(result.get("tool_call_id"), text_of(failed or result.get("output")), failed=bool(failed))
        key = f"{response_id}:question"
        built.say("user", prompt, key=key, created_at=time, attachments=self._attachments(response_id))
        calls = [
            call_of({"id": call.get("tool_call_id"), "name": call.get("name"), "arguments": call.get("arguments")})
            for call in self._of(response_id, "tool_calls")
        ]
        built.say(
            "assistant",
            answer,
            key=response_id,
            created_at=time,
            model=string(row, "resolved_model", "model"),
            usage=_usage(row),
            calls=tuple(call for call in calls if call is not None),
        )

    def _of(self, response_id: str, table: str) -> list[Mapping[str, Any]]:
        if table not in self._tables:
            return []
        query = f"SELECT t.* FROM temp.of_{table} o JOIN {table} t ON t.rowid = o.place WHERE o.response_id = ?"  # noqa: S608 - names of ours
        return [dict(row) for row in self._database.execute(f"{query} ORDER BY o.place", (response_id,))]

    def _attachments(self, response_id: str) -> tuple[ForeignAttachment, ...]:
        found = []
        for table, query in _BELONGING.items():
            if table in self._tables:
                for belonging in sorted(self._of(response_id, f"prompt_{table}"), key=lambda row: row["order"] or 0):
                    rows = self._database.execute(query, (MOST_BYTES, belonging[f"{table[:-1]}_id"]))
                    found += [_attachment(dict(row)) for row in rows]
        return tuple(found)

    def _index(self) -> None:
        """What belongs to each response, found quickly: the program's own tables have no index for that."""
        for table in ("tool_calls", "tool_results", "prompt_attachments", "prompt_fragments"):
            if table in self._tables:
                made = f"CREATE TEMP TABLE of_{table} AS SELECT response_id, rowid AS place FROM main.{table}"  # noqa: S608 - names of ours
                self._database.execute(made)
                self._database.execute(f"CREATE INDEX temp.index_{table} ON of_{table} (response_id)")


def _attachment(row: Mapping[str, Any]) -> ForeignAttachment:
    content, path = row.get("content"), string(row, "path")
    uri = string(row, "url") or (Path(path).as_uri() if path and Path(path).is_absolute() else None)
    name = path or string(row, "source", "id") or "fragment"
    return ForeignAttachment(
        uri=uri or data_url(name),
        mime_type=string(row, "type"),
        data=content if isinstance(content, bytes) else None,
        text=content if isinstance(content, str) else None,
    )


def _usage(row: Mapping[str, Any]) -> Usage | None:
    given, made = count(row.get("input_tokens")), count(row.get("output_tokens"))
    if given is None or made is None:
        return None
    return Usage(given, made, seconds=(count(row.get("duration_ms")) or 0) / 1000)
