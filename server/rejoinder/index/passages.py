"""What a text is to the index: its passages, where they are, and which terms stand in them."""

import sqlite3
import zlib
from collections.abc import Sequence

import attrs
import numpy as np
import orjson

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.domain.tokens import defined_names
from rejoinder.index.chunks import Chunk, split_with_note
from rejoinder.index.postings import Ints, Occurrences
from rejoinder.index.vocabulary import Vocabulary

_DOCUMENTS = (".html", ".htm", ".rst", ".md", ".txt", ".adoc", ".tex", ".csv", ".po", ".xml", ".json", ".css")
_NO_CODE = (*_DOCUMENTS, ".yaml", ".yml", ".toml")
_LEVEL = 1
FIELDS = ("body", "head", "scope")
"""Where terms may stand: in the passage, in the lines that begin its definitions, in the names that enclose it."""


@attrs.frozen(eq=False)
class Passages:
    """The passages of a text. `spans` has a row for each: the four numbers of its place, then start and end in code
    points; `scopes` and `names` have its enclosing definitions and those that begin in it."""

    spans: Ints
    scopes: tuple[str, ...]
    names: tuple[str, ...]
    found: dict[str, Occurrences]

    def __len__(self) -> int:
        return len(self.spans)

    def place(self, number: int) -> Place:
        """Where a passage is."""
        return Place(*map(int, self.spans[number][:4]))

    def texts(self, whole: str) -> list[str]:
        """The texts of all passages."""
        return [whole[start:end] for start, end in self.spans[:, 4:].tolist()]


def is_document(path: str) -> bool:
    """Whether a file is for reading, or data, rather than a program."""
    return path.lower().endswith(_DOCUMENTS)


@frozen
class CutFile:
    """What a text alone says of its passages: where they are, what encloses them, what begins in them and how."""

    spans: list[list[int]]
    scopes: list[str]
    names: list[str]
    heads: list[str]
    note: str = ""
    """Why it is not cut by syntax, if that is worth to be told."""

    def texts(self, whole: str) -> list[str]:
        """The texts of all passages."""
        return [whole[start:end] for *_, start, end in self.spans]


def cut_file(path: str, text: str) -> CutFile:
    """The passages of a file's text."""
    found, note = split_with_note(text, path)
    chunks = list(found)
    return CutFile(
        [[*attrs.astuple(chunk.place), chunk.start, chunk.end] for chunk in chunks],
        [chunk.scope for chunk in chunks],
        [" ".join(chunk.names) for chunk in chunks],
        [_head(path, text, chunk) for chunk in chunks],
        note,
    )


def to_embed(path: str, scopes: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What the vectors of passages are made of: where each is, and what it says."""
    # without the mark between scopes nearly every text is of ASCII, which is read much faster
    return ["\n".join((path, scope.replace("›", ""), text)) for scope, text in zip(scopes, texts, strict=True)]


def read_passages(cut: CutFile, text: str, vocabulary: Vocabulary) -> Passages:
    """The passages with their terms."""
    texts = {"body": cut.texts(text), "head": cut.heads, "scope": cut.scopes}
    return Passages(
        np.array(cut.spans, np.int32).reshape(-1, 6),
        tuple(cut.scopes),
        tuple(cut.names),
        {field: Occurrences.of(list(map(vocabulary.numbers, texts[field]))) for field in FIELDS},
    )


def pack(passages: Passages) -> bytes:
    """For the database."""
    arrays = [passages.spans.ravel()]
    for field in FIELDS:
        found = passages.found[field]
        # Units come in order, so how many terms each has says which they are.
        arrays += [
            found.terms,
            np.bincount(found.units, minlength=len(passages)).astype(np.int32),
            found.counts,
            found.lengths,
        ]
    labels = orjson.dumps([passages.scopes, passages.names])
    sizes = np.array([len(labels), *map(len, arrays)], "<i4")
    return zlib.compress(sizes.tobytes() + labels + b"".join(a.astype("<i4").tobytes() for a in arrays), _LEVEL)


def unpack(data: bytes) -> Passages:
    """From the database. Raises sqlite3.DatabaseError when it is damaged."""
    try:
        raw = zlib.decompress(data)
        count = 1 + 1 + 4 * len(FIELDS)
        labels, *sizes = np.frombuffer(raw, "<i4", count).tolist()
        scopes, names = orjson.loads(raw[4 * count : 4 * count + labels])
        numbers = np.frombuffer(raw[4 * count + labels :], "<i4")
        spans, *rest = np.split(numbers, np.cumsum(sizes)[:-1])
        found = dict(zip(FIELDS, map(_occurrences, zip(*[iter(rest)] * 4, strict=True)), strict=True))
        return Passages(spans.reshape(-1, 6), tuple(scopes), tuple(names), found)
    except (zlib.error, ValueError) as error:
        raise sqlite3.DatabaseError("the passages of a file are damaged") from error


def _occurrences(arrays: Sequence[Ints]) -> Occurrences:
    terms, per_unit, counts, lengths = arrays
    return Occurrences(terms, np.repeat(np.arange(len(per_unit), dtype=np.int32), per_unit), counts, lengths)


def _head(path: str, text: str, chunk: Chunk) -> str:
    if chunk.definitions:
        return "\n".join(text[start:end] for start, end in chunk.definitions)
    return "" if path.endswith(_NO_CODE) else "\n".join(defined_names(text[chunk.start : chunk.end]))
