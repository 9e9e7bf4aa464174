"""An answer without a model: the passages that fit a question best, quoted with file and line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Place
from rejoinder.domain.names import commit_name, document_name, shown_path
from rejoinder.domain.quoting import code_span, fenced
from rejoinder.domain.retrieval import Hit
from rejoinder.domain.tokens import Tokenizer

MOST_QUOTES = 4
MOST_PER_SOURCE = 2
"""Quotes from one file or one session, so that one long file does not take all places."""

LONGEST_QUOTE = 12
"""Lines."""

OPENING = "No model is set, so here are the passages of this project and its conversations that fit best."
NOTHING = "No model is set, and nothing in this project or its conversations fits the question."
CLOSING = (
    "To have a model answer, set `model` in your editor or in `config.toml`: `ollama:NAME`, or "
    "`openai-compatible:NAME` together with the server's address in `baseUrl`."
)

_LANGUAGES = {
    "bash": "bash",
    "cc": "cpp",
    "cs": "csharp",
    "h": "c",
    "hpp": "cpp",
    "js": "javascript",
    "jsx": "jsx",
    "kt": "kotlin",
    "md": "markdown",
    "py": "python",
    "pyi": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "ts": "typescript",
    "yml": "yaml",
}
_SAME_NAME_LANGUAGES = "c cpp css go html java json lua php sql swift toml tsx yaml zig"


@frozen
class Quote:
    """A part of a passage: the hit narrowed to the lines that are shown, and these lines as Markdown."""

    hit: Hit
    markdown: str


def quotes(question: str, hits: Sequence[Hit], *, folder: str | None = None) -> list[Quote]:
    """The best passages, each narrowed to its best lines. `folder` is the URI that paths are shown against."""
    words = Tokenizer()
    wanted = frozenset(words.question(question))
    return [_quote(_narrowed(hit, wanted, words), folder) for hit in _chosen(wanted, hits, words)]


def _chosen(wanted: frozenset[str], hits: Sequence[Hit], words: Tokenizer) -> Iterator[Hit]:
    """Hits in the order of retrieval, those without a word of the question only when there are no others."""
    fitting = [hit for hit in hits if wanted.intersection(words.tokens(hit.text))] or list(hits)
    taken: list[Hit] = []
    count: Counter[str] = Counter()
    for hit in fitting:
        source = hit.session_id or hit.uri
        if len(taken) == MOST_QUOTES:
            return
        if count[source] == MOST_PER_SOURCE or not hit.text.strip() or any(_overlap(hit, other) for other in taken):
            continue
        count[source] += 1
        taken.append(hit)
        yield hit


def _overlap(one: Hit, other: Hit) -> bool:
    if one.source == "message" or other.source == "message":
        return one.text == other.text
    return (
        one.uri == other.uri
        and one.place.start_line <= other.place.end_line
        and other.place.start_line <= one.place.end_line
    )


def _narrowed(hit: Hit, wanted: frozenset[str], words: Tokenizer) -> Hit:
    """The hit with the lines alone that hold most of what is wanted, and some around them."""
    lines = hit.text.splitlines()
    first, last = _window(lines, wanted, words)
    whole = first == 0 and last == len(lines)
    if whole:
        return hit
    start = hit.place.start_line + first
    begins = hit.place.start_character if first == 0 else 0
    ends = hit.place.start_line + last - 1
    place = Place(start, begins, ends, len(lines[last - 1]) + (begins if last == 1 else 0))
    return attrs.evolve(hit, place=place, text="\n".join(lines[first:last]))


def _window(lines: Sequence[str], wanted: frozenset[str], words: Tokenizer) -> tuple[int, int]:
    """First line and the one after the last of the best window, without blank lines at its ends."""
    found = [wanted.intersection(words.tokens(line)) for line in lines]
    spread = Counter(term for line in found for term in line)
    # A word on every line says little about where to look.
    worth = [sum(1 / spread[term] for term in line) for line in found]
    starts = range(max(len(lines) - LONGEST_QUOTE, 0) + 1)
    first = max(starts, key=lambda start: sum(worth[start : start + LONGEST_QUOTE]))
    last = min(first + LONGEST_QUOTE, len(lines))
    while first < last - 1 and not lines[first].strip():
        first += 1
    while last - 1 > first and not lines[last - 1].strip():
        last -= 1
    return first, last


def _quote(hit: Hit, folder: str | None) -> Quote:
    if hit.source in ("message", "memory"):
        body = "\n".join(f"> {line}".rstrip() for line in hit.text.splitlines())
        said = f"session {hit.session_id}" if hit.session_id else "an earlier conversation"
        name = "from the memory" if hit.source == "memory" else said
        return Quote(hit, f"**{name}**\n\n{body}\n")
    lines = hit.text.splitlines()
    if hit.source == "commit":
        return Quote(hit, f"**commit {commit_name(hit.uri)}**\n\n{fenced(hit.text)}\n")
    document = document_name(hit.uri, hit.scope, folder) if hit.source == "knowledge" else None
    if document is not None:
        return Quote(hit, f"**{_unmarked(document)}**\n\n{fenced(hit.text)}\n")
    start = hit.place.start_line + 1
    heading = f"**{shown_path(hit.uri, folder)}:{start}-{start + len(lines) - 1}**"
    if hit.scope and hit.source == "code":
        heading += f" in {code_span(hit.scope)}"
    block = fenced("\n".join(lines), _language(hit.uri))
    return Quote(hit, f"{heading}\n\n{block}\n")


def _unmarked(text: str) -> str:
    """A name from elsewhere, without what Markdown would take for more than a name."""
    return "".join(each if each.isprintable() and each not in "*`<>[]" else " " for each in text)


def _language(uri: str) -> str:
    ending = PurePosixPath(urlsplit(uri).path).suffix.removeprefix(".").lower()
    return ending if ending in _SAME_NAME_LANGUAGES.split() else _LANGUAGES.get(ending, "")
