"""Vectors from a server that speaks OpenAI's protocol, as Ollama, LM Studio and llama.cpp do."""

from collections.abc import Sequence
from typing import Any

import httpx2
import numpy as np

from rejoinder.index.embedders import EmbedderUnavailable
from rejoinder.index.packed_rows import Vectors

_SECONDS = 60.0
_AT_ONCE = 32
_LONGEST = 6000
"""Code points of a passage that are sent; most models read no more."""


class RemoteEmbedder:
    """Asks `POST {base_url}/embeddings`."""

    quick = False

    def __init__(self, base_url: str, model: str, api_key: str | None) -> None:
        self._url = base_url.rstrip("/") + "/embeddings"
        self._model = model
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx2.Client(timeout=_SECONDS, headers=headers)

    @property
    def identity(self) -> str:
        """The address and the model; servers tell no version."""
        return f"{self._url} {self._model}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text. Raises EmbedderUnavailable."""
        rows: list[list[float]] = []
        for at in range(0, len(texts), _AT_ONCE):
            rows += self._ask([text[:_LONGEST] or " " for text in texts[at : at + _AT_ONCE]])
        try:
            vectors = np.array(rows, np.float32).reshape(len(texts), -1)
        except ValueError as error:
            raise EmbedderUnavailable(f"{self._url} answered vectors of different lengths") from error
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def _ask(self, texts: list[str]) -> list[list[float]]:
        try:
            reply = self._client.post(self._url, json={"model": self._model, "input": texts})
            reply.raise_for_status()
            data: list[dict[str, Any]] = reply.json()["data"]
            return [row["embedding"] for row in sorted(data, key=lambda row: int(row.get("index", 0)))]
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EmbedderUnavailable(f"{self._url} gives no vectors: {error}") from error
