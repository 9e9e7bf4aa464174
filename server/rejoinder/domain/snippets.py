"""A passage in one line for a list of hits, with the words that were found marked."""

from collections.abc import Sequence

from rejoinder.declared import frozen
from rejoinder.domain.tokens import WORD, Tokenizer
from rejoinder.domain.word_query import Matching, Span, WordQuery

WIDTH = 160
"""Code points of a snippet, without what stands for the rest."""

_LEAD = 40
"""What may stand before the first mark."""
_MOST_MARKS = 30
"""Of more marks the first decide where a snippet begins."""
_LEFT_OUT = "…"


@frozen
class Snippet:
    """One line; the marks are spans of it, in code points."""

    text: str
    marks: tuple[Span, ...] = ()


class Marking:
    """Marks what was asked for: what the words mean as they are written, and words that share a token with them."""

    def __init__(self, query: WordQuery, text: str = "") -> None:
        """`text` is asked in other words, too: words like its own are marked."""
        self._matching = Matching(query)
        self._tokenizer = Tokenizer()
        self._tokens = frozenset(self._tokenizer.question(text))
        self._known: dict[str, bool] = {}

    def snippet(self, passage: str) -> Snippet:
        """The part of a passage that has the most of it."""
        spans = self._matching.spans(passage)
        if self._tokens:
            spans += [match.span() for match in WORD.finditer(passage) if self._is_like(match.group())]
        return snippet_of(passage, _joined(spans))

    def _is_like(self, word: str) -> bool:
        if word not in self._known:
            self._known[word] = not self._tokens.isdisjoint(self._tokenizer.of_word(word))
        return self._known[word]


def snippet_of(text: str, spans: Sequence[Span]) -> Snippet:
    """The line of a text around these spans, which are in order and apart."""
    begin = _begin(text, spans[:_MOST_MARKS])
    end = begin + WIDTH
    while end < len(text) and end > begin + WIDTH - _LEAD and not text[end].isspace():
        end -= 1
    line, places = _one_line(text[begin:end])
    before = _LEFT_OUT if text[:begin].strip() else ""
    after = _LEFT_OUT if text[end:].strip() else ""
    inside = [
        (max(start, begin) - begin, min(stop, end) - begin) for start, stop in spans if start < end and stop > begin
    ]
    marks = tuple((places[start] + len(before), places[stop] + len(before)) for start, stop in inside)
    return Snippet(before + line + after, marks)


def _begin(text: str, spans: Sequence[Span]) -> int:
    """Where the window with the most marks begins, at a word's beginning where there is one."""
    starts = [start for start, _ in spans]
    if not starts:
        return len(text) - len(text.lstrip())
    best = max(starts, key=lambda first: (sum(first <= start < first + WIDTH - _LEAD for start in starts), -first))
    begin = max(0, best - _LEAD)
    while 0 < begin < best and not text[begin - 1].isspace():
        begin += 1
    return begin


def _one_line(text: str) -> tuple[str, list[int]]:
    """A text with each run of white space as one space, and where each of its code points stands then."""
    line, places = "", []
    for character in text:
        places.append(len(line))
        if not character.isspace():
            line += character
        elif not line.endswith(" ") and line:
            line += " "
    return line.rstrip(), [*places, len(line)]


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans in order; those that overlap are one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
