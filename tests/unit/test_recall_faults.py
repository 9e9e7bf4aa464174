"""A full disk, an embedder that fails, a model whose vectors get another length: words go on answering."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from rejoinder.domain.conversation import Place
from rejoinder.domain.recall import Recallable, RecallQuery
from rejoinder.index.packed_rows import Vectors
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.messages import Piece
from rejoinder.index.recall.project_recall import ProjectRecall
from rejoinder.index.recall.words import Words

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Embedder:
    """Makes vectors of any length, or fails."""

    quick = True
    identity = "any"

    def __init__(self, dimension: int = 3) -> None:
        self.dimension = dimension
        self.broken = False
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the protocol says."""
        if self.broken:
            raise RuntimeError("it does not know how")
        self.texts += texts
        return np.full((len(texts), self.dimension), self.dimension**-0.5, np.float32)


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def recall(tmp_path: Path, embedder: Embedder) -> ProjectRecall:
    recall = ProjectRecall(tmp_path / "index", Words(), RecallEmbedding(embedder, ThreadPoolExecutor(1)))
    recall.load()
    return recall


def put(recall: ProjectRecall, group: str, text: str) -> None:
    passage = Recallable(passage_id="p", text=text, uri="x:", place=Place(0, 0, 1, 0), created_at=NOW)
    recall.put(Piece("memory", group, (passage,), True, True, True, "1", ""))


def found(recall: ProjectRecall, text: str, vector: Vectors | None = None) -> list[str]:
    return [hit.text for hit in recall.search(RecallQuery(text=text, user_id="default"), vector, NOW.timestamp())]


def test_a_full_disk_loses_nothing_and_is_no_damage(recall: ProjectRecall) -> None:
    put(recall, "g", "the pool")
    connection = recall._database.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        put(recall, "h", "a second pool " * 10_000)
    assert found(recall, "pool") == ["the pool"]
    assert [name for _, name, *_ in recall.groups()] == ["g"]
    connection.execute("PRAGMA max_page_count = 1000000")
    put(recall, "h", "a second pool")
    assert set(found(recall, "pool")) == {"the pool", "a second pool"}


def test_the_first_question_of_a_process_is_compared_by_meaning(tmp_path: Path, embedder: Embedder) -> None:
    recall = ProjectRecall(tmp_path / "index", Words(), RecallEmbedding(embedder, ThreadPoolExecutor(1)))
    put(recall, "g", "the pool")
    assert found(recall, "nothing", np.full(3, 3**-0.5, np.float32)) == ["the pool"]


def test_a_disk_without_room_for_vectors_costs_no_answer(tmp_path: Path, embedder: Embedder) -> None:
    embedder.dimension = 10_000
    recall = ProjectRecall(tmp_path / "index", Words(), RecallEmbedding(embedder, ThreadPoolExecutor(1)))
    put(recall, "g", "the pool")
    connection = recall._database.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    assert found(recall, "pool") == ["the pool"]
    assert "Vectors cannot be kept" in recall.status().faults[0]


def test_an_embedder_that_fails_is_told_of_and_words_answer(recall: ProjectRecall, embedder: Embedder) -> None:
    embedder.broken = True
    put(recall, "g", "the pool")
    assert found(recall, "pool", np.full(3, 1.0, np.float32)) == ["the pool"]
    status = recall.status()
    assert (status.passages, status.embedded) == (1, 0)
    assert "it does not know how" in status.faults[0]


def test_a_model_whose_vectors_get_another_length_begins_anew(recall: ProjectRecall, embedder: Embedder) -> None:
    put(recall, "g", "the pool")
    assert recall.status().dimension == 3
    embedder.dimension = 5
    put(recall, "h", "a second pool")
    while recall.embed():
        pass
    status = recall.status()
    assert (status.dimension, status.passages, status.embedded) == (5, 2, 2)
    assert embedder.texts.count("the pool") == 2
    assert set(found(recall, "nothing", np.full(5, 5**-0.5, np.float32))) == {"the pool", "a second pool"}
    assert found(recall, "nothing", np.full(3, 3**-0.5, np.float32)) == []


def test_holes_are_closed_and_answers_stay(recall: ProjectRecall) -> None:
    for number in range(1600):
        put(recall, f"g{number}", f"pool number{number}")
    recall.remove("memory", [f"g{number}" for number in range(1300)])
    assert found(recall, "number1500")[0] == "pool number1500"
    assert "pool number7" not in found(recall, "number7")
    put(recall, "new", "pool number7")
    assert found(recall, "number7")[0] == "pool number7"
    assert recall.status().passages == 301
