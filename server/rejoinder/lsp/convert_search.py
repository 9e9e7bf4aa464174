"""What a search asks for, from the wire, and what it found, to the wire."""

import attrs

from rejoinder.lsp.convert import hit_out, time_in
from rejoinder.lsp.positions import Encoding
from rejoinder.protocol import methods
from rejoinder.services.finding import Findings, Query


def findings_out(found: Findings, encoding: Encoding) -> methods.HitsResult:
    """What a search found."""
    hits = [hit_out(hit, encoding) for hit in found.hits]
    return methods.HitsResult(hits, complete=found.complete, waiting=found.waiting or None)


def query_in(params: methods.SearchParams) -> Query:
    """What to look for."""
    given = Query(
        text=params.query,
        session_id=params.session_id,
        user_id=params.user_id,
        role=params.role,
        model=params.model,
        session_ids=None if params.session_ids is None else frozenset(params.session_ids),
        file_uri=params.file_uri,
        since=time_in(params.since, "since") if params.since else None,
        until=time_in(params.until, "until") if params.until else None,
        mode=params.mode,
    )
    if params.wait_seconds is not None:
        given = attrs.evolve(given, patience=params.wait_seconds)
    if params.sources is not None:
        given = attrs.evolve(given, sources=tuple(params.sources))
    return given if params.limit is None else attrs.evolve(given, limit=params.limit)
