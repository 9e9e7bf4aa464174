"""Documents read by a process of its own (`documents.reader`), which is ended when it takes too long or too much."""

import asyncio
import contextlib
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import Any

import orjson

from rejoinder.adapters.documents.document import Document
from rejoinder.adapters.documents.limits import LARGEST_DOCUMENT, MOST_TEXT
from rejoinder.adapters.documents.messages import LONGEST_LINE, encode_document
from rejoinder.declared import frozen
from rejoinder.domain.errors import RejoinderError, SourceUnreadable, TooLarge
from rejoinder.domain.knowledge import Passage
from rejoinder.domain.knowledge_records import passage_from_json
from rejoinder.services.knowledge_ports import Cutting, Extracted, OnProgress, RawDocument

PATIENCE_SECONDS = 30.0
"""How long a document may take to the next of its pages."""
LONGEST_SECONDS = 600.0
"""How long it may take as a whole."""
MOST_AT_ONCE = 2
"""Documents that are read at once; others wait."""

_COMMAND = (sys.executable, "-P", "-m", "rejoinder.adapters.documents.reader")
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
"""What the process gets of our variables: no keys."""

_log = logging.getLogger(__name__)


class ChildExtraction:
    """The port `Extraction`: a process for each extractor."""

    def __init__(
        self,
        *,
        command: Sequence[str] = _COMMAND,
        patience: float = PATIENCE_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        """`patience` and `longest` in seconds."""
        self._command = command
        self._patience = patience
        self._longest = longest
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    def open(self) -> "ChildExtractor":
        """As the port says."""
        return ChildExtractor(self._command, self._places, self._patience, self._longest)


class ChildExtractor:
    """The port `Extractor`: the process is started with the first document, and again after one that ended it."""

    def __init__(self, command: Sequence[str], places: asyncio.Semaphore, patience: float, longest: float) -> None:
        """`places` are for the processes that may run at once."""
        self._command = command
        self._places = places
        self._has_place = False
        self._patience = patience
        self._longest = longest
        self._child: _Child | None = None

    async def extract(self, document: RawDocument, cutting: Cutting, on_progress: OnProgress) -> Extracted:
        """As the port says."""
        if len(document.data) > LARGEST_DOCUMENT:
            raise TooLarge(f"{document.name} is too large.", limit=LARGEST_DOCUMENT, hint="Add the parts that matter.")
        whole = Document(
            data=document.data,
            name=document.name,
            uri=document.uri,
            mime_type=document.mime_type,
            chunker=cutting.chunker,
            size=cutting.size,
        )
        is_done = False
        if not self._has_place:
            await self._places.acquire()
            self._has_place = True
        try:
            async with asyncio.timeout(self._longest):
                child = await self._started()
                answers = _Answers(document.name, on_progress)
                await asyncio.gather(_send(child, encode_document(whole)), self._listen(child, answers))
            is_done = True
            return answers.extracted()
        except TimeoutError:
            raise _failed(document.name, "timeout", "takes too long to read") from None
        except (ConnectionError, EOFError, ValueError, TypeError, KeyError) as error:
            _log.warning("reading a document ended the process that did it: %r", error)
            raise _failed(document.name, "damaged", "cannot be read: it ended the process that reads it") from None
        finally:
            if not is_done:
                await self.close()

    async def close(self) -> None:
        """As the port says."""
        child, self._child = self._child, None
        if self._has_place:
            self._has_place = False
            self._places.release()
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.process.kill()
        child.documents.close()
        await asyncio.shield(child.process.wait())

    async def _started(self) -> "_Child":
        if self._child is None or self._child.process.returncode is not None:
            environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=LONGEST_LINE, env=environment
            )
            if process.stdin is None or process.stdout is None:
                raise ConnectionError("it was started without its pipes")
            self._child = _Child(process, process.stdin, process.stdout)
        return self._child

    async def _listen(self, child: "_Child", answers: "_Answers") -> None:
        while True:
            async with asyncio.timeout(self._patience):
                line = await child.answers.readline()
            if not line.endswith(b"\n"):
                raise EOFError(f"it ended with status {await child.process.wait()}")
            if answers.take(orjson.loads(line)):
                return


@frozen
class _Child:
    """The process that reads, with both ends of the talk with it."""

    process: Process
    documents: asyncio.StreamWriter
    answers: asyncio.StreamReader


class _Answers:
    """What the process has said of one document. It is not believed more than it is allowed to."""

    def __init__(self, name: str, on_progress: OnProgress) -> None:
        self._name = name
        self._on_progress = on_progress
        self._passages: list[Passage] = []
        self._characters = 0
        self._title: str | None = None
        self._error: RejoinderError | None = None

    def take(self, message: dict[str, Any]) -> bool:
        """A message; whether it was the last. Raises what comes of one that makes no sense."""
        if "passages" in message:
            for found in message["passages"]:
                passage = passage_from_json(found)
                self._characters += len(passage.text)
                if self._characters > MOST_TEXT:
                    raise ValueError("it says more than it may")
                self._passages.append(passage)
            return False
        if "done" in message:
            self._on_progress(self._name, int(message["done"]), int(message["total"]))
            return False
        if "error" in message:
            self._error = self._error_of(message["error"])
            return True
        self._title = message["title"]
        return True

    def extracted(self) -> Extracted:
        """The document. Raises what is wrong with it."""
        if self._error is not None:
            raise self._error
        return Extracted(passages=tuple(self._passages), title=self._title)

    def _error_of(self, fields: dict[str, str]) -> RejoinderError:
        message = f"{self._name}: {fields['message']}"
        if fields["reason"] == "tooLarge":
            return TooLarge(message, limit=MOST_TEXT, hint=fields["hint"])
        return SourceUnreadable(message, reason=fields["reason"], hint=fields["hint"], source=self._name)


async def _send(child: _Child, data: bytes) -> None:
    child.documents.write(data)
    await child.documents.drain()


def _failed(name: str, reason: str, what: str) -> SourceUnreadable:
    return SourceUnreadable(
        f"{name} {what}.", reason=reason, hint="Add a part of it, or what matters of it as text.", source=name
    )
