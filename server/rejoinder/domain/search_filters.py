"""Filters that are written into a query: `role:user since:7d until:2026-01-31 file:src/app.py in:"the session"`."""

import re

FILTERS = ("role", "since", "until", "file", "in")

_FILTER = re.compile(rf'(?<!\S)({"|".join(FILTERS)}):(?:"([^"]*)"|(\S+))(?!\S)')


def split_filters(text: str) -> tuple[str, dict[str, str]]:
    """A query without its filters, and these by their names; of two of a name the last one counts."""
    found = {match[1]: match[2] if match[3] is None else match[3] for match in _FILTER.finditer(text)}
    return " ".join(_FILTER.sub(" ", text).split()) if found else text, found
