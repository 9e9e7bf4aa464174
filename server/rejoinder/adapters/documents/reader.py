"""The process that reads documents: one after another from its input, its answers on its output.

It holds nothing that is worth anything, writes no file, and has limits of its own, so that a hostile document can end
this process and do nothing else. `adapters.extraction` starts and ends it.
"""

import os
import sys
from typing import IO

import attrs
import orjson

from rejoinder.adapters.documents.document import Document
from rejoinder.adapters.documents.limits import MEMORY, PROCESSOR_SECONDS, Unreadable, too_much
from rejoinder.adapters.documents.messages import BATCH, decode_head, encode
from rejoinder.adapters.documents.passages import Title, read
from rejoinder.adapters.documents.process_limits import hold_to
from rejoinder.domain.knowledge_records import passage_to_json


def main() -> None:
    """Read documents until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # what a library prints must not come between the answers
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    hold_to(memory=MEMORY, processor_seconds=PROCESSOR_SECONDS)
    source = sys.stdin.buffer
    while line := source.readline():
        document, size = decode_head(line)
        data = source.read(size)
        if len(data) < size:
            return
        _answer(attrs.evolve(document, data=data), answers)


def _answer(document: Document, answers: IO[bytes]) -> None:
    batch: list[object] = []
    title = None

    def tell(done: int, total: int) -> None:
        answers.write(encode({"done": done, "total": total}))
        answers.flush()

    try:
        for part in read(document, tell):
            if isinstance(part, Title):
                title = part.text
                continue
            batch.append(passage_to_json(part))
            if len(batch) == BATCH:
                answers.write(encode({"passages": batch}))
                batch.clear()
        answers.write(encode({"passages": batch}))
        answers.write(encode({"title": title, "end": True}))
    except Unreadable as error:
        answers.write(encode({"error": error.fields}))
    except MemoryError:
        batch.clear()
        answers.write(encode({"error": too_much("data").fields}))
    except (RecursionError, orjson.JSONEncodeError, UnicodeError):
        fields = {"reason": "damaged", "message": "What it holds cannot be read.", "hint": "Save it anew."}
        answers.write(encode({"error": fields}))
    answers.flush()


if __name__ == "__main__":
    main()
