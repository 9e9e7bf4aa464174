"""Other programs on the same passages: what each is able to find, and what that costs. Those that are not installed
say so: `pip install bm25s tantivy onnxruntime tokenizers`, `rg` on the path, and for MiniLM a folder with `model.onnx`
and `tokenizer.json` named by REJOINDER_MINILM.
"""

import importlib
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs
import numpy as np

from rejoinder.domain.tokens import WORD

MINILM = "REJOINDER_MINILM"
_BATCH = 32
_LONGEST = 256


@attrs.frozen
class Passage:
    """A passage of a tree: its file, its lines from 1 and inclusive, its text."""

    path: str
    start: int
    end: int
    text: str


class Peer(Protocol):
    """A program that finds passages. Raises Missing when it is made where it is not installed."""

    def index(self, folder: Path, passages: Sequence[Passage]) -> None:
        """Take in the passages of a folder."""
        ...

    def best(self, query: str, limit: int) -> Sequence[int]:
        """The numbers of the best passages, best first."""
        ...


class Missing(Exception):
    """What a peer needs is not there."""


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Missing(f"{name} is not installed") from None


class Ripgrep:
    """Passages by how many distinct words of the question they hold."""

    def __init__(self) -> None:
        self._program = shutil.which("rg")
        if self._program is None:
            raise Missing("rg is not on the path")

    def index(self, folder: Path, passages: Sequence[Passage]) -> None:
        """There is nothing to make."""
        self._folder, self._at = folder, defaultdict(list)
        for number, passage in enumerate(passages):
            self._at[passage.path].append((passage.start, passage.end, number))

    def best(self, query: str, limit: int) -> Sequence[int]:
        """As the protocol says."""
        words = dict.fromkeys(word.lower() for word in WORD.findall(query) if len(word) > 2)
        options = ["--no-config", "-n", "-o", "-i", "-F", "--no-heading", "--max-filesize", "1M", "--null"]
        patterns = [part for word in words for part in ("-e", word)]
        done = subprocess.run([self._program, *options, *patterns, "."], cwd=self._folder, capture_output=True)
        held: dict[int, set[str]] = defaultdict(set)
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            path, _, rest = line.partition("\0")
            row, _, word = rest.partition(":")
            for start, end, number in self._at.get(path.removeprefix("./"), ()):
                if row.isdigit() and start <= int(row) <= end:
                    held[number].add(word.lower())
        return sorted(held, key=lambda number: (-len(held[number]), number))[:limit]


class Bm25s:
    """bm25s with its own tokens."""

    def __init__(self) -> None:
        self._library = _library("bm25s")

    def index(self, folder: Path, passages: Sequence[Passage]) -> None:
        """As the protocol says."""
        self._index = self._library.BM25()
        tokens = self._library.tokenize([passage.text for passage in passages], show_progress=False)
        self._index.index(tokens, show_progress=False)

    def best(self, query: str, limit: int) -> Sequence[int]:
        """As the protocol says."""
        tokens = self._library.tokenize([query], show_progress=False, return_ids=False)
        found, scores = self._index.retrieve(tokens, k=limit, show_progress=False)
        return [int(number) for number, score in zip(found[0], scores[0], strict=True) if score > 0]


class Tantivy:
    """tantivy with English stems, in memory."""

    def __init__(self) -> None:
        self._library = _library("tantivy")

    def index(self, folder: Path, passages: Sequence[Passage]) -> None:
        """As the protocol says."""
        builder = self._library.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="en_stem")
        builder.add_unsigned_field("number", stored=True)
        self._index = self._library.Index(builder.build())
        writer = self._index.writer(100_000_000)
        for number, passage in enumerate(passages):
            writer.add_document(self._library.Document(text=passage.text, number=number))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def best(self, query: str, limit: int) -> Sequence[int]:
        """As the protocol says."""
        words = " ".join(WORD.findall(query))
        parsed, _ = self._index.parse_query_lenient(words, ["text"])
        hits = self._searcher.search(parsed, limit).hits
        return [self._searcher.doc(address)["number"][0] for _, address in hits]


class MiniLM:
    """all-MiniLM-L6-v2 by onnxruntime, mean pooling, exact cosine."""

    def __init__(self) -> None:
        folder = Path(os.environ.get(MINILM, "-"))
        if not (folder / "model.onnx").is_file():
            raise Missing(f"no model.onnx in the folder that {MINILM} names")
        self._session = _library("onnxruntime").InferenceSession(str(folder / "model.onnx"))
        self._tokenizer = _library("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()

    def index(self, folder: Path, passages: Sequence[Passage]) -> None:
        """As the protocol says."""
        texts = [passage.text for passage in passages]
        self._rows = np.concatenate([self._embed(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)])

    def best(self, query: str, limit: int) -> Sequence[int]:
        """As the protocol says."""
        return np.argsort(-(self._rows @ self._embed([query])[0]))[:limit].tolist()

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids, mask = (np.array([getattr(one, name) for one in encoded]) for name in ("ids", "attention_mask"))
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        names = {one.name for one in self._session.get_inputs()}
        [states, *_] = self._session.run(None, {name: value for name, value in given.items() if name in names})
        rows = (states * mask[:, :, None]).sum(axis=1)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


PEERS: dict[str, type[Any]] = {
    "ripgrep, distinct words": Ripgrep,
    "bm25s": Bm25s,
    "tantivy": Tantivy,
    "all-MiniLM-L6-v2": MiniLM,
}
