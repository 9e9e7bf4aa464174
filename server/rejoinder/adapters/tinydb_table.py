"""A table for TinyDB whose changes cost what they touch, not what the table holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, cast

from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from rejoinder.adapters.tinydb_storage import JournalStorage, Operation

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class JournalTable(Table):
    """A TinyDB table over a JournalStorage: same behaviour, one journal line a call.

    Documents that it hands out are copies all the way down. Document IDs are integers.
    """

    _storage: JournalStorage
    # declared as None by TinyDB, which stores a number there
    _next_id: int | None  # type: ignore[assignment]

    def insert(self, document: Mapping[str, Any]) -> int:
        """Add a document; its ID. ValueError when its ID is taken or it is no mapping."""
        return self.insert_multiple([document])[0]

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Add documents, all or none; their IDs. ValueError as for `insert`."""
        operations = self.additions(documents)
        self._commit(operations)
        return [int(operation[2]) for operation in operations]

    def additions(self, documents: Iterable[Mapping[str, Any]]) -> list[Operation]:
        """The operations that `insert_multiple` makes, for a commit together with others."""
        rows = self._storage.rows(self.name)
        added: dict[str, Operation] = {}
        for document in documents:
            if not isinstance(document, Mapping):
                raise ValueError("Document is not a Mapping")
            key = str(self._id_for(document))
            if key in added or key in rows:
                raise ValueError(f"Document with ID {key} already exists")
            added[key] = ["put", self.name, key, dict(document)]
        return list(added.values())

    def own_additions(self, documents: Iterable[dict[str, Any]]) -> list[Operation]:
        """As `additions`, for documents without IDs that nobody else holds."""
        first = self._first_free()
        operations: list[Operation] = [
            ["put", self.name, str(doc_id), document] for doc_id, document in enumerate(documents, first)
        ]
        self._next_id = first + len(operations)
        return operations

    # TinyDB declares seven overloads, told apart by what is None
    def get(  # type: ignore[override]
        self, cond: QueryLike | None = None, doc_id: int | None = None, doc_ids: list[int] | None = None
    ) -> Document | list[Document] | None:
        """The document that is asked for, or all with the IDs of a list."""
        found = cast(Any, super()).get(cond, doc_id, doc_ids)
        if isinstance(found, list):
            return [_detached(document) for document in found]
        return None if found is None else _detached(found)

    def search(self, cond: QueryLike) -> list[Document]:
        """All documents that a condition fits."""
        return [_detached(document) for document in super().search(cond)]

    def __iter__(self) -> Iterator[Document]:
        return map(_detached, super().__iter__())

    def count(self, cond: QueryLike) -> int:
        """How many documents a condition fits."""
        return len(super().search(cond))

    def update(self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Set fields of the documents with these IDs, or that the condition fits, or of all; the IDs of these."""
        rows = self._storage.rows(self.name)
        keys = self._keys(cond, doc_ids)
        operations: list[Operation] = []
        for key in keys:
            if callable(fields):
                document = _copy(rows[key])
                _change(document, fields)
                operations.append(["put", self.name, key, document])
            else:
                operations.append(["set", self.name, key, dict(fields)])
        self._commit(operations)
        return list(map(int, keys))

    def update_multiple(self, updates: Iterable[tuple[Fields, QueryLike]]) -> list[int]:
        """Make several updates, each on what its condition fits, in one write; an ID for each that was made."""
        steps = list(updates)
        operations: list[Operation] = []
        touched: list[int] = []
        for key, row in self._storage.rows(self.name).items():
            document = _copy(row)
            for fields, cond in steps:
                if cond(document):
                    _change(document, fields)
                    touched.append(int(key))
            if document != row:
                operations.append(["put", self.name, key, document])
        self._commit(operations)
        return touched

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Remove the documents with these IDs, or that the condition fits; the IDs of these."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        keys = self._keys(cond, doc_ids)
        self._commit([["remove", self.name, key] for key in keys])
        return list(map(int, keys))

    def truncate(self) -> None:
        """Remove all documents."""
        self._commit([["clear", self.name]])
        self._next_id = None

    def _id_for(self, document: Mapping[str, Any]) -> int:
        """A document's own ID, or the next free one."""
        if not isinstance(document, Document):
            return self._get_next_id()
        self._next_id = max(self._first_free(), document.doc_id + 1)
        return document.doc_id

    def _get_next_id(self) -> int:
        doc_id = self._first_free()
        self._next_id = doc_id + 1
        return doc_id

    def _first_free(self) -> int:
        if self._next_id is None:
            return max(map(int, self._storage.rows(self.name)), default=0) + 1
        return self._next_id

    def _keys(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> list[str]:
        rows = self._storage.rows(self.name)
        if doc_ids is not None:
            return [key for key in map(str, doc_ids) if key in rows]
        return [key for key, row in rows.items() if cond is None or cond(row)]

    def _commit(self, operations: list[Operation]) -> None:
        self._storage.commit(operations)
        self.clear_cache()

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return cast(dict[str, Mapping[str, Any]], self._storage.rows(self.name))

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        """TinyDB's own way to change a table, at the cost of the whole: for what is not overridden here."""
        tables = self._storage.read() or {}
        table = {int(key): row for key, row in tables.get(self.name, {}).items()}
        updater(table)
        self._storage.write({**tables, self.name: {str(key): row for key, row in table.items()}})
        self.clear_cache()


def _change(document: dict[str, Any], fields: Fields) -> None:
    if callable(fields):
        fields(document)
    else:
        document.update(fields)


def _detached(document: Document) -> Document:
    return Document(_copy(document), document.doc_id)


def _copy(value: Any) -> Any:
    """A copy of a JSON value, all the way down."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value
