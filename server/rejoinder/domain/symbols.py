"""Names and where they are defined, as far as passages tell."""

import re
from collections.abc import Iterable

from rejoinder.domain.retrieval import Hit

_KEYWORDS = (
    "def|class|function|func|fn|fun|struct|enum|union|interface|trait|impl|type|module|namespace|record|object|protocol"
    "|const|let|var|val|static|macro_rules!|#define|macro|sub|proc"
)


def definition_of(name: str, hits: Iterable[Hit]) -> Hit | None:
    """The passage that defines a name, qualified or not: the best one by its scope, else by what stands in it."""
    parts = _parts(name)
    last = re.escape(parts[-1]) if parts else ""
    defining = re.compile(rf"(?:\b|(?<=\s)|\A)(?:{_KEYWORDS})\s+(?:\([^)\n]*\)\s*)?{last}\b")
    assigning = re.compile(rf"(?m)^[ \t]*{last}\s*(?::[^=\n]+)?=(?!=)")
    code = [hit for hit in hits if hit.source == "code"]
    by_scope = [hit for hit in code if hit.scope and _parts(hit.scope)[-len(parts) :] == parts]
    by_text = [hit for hit in code if defining.search(hit.text)]
    both = [hit for hit in by_scope if hit in by_text]
    named = [hit for hit in code if assigning.search(hit.text)]
    return next(iter([*both, *by_scope, *by_text, *named]), None) if last else None


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[.:#/\s]+|(?<=\w)\(.*", name) if part]
