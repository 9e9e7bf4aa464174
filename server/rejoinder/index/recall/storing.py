"""What becomes of a group's passages when they come: which are new, which stay, which go."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence

import attrs
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.recall import Recallable
from rejoinder.index.recall.database import StoredPassage
from rejoinder.index.recall.messages import Piece, encode_passage
from rejoinder.index.recall.words import CountedWords, Words

_DIGEST_BYTES = 16
_KNOWN = "SELECT passage, id, digest FROM passages WHERE part_of = ? AND passage IN (SELECT value FROM json_each(?))"
_INSERT = (
    "INSERT INTO passages (part_of, passage, digest, user, session, message, role, model, scope, quality, created,"
    " expires, uri, place, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@frozen
class Stored:
    """What came into the database, with its words, the numbers of the passages that went, and the groups' kinds."""

    added: list[tuple[StoredPassage, CountedWords]] = attrs.field(factory=list)
    removed: list[int] = attrs.field(factory=list)
    groups: dict[int, str] = attrs.field(factory=dict)


class Storing:
    """Puts passages into the database; within a transaction of the caller's."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._seen: dict[tuple[str, str], set[int]] = {}
        """What of a group that comes in pieces has come so far."""

    def put(self, connection: sqlite3.Connection, piece: Piece, stored: Stored) -> None:
        """Take a piece of a group in; with the last one of a whole group, what did not come goes."""
        key = piece.kind, piece.group
        if piece.first:
            self._seen[key] = set()
        seen = self._seen.setdefault(key, set())
        there = _group(connection, piece)
        group = _new_group(connection, piece) if there is None else there
        stored.groups[group] = piece.kind
        known = {} if there is None else _known(connection, group, piece.passages)
        for passage in piece.passages:
            seen.add(self._place(connection, group, passage, known.get(passage.passage_id), stored))
        if piece.last:
            del self._seen[key]
            if there is not None:
                self._finish(connection, group, piece, seen, stored)

    def remove(self, connection: sqlite3.Connection, kind: str, names: Sequence[str]) -> Stored:
        """Take groups out."""
        stored = Stored()
        for name in names:
            row = connection.execute("SELECT id FROM groups WHERE kind = ? AND name = ?", (kind, name)).fetchone()
            if row is not None:
                ids = [each[0] for each in connection.execute("SELECT id FROM passages WHERE part_of = ?", row)]
                delete_passages(connection, ids)
                connection.execute("DELETE FROM groups WHERE id = ?", row)
                stored.removed.extend(ids)
            self._seen.pop((kind, name), None)
        return stored

    def _place(
        self,
        connection: sqlite3.Connection,
        group: int,
        passage: Recallable,
        known: tuple[int, bytes] | None,
        stored: Stored,
    ) -> int:
        """The passage's number; one that is `known` as it is keeps its own, and so its vectors."""
        digest = _digest(passage)
        if known is not None and known[1] == digest:
            return known[0]
        if known is not None:
            delete_passages(connection, [known[0]])
            stored.removed.append(known[0])
        number = int(connection.execute(_INSERT, _row(group, passage, digest)).lastrowid or 0)
        counted = self._words.counted(passage.text)
        connection.execute(
            "INSERT INTO words (id, length, terms, counts) VALUES (?, ?, ?, ?)",
            (number, counted.length, counted.terms.tobytes(), counted.counts.tobytes()),
        )
        connection.executemany(
            "INSERT INTO files (id, uri) VALUES (?, ?)", ((number, uri) for uri in set(passage.files))
        )
        stored.added.append((_held(number, group, passage, counted.length), counted))
        return number

    def _finish(self, connection: sqlite3.Connection, group: int, piece: Piece, seen: set[int], stored: Stored) -> None:
        if piece.whole:
            rows = connection.execute("SELECT id FROM passages WHERE part_of = ?", (group,))
            gone = [row[0] for row in rows if row[0] not in seen]
            delete_passages(connection, gone)
            stored.removed.extend(gone)
        values = (piece.version, piece.mark, group)
        connection.execute("UPDATE groups SET version = ?, mark = ? WHERE id = ?", values)


def delete_passages(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Delete passages with their words and vectors."""
    rows = [(number,) for number in ids]
    if not rows:
        return
    models = [row[0] for row in connection.execute("SELECT id FROM models")]
    connection.executemany("DELETE FROM passages WHERE id = ?", rows)
    connection.executemany("DELETE FROM words WHERE id = ?", rows)
    connection.executemany("DELETE FROM files WHERE id = ?", rows)
    for model in models:
        connection.executemany("DELETE FROM vectors WHERE model = ? AND id = ?", ((model, *row) for row in rows))


def _group(connection: sqlite3.Connection, piece: Piece) -> int | None:
    key = (piece.kind, piece.group)
    row = connection.execute("SELECT id FROM groups WHERE kind = ? AND name = ?", key).fetchone()
    return None if row is None else int(row[0])


def _new_group(connection: sqlite3.Connection, piece: Piece) -> int:
    # without a version it is not whole yet, and will be asked for again
    values = (piece.kind, piece.group, *((piece.version, piece.mark) if piece.last else ("", "")))
    made = connection.execute("INSERT INTO groups (kind, name, version, mark) VALUES (?, ?, ?, ?)", values)
    return int(made.lastrowid or 0)


def _known(connection: sqlite3.Connection, group: int, passages: Sequence[Recallable]) -> dict[str, tuple[int, bytes]]:
    """Number and digest of those passages that are there, by their IDs."""
    wanted = orjson.dumps([passage.passage_id for passage in passages]).decode()
    return {name: (number, digest) for name, number, digest in connection.execute(_KNOWN, (group, wanted))}


def _digest(passage: Recallable) -> bytes:
    return hashlib.blake2b(encode_passage(passage), digest_size=_DIGEST_BYTES).digest()


def _row(group: int, passage: Recallable, digest: bytes) -> tuple[object, ...]:
    return (
        *(group, passage.passage_id, digest, passage.user_id, passage.session_id, passage.message_id),
        *(passage.role, passage.model, passage.scope, passage.quality, passage.created_at.timestamp()),
        *(_seconds(passage), passage.uri),
        *(orjson.dumps(attrs.astuple(passage.place)).decode(), passage.text),
    )


def _held(number: int, group: int, passage: Recallable, length: int) -> StoredPassage:
    return StoredPassage(
        *(number, group, passage.user_id, passage.session_id, passage.message_id if passage.role else None),
        *(passage.role, passage.model, passage.scope, passage.quality, passage.created_at.timestamp()),
        *(_seconds(passage), length),
    )


def _seconds(passage: Recallable) -> float | None:
    return None if passage.expires_at is None else passage.expires_at.timestamp()
