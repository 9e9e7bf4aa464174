"""Knowledge as plain JSON: an item under its ID, and its passages in parts beside it, `ID/REVISION.0`, ….

Parts are written before the item that names their revision: until then they do not count.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from rejoinder.domain.conversation import Place
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.knowledge import Document, KnowledgeItem, Passage, ReadFile

FORMAT = 1
LARGEST_PART = 200_000
"""Characters of the passages of one record, about."""


def encode_item(item: KnowledgeItem) -> dict[str, Any]:
    """An item as it is stored."""
    return {
        "format": FORMAT,
        "source": item.source,
        "title": item.title,
        "kind": item.kind,
        "addedAt": item.added_at.isoformat(),
        "updatedAt": item.updated_at.isoformat(),
        "sessionId": item.session_id,
        "size": item.size,
        "passages": item.passages,
        "parts": item.parts,
        "revision": item.revision,
        "files": [[one.path, one.size, one.modified, one.digest, one.error] for one in item.files],
        "digest": item.digest,
        "ignore": list(item.ignore),
        "chunker": item.chunker,
        "chunkSize": item.chunk_size,
        "error": item.error,
    }


def decode_item(knowledge_id: str, record: Mapping[str, Any]) -> KnowledgeItem:
    """An item as it was stored. Raises what comes of a record of another form."""
    return KnowledgeItem(
        knowledge_id=knowledge_id,
        source=record["source"],
        title=record["title"],
        kind=record["kind"],
        added_at=datetime.fromisoformat(record["addedAt"]),
        updated_at=datetime.fromisoformat(record["updatedAt"]),
        session_id=record["sessionId"],
        size=record["size"],
        passages=record["passages"],
        parts=record["parts"],
        revision=record["revision"],
        files=tuple(
            ReadFile(path=path, size=size, modified=modified, digest=digest, error=error)
            for path, size, modified, digest, error in record["files"]
        ),
        digest=record["digest"],
        ignore=tuple(record["ignore"]),
        chunker=record["chunker"],
        chunk_size=record["chunkSize"],
        error=record["error"],
    )


def encode_passages(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Passages in parts, none of them much too large for one record."""
    return [{"passages": [passage_to_json(passage) for passage in part]} for part in _parts(passages)]


def decode_passages(record: Mapping[str, Any]) -> list[Passage]:
    """The passages of a part. Raises what comes of a record of another form."""
    return [passage_from_json(found) for found in record["passages"]]


def passage_to_json(passage: Passage) -> list[Any]:
    """A passage as a list."""
    place = passage.place
    where = [place.start_line, place.start_character, place.end_line, place.end_character]
    return [passage.text, passage.uri, where, passage.scope]


def passage_from_json(found: Sequence[Any]) -> Passage:
    """A passage from that list. Raises TypeError or ValueError for one of another form."""
    text, uri, where, scope = found
    if not isinstance(text, str) or not isinstance(uri, str):
        raise TypeError("a passage without text")
    return Passage(text=text, uri=uri, place=Place(*map(int, where)), scope=None if scope is None else str(scope))


def encode_document(document: Document) -> dict[str, Any]:
    """A document as one JSON value, for files."""
    item = document.item
    contents = [passage_to_json(passage) for passage in document.passages]
    return {"knowledgeId": item.knowledge_id, **encode_item(item), "contents": contents}


def decode_document(record: Mapping[str, Any]) -> Document:
    """A document from that value; no file is read anew for it. Raises what comes of a value of another form."""
    item = decode_item(check_id(record["knowledgeId"], "knowledgeId"), record)
    # whoever wrote the value may have named any file of this computer
    return Document(attrs.evolve(item, files=(), revision=0), list(map(passage_from_json, record["contents"])))


def part_ids(item: KnowledgeItem) -> list[str]:
    """The IDs of the records of an item's parts."""
    return [f"{item.knowledge_id}/{item.revision}.{number}" for number in range(item.parts)]


def is_part(record_id: str) -> bool:
    """Whether a record is a part of an item."""
    return "/" in record_id


def _parts(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    part: list[Passage] = []
    size = 0
    for passage in passages:
        if part and size + len(passage.text) > LARGEST_PART:
            yield part
            part, size = [], 0
        part.append(passage)
        size += len(passage.text)
    if part:
        yield part
