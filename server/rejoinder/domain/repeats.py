"""Keeps the same place from being sent twice: by an attachment and a passage, or by two passages that overlap."""

from collections.abc import Iterable, Sequence

import attrs

from rejoinder.domain.conversation import Attachment, Place
from rejoinder.domain.lines import lines_of
from rejoinder.domain.retrieval import Hit

_Lines = tuple[int, int]
"""First line and the one after the last, counted from 0."""


def without_repeats(hits: Iterable[Hit], attachments: Sequence[Attachment]) -> list[Hit]:
    """The passages, best first, without lines that an attachment or a better passage has; none that has no others.

    Of a passage with something known in its middle the longer rest is kept. Messages come once each.
    """
    whole = {attachment.uri for attachment in attachments if attachment.place is None}
    told: dict[str, list[_Lines]] = {}
    for attachment in attachments:
        if attachment.place is not None:
            told.setdefault(attachment.uri, []).append(_lines(attachment.place))
    kept: list[Hit] = []
    messages: set[str | None] = set()
    for hit in hits:
        if hit.source == "message":
            if hit.message_id not in messages:
                messages.add(hit.message_id)
                kept.append(hit)
            continue
        if hit.uri in whole:
            continue
        known = told.setdefault(hit.uri, [])
        if hit.place.start_line == hit.place.end_line:
            if not _is_known_line(hit, kept, known):
                kept.append(hit)
        elif (rest := _rest(hit, known)) is not None:
            kept.append(rest)
            known.append(_lines(rest.place))
    return kept


def _lines(place: Place) -> _Lines:
    return place.start_line, place.last_line


def _is_known_line(hit: Hit, kept: Iterable[Hit], known: Iterable[_Lines]) -> bool:
    """Whether a passage within one line, which may be a piece of a very long one, was told already."""
    return any(first <= hit.place.start_line < end for first, end in known) or any(
        hit.uri == other.uri and hit.place == other.place for other in kept
    )


def _rest(hit: Hit, known: Iterable[_Lines]) -> Hit | None:
    """The hit without known lines; None when nothing is left of it."""
    first, end = _lines(hit.place)
    for known_first, known_end in known:
        before, after = (first, min(end, known_first)), (max(first, known_end), end)
        first, end = max(before, after, key=lambda lines: lines[1] - lines[0])
        if end <= first:
            return None
    if (first, end) == _lines(hit.place):
        return hit
    lines = lines_of(hit.text)[first - hit.place.start_line : end - hit.place.start_line]
    if not "".join(lines).strip():
        return None
    begins = hit.place.start_character if first == hit.place.start_line else 0
    place = Place(first, begins, end - 1, len(lines[-1]) + (begins if len(lines) == 1 else 0))
    return attrs.evolve(hit, place=place, text="\n".join(lines))
