"""What a search may be narrowed down to, and what it answers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from rejoinder.protocol.moments import Moment, moment
from rejoinder.protocol.retrieval import HitsResult, SearchMode, SearchParams
from rejoinder.protocol.types import Hit, HitSource, Role
from rejoinder_client.places import uri_of


class SearchOptions(TypedDict, total=False):
    """Options of a search.

    Without `mode` the text is a question in any words. With `words`, `meaning` or `both` it may hold "a phrase",
    -excluded words and beginnings*. `since` counts from the moment on, `until` as far as it, a day to its end. `file`
    is what messages are about. With any of these, `role`, `model`, a session or a user no files and commits are found.
    `wait` is how many seconds what is not in the index yet is waited for.
    """

    sources: Sequence[HitSource] | None
    session_id: str | None
    session_ids: Sequence[str] | None
    project_id: str | None
    all_projects: bool
    role: Role | None
    model: str | None
    user_id: str | None
    file: Path | str | None
    since: Moment | None
    until: Moment | None
    mode: SearchMode | None
    limit: int | None
    wait: float | None


class Hits(list[Hit]):
    """Passages, best first. Not `complete`: the index has not read everything yet; `waiting` sessions are left."""

    def __init__(self, hits: Iterable[Hit] = (), *, complete: bool = True, waiting: int = 0) -> None:
        super().__init__(hits)
        self.complete = complete
        self.waiting = waiting


def search_params(query: str, options: SearchOptions) -> SearchParams:
    """A search as it is sent. Raises ValueError for what is no time."""
    sources, session_ids, file = options.get("sources"), options.get("session_ids"), options.get("file")
    since, until = options.get("since"), options.get("until")
    return SearchParams(
        query=query,
        sources=None if sources is None else list(sources),
        session_id=options.get("session_id"),
        session_ids=None if session_ids is None else list(session_ids),
        project_id=options.get("project_id"),
        all_projects=options.get("all_projects") or None,
        role=options.get("role"),
        model=options.get("model"),
        user_id=options.get("user_id"),
        file_uri=None if file is None else _uri(file),
        since=None if since is None else moment(since),
        until=None if until is None else moment(until, ends=True),
        mode=options.get("mode"),
        limit=options.get("limit"),
        wait_seconds=options.get("wait"),
    )


def hits_of(result: HitsResult) -> Hits:
    """What a search answered."""
    return Hits(result.hits, complete=result.complete is not False, waiting=result.waiting or 0)


def _uri(file: Path | str) -> str:
    return file if isinstance(file, str) and file.startswith("file:") else uri_of(file)
