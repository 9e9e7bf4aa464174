"""No row of one user, session or project is found for another, whatever else is in the index."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejoinder.domain.conversation import Place
from rejoinder.domain.recall import KINDS, Recallable, RecallKind, RecallQuery, may_be_seen
from rejoinder.domain.retrieval import Hit
from rejoinder.index.embedders import BuiltinEmbedder
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.messages import Piece
from rejoinder.index.recall.project_recall import ProjectRecall
from rejoinder.index.recall.words import Words

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = ["pool", "connection", "borrowed", "zebra", "cache", "expires", "retry", "timeout"]
DAYS = [timedelta(days=days) for days in range(3)]
FILES = ["file:///a.py", "file:///b.py"]
GROUPS = ["d1", "d2"]
EMBEDDER, THREADS = BuiltinEmbedder(), ThreadPoolExecutor(1)


@attrs.frozen
class Row:
    """A passage with its kind."""

    kind: RecallKind
    passage: Recallable
    group: str

    def may_be_seen(self, query: RecallQuery) -> bool:
        """What `RecallQuery` says, word by word."""
        one = self.passage
        if self.kind == "message":
            here = query.session_id in (None, one.session_id) and one.message_id not in query.without
            here = here and (query.session_ids is None or one.session_id in query.session_ids)
        elif one.session_id is None:
            here = True
        else:
            named = query.session_id is not None or query.session_ids is not None
            here = named and query.session_id in (None, one.session_id)
            here = here and (query.session_ids is None or one.session_id in query.session_ids)
        return (
            here
            and self.kind in query.kinds
            and one.user_id in (None, query.user_id)
            and query.role in (None, one.role)
            and query.model in (None, one.model)
            and query.scope in (None, one.scope)
            and (query.documents is None or self.kind != "knowledge" or self.group in query.documents)
            and (not query.files or bool({*query.files} & {*one.files}))
            and (query.since is None or query.since <= one.created_at)
            and (query.until is None or one.created_at < query.until)
            and (one.expires_at is None or one.expires_at > NOW)
        )


def some(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    found = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(some(list(KINDS)))
        said = kind == "message"
        found.append(
            Row(
                kind,
                Recallable(
                    passage_id=f"p{number}",
                    text=" ".join(draw(st.lists(some(WORDS), min_size=1, max_size=5))),
                    uri=f"rejoinder:/{number}",
                    place=Place(0, 0, 1, 0),
                    created_at=NOW + draw(some(DAYS)),
                    user_id=draw(some(["a", "b", None])),
                    session_id=draw(some(["s1", "s2"] if said else ["s1", "s2", None])),
                    message_id=f"m{number}" if said else None,
                    role=draw(some(["user", "assistant"])) if said else None,
                    model=draw(some(["one", "two"])) if said else None,
                    scope=draw(some(["long", "short", None])),
                    quality=draw(some([0.0, 0.5, 1.0])),
                    expires_at=draw(some([None, NOW - timedelta(days=1), NOW + timedelta(days=1)])),
                    files=tuple(draw(st.sets(some(FILES), max_size=2))) if said else (),
                ),
                draw(some(GROUPS)) if kind == "knowledge" else f"g{number}",
            )
        )
    return found


queries = st.builds(
    RecallQuery,
    text=st.lists(some(WORDS), min_size=1, max_size=3).map(" ".join),
    user_id=some(["a", "b", "c"]),
    kinds=st.frozensets(some(list(KINDS)), min_size=1),
    session_id=some([None, "s1", "s2", "s3"]),
    role=some([None, None, "user"]),
    model=some([None, None, "one"]),
    scope=some([None, None, "long"]),
    without=st.frozensets(some([f"m{number}" for number in range(6)])),
    limit=st.integers(1, 5),
    vector_store=some(["exact", "none"]),
    session_ids=some([None, None, frozenset(), frozenset({"s1"}), frozenset({"s1", "s2"})]),
    documents=some([None, None, frozenset({"d1"})]),
    files=some([(), (), (FILES[0],), (FILES[1],), tuple(FILES)]),
    since=some([None, None, *(NOW + day for day in DAYS)]),
    until=some([None, None, *(NOW + day for day in DAYS)]),
    mode=some([None, None, "words", "meaning", "both"]),
)


def found_in(rows: list[Row], query: RecallQuery, *, gone: frozenset[int] = frozenset()) -> list[Hit]:
    """What an index of these rows answers; those of some numbers were put in and taken out again."""
    recall = ProjectRecall(None, Words(), RecallEmbedding(EMBEDDER, THREADS))
    recall.load()
    for row in rows:
        # a document's passages come one after another, and nothing that came before goes
        recall.put(Piece(row.kind, row.group, (row.passage,), False, True, True, "1", ""))
    for number in gone & frozenset(range(len(rows))):
        recall.remove(rows[number].kind, [rows[number].group])
    while recall.embed():
        pass
    vector = EMBEDDER.embed([query.text])[0]
    hits = recall.search(query, vector, NOW.timestamp())
    recall.close()
    return hits


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows(), queries, st.frozensets(st.integers(0, 11), max_size=4))
def test_what_may_not_be_seen_is_as_if_it_were_not_there(
    rows: list[Row], query: RecallQuery, gone: frozenset[int]
) -> None:
    left_out = {rows[number].group for number in gone if number < len(rows)}
    visible = [row for row in rows if row.may_be_seen(query) and row.group not in left_out]
    for row in rows:
        assert may_be_seen(row.kind, row.group, row.passage, query, NOW) == row.may_be_seen(query)
    hits = found_in(rows, query, gone=gone)
    assert {hit.uri for hit in hits} <= {row.passage.uri for row in visible}
    alone = found_in(visible, query)
    assert [(hit.uri, round(hit.score, 4)) for hit in hits] == [(hit.uri, round(hit.score, 4)) for hit in alone]
