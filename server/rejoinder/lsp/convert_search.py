"""What a search asks for, from the wire, and what it found, to the wire."""

from collections.abc import Mapping
from typing import Any, get_args

import attrs

from rejoinder.domain.errors import InvalidInput
from rejoinder.lsp.convert import hit_out, time_in
from rejoinder.lsp.positions import Encoding
from rejoinder.protocol import methods
from rejoinder.protocol.moments import moment
from rejoinder.protocol.types import Role
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


def filtered(query: Query, text: str, filters: Mapping[str, str], **named: str) -> Query:
    """A query with what its filters say, of which files and sessions are `named` by their URIs and IDs.

    Raises InvalidInput.
    """
    changes: dict[str, Any] = {"text": text, **named}
    for name in filters.keys() & {"since", "until"}:
        try:
            changes[name] = time_in(moment(filters[name], ends=name == "until"), name)
        except ValueError as error:
            hint = "Write 2026-01-31, 7d, 12h, today or yesterday."
            raise InvalidInput(f"{name}: {error}.", hint=hint, key="query") from None
    if (role := filters.get("role")) is not None:
        if role not in get_args(Role):
            raise InvalidInput(f"role:{role} is none.", hint=f"Write one of {', '.join(get_args(Role))}.", key="query")
        changes["role"] = role
    return attrs.evolve(query, **changes)
