"""What a search asks for word by word: words, "phrases", -excluded ones and beginnings*, and where a text has them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.tokens import WORD, parts_of_word, unspaced_pairs

Span = tuple[int, int]
"""Where something stands in a text: code points, the end is exclusive."""

_PIECE = re.compile(r'(?<!\S)(?P<minus>-(?=[\w"]))?(?:"(?P<phrase>[^"]*)"?|(?P<plain>\S+))')


@frozen
class Word:
    """A word as it is asked for; capitals and underscores do not matter."""

    parts: tuple[str, ...]
    """Those of an identifier, in lower case; one for any other word."""
    begun: bool = False
    """Whether it may go on."""
    alone: bool = False
    """Whether it is no part of a longer identifier."""

    @property
    def whole(self) -> str:
        """The word as one, without underscores."""
        return "".join(self.parts)

    def is_met_by(self, word: str) -> bool:
        """Whether a text's word is this one, or has it among its parts; in scripts without spaces, within it."""
        if unspaced_pairs(self.whole) is not None:
            return self.whole in word.lower()
        parts = parts_of_word(word)
        whole = "".join(parts)
        if whole.startswith(self.whole) if self.begun else whole == self.whole:
            return True
        if self.alone:
            return False
        size = len(self.parts)
        return any(self._meets(parts[at : at + size]) for at in range(len(parts) - size + 1))

    def _meets(self, parts: Sequence[str]) -> bool:
        if not self.begun:
            return tuple(parts) == self.parts
        return tuple(parts[:-1]) == self.parts[:-1] and parts[-1].startswith(self.parts[-1])


@frozen
class Wanted:
    """Words that stand side by side, whatever is between them that is no word; a single one as a rule."""

    words: tuple[Word, ...]
    strict: bool
    """Whether it stood in quotation marks, or is a beginning: it is meant as it is written."""


@frozen
class WordQuery:
    """What a text has to hold, and what it must not."""

    wanted: tuple[Wanted, ...] = ()
    excluded: tuple[Wanted, ...] = ()
    plain: str = ""
    """The text without what is excluded and without marks: what it is about."""

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.wanted or self.excluded)

    def strict(self) -> "WordQuery":
        """What of it counts also for a search that is not word by word."""
        return attrs.evolve(self, wanted=tuple(each for each in self.wanted if each.strict))

    def fits(self, text: str) -> bool:
        """Whether a text has all that is wanted, and nothing that is excluded."""
        return Matching(self).fits(text)

    def spans(self, text: str) -> list[Span]:
        """Where a text has what is wanted, in order."""
        return Matching(self).spans(text)


class Matching:
    """Compares texts with a query; what it has learned of a word it need not look at again."""

    def __init__(self, query: WordQuery) -> None:
        self._wanted = [_Place(each) for each in query.wanted]
        self._excluded = [_Place(each) for each in query.excluded]

    def fits(self, text: str) -> bool:
        """As WordQuery says."""
        run = _squeezed(text)
        if not all(each.may_be_in(run) for each in self._wanted):
            return False
        excluded = [each for each in self._excluded if each.may_be_in(run)]
        words = WORD.findall(text)
        return all(any(each.among(words)) for each in self._wanted) and not any(any(e.among(words)) for e in excluded)

    def spans(self, text: str) -> list[Span]:
        """As WordQuery says."""
        run = _squeezed(text)
        found = [match.span() for match in WORD.finditer(text)]
        words = [text[start:end] for start, end in found]
        wanted = (each for each in self._wanted if each.may_be_in(run))
        return sorted({(found[at][0], found[at + each.size - 1][1]) for each in wanted for at in each.indices(words)})


class _Place:
    """Finds words that stand side by side."""

    def __init__(self, wanted: Wanted) -> None:
        self.size = len(wanted.words)
        self._wholes = [word.whole for word in wanted.words]
        self._met = [_Met(word) for word in wanted.words]
        apart = r"\W+".join(map(re.escape, self._wholes))
        in_a_row = self.size > 1 and all(word.alone and not word.begun for word in wanted.words)
        self._in_a_row = re.compile(apart) if in_a_row else None

    def may_be_in(self, run: str) -> bool:
        """Whether a text without underscores, in lower case, may have it."""
        if not all(whole in run for whole in self._wholes):
            return False
        return self._in_a_row is None or self._in_a_row.search(run) is not None

    def among(self, words: Sequence[str]) -> Iterator[bool]:
        """Whether it begins at each of these words."""
        if self.size == 1:
            return map(self._met[0].__getitem__, words)
        return (True for _ in self.indices(words))

    def indices(self, words: Sequence[str]) -> Iterator[int]:
        """The words where it begins."""
        first, *rest = self._met
        for at in range(len(words) - self.size + 1):
            if first[words[at]] and all(met[words[at + 1 + next_]] for next_, met in enumerate(rest)):
                yield at


class _Met(dict[str, bool]):
    """Which words meet one that is asked for."""

    def __init__(self, word: Word) -> None:
        self._word = word

    def __missing__(self, text: str) -> bool:
        self[text] = met = self._word.whole in _squeezed(text) and self._word.is_met_by(text)
        return met


def _squeezed(text: str) -> str:
    return text.lower().replace("_", "")


@lru_cache(maxsize=16)
def understood(text: str) -> WordQuery:
    """What a query's text asks for."""
    wanted, excluded, plain = [], [], []
    for match in _PIECE.finditer(text):
        quoted = match["phrase"] is not None
        piece: str = match["phrase"] if quoted else match["plain"]
        words = [Word(parts, alone=quoted) for parts in map(parts_of_word, WORD.findall(piece)) if any(parts)]
        if not words:
            continue
        begun = not quoted and piece.endswith("*")
        if begun:
            words[-1] = attrs.evolve(words[-1], begun=True)
        each = Wanted(tuple(words), strict=quoted or begun)
        if match["minus"]:
            excluded.append(each)
        else:
            wanted.append(each)
            plain.append(piece)
    return WordQuery(tuple(wanted), tuple(excluded), " ".join(plain))
