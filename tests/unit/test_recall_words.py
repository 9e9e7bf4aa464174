"""Search word by word finds what a naive scan of all texts finds, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from rejoinder.domain.conversation import Place
from rejoinder.domain.recall import Recallable, RecallQuery
from rejoinder.domain.word_query import understood
from rejoinder.index.embedders import BuiltinEmbedder
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.messages import Piece
from rejoinder.index.recall.project_recall import ProjectRecall
from rejoinder.index.recall.words import Words

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = ["pool", "Pools", "pooled", "get_user", "getUserName", "username", "user", "the", "é", "x1", "資料室", "資料"]
ASKED = [
    *WORDS,
    "資",
    "po*",
    "get*",
    "userna*",
    "-pool",
    "-user*",
    '"the pool"',
    '-"user the"',
    "the.pool",
    "zebra",
    "z*",
]
EMBEDDER, THREADS = BuiltinEmbedder(), ThreadPoolExecutor(1)

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
messages = st.lists(st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=8)
"""Each in its pieces."""


def passages(number: int, pieces: list[str]) -> tuple[Recallable, ...]:
    return tuple(
        Recallable(
            passage_id=f"m{number}/{part}",
            text=f"{text} ",
            uri=f"rejoinder:/{number}",
            place=Place(part, 0, part + 1, 0),
            created_at=NOW,
            session_id="s",
            message_id=f"m{number}",
            role="user",
        )
        for part, text in enumerate(pieces)
    )


@settings(max_examples=120)
@given(messages, st.lists(st.sampled_from(ASKED), min_size=1, max_size=3).map(" ".join), st.sets(st.integers(0, 7)))
def test_words_are_found_as_by_a_scan(said: list[list[str]], query: str, gone: set[int]) -> None:
    recall = ProjectRecall(None, Words(), RecallEmbedding(EMBEDDER, THREADS))
    for number, pieces in enumerate(said):
        recall.put(Piece("message", f"g{number}", passages(number, pieces), True, True, True, "1", ""))
        if number == len(said) // 2:
            recall.load()
            asked(recall, "z*")
    for number in gone:
        recall.remove("message", [f"g{number}"])
    found = asked(recall, query)
    recall.close()
    fitting = {
        f"m{number}"
        for number, pieces in enumerate(said)
        if number not in gone and understood(query).fits("".join(f"{text} " for text in pieces))
    }
    assert found == fitting


def asked(recall: ProjectRecall, query: str) -> set[str | None]:
    wanted = RecallQuery(text=query, user_id="default", mode="words", limit=10)
    hits = recall.search(wanted, None, NOW.timestamp())
    assert len({hit.message_id for hit in hits}) == len(hits)
    return {hit.message_id for hit in hits}


def test_what_fits_is_found_behind_much_that_does_not() -> None:
    """The tokens of `pools` are those of `pool`: hundreds of messages are looked at before the one that has it."""
    recall = ProjectRecall(None, Words(), RecallEmbedding(EMBEDDER, THREADS))
    for number in range(400):
        text = "of pools" if number == 7 else "the pool " * (1 + number % 3)
        recall.put(Piece("message", f"g{number}", passages(number, [text]), True, True, True, "1", ""))
    assert asked(recall, "pools") == asked(recall, "pool* -pool") == {"m7"}
    recall.close()
