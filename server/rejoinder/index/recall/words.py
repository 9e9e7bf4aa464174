"""The words of passages as numbers: hashes, so that nothing but the passages themselves holds any word of them."""

import zlib
from collections import Counter

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.postings import Ints

_MOST_COUNT = 255
_MOST_CACHED = 100_000
_POSITIVE = 0x7FFFFFFF


@attrs.frozen(eq=False)
class CountedWords:
    """A passage's distinct terms in ascending order, how often each stands in it, and how many there are in all."""

    terms: Ints
    counts: NDArray[np.uint8]
    length: int


class Words:
    """Turns texts into terms. Two words in a billion share a number, which costs no more than a wrong guess."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer()
        self._known = _Hashes()

    def counted(self, text: str) -> CountedWords:
        """A passage's terms."""
        if len(self._known) > _MOST_CACHED:
            self._known.clear()
        tokens = self._tokenizer.tokens(text)
        counts = Counter(map(self._known.__getitem__, tokens))
        terms = sorted(counts)
        often = [min(counts[term], _MOST_COUNT) for term in terms]
        return CountedWords(np.array(terms, np.int32), np.array(often, np.uint8), len(tokens))

    def question(self, text: str) -> list[int]:
        """The distinct terms of a question."""
        return list(dict.fromkeys(map(_hash, self._tokenizer.question(text))))


class _Hashes(dict[str, int]):
    def __missing__(self, token: str) -> int:
        self[token] = number = _hash(token)
        return number


def _hash(token: str) -> int:
    return zlib.crc32(token.encode("utf-8", "surrogatepass")) & _POSITIVE
