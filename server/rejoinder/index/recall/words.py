"""The words of passages as numbers: hashes, so that nothing but the passages themselves holds any word of them."""

import zlib
from collections import Counter
from itertools import chain

import attrs
import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.tokens import Tokenizer, exact_form, parts_of_word, words
from rejoinder.index.postings import Ints

_MOST_COUNT = 255
_MOST_CACHED = 100_000
_POSITIVE = 0x7FFFFFFF


@attrs.frozen(eq=False)
class CountedWords:
    """A passage's distinct terms in ascending order, how often each stands in it, and how many words there are in all.

    Among them are the exact forms of words, which only those questions ask for that mean words as they are written.
    """

    terms: Ints
    counts: NDArray[np.uint8]
    length: int


class Words:
    """Turns texts into terms. Two words in a billion share a number, which costs no more than a wrong guess."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer()
        self._known = _Hashes()
        self._exact = _ExactForms()

    def counted(self, text: str) -> CountedWords:
        """A passage's terms."""
        if len(self._known) + len(self._exact) > _MOST_CACHED:
            self._known.clear()
            self._exact.clear()
        tokens = self._tokenizer.tokens(text)
        counts = Counter(map(self._known.__getitem__, tokens))
        counts.update(chain.from_iterable(map(self._exact.__getitem__, set(words(text)))))
        terms = sorted(counts)
        often = [min(counts[term], _MOST_COUNT) for term in terms]
        return CountedWords(np.array(terms, np.int32), np.array(often, np.uint8), len(tokens))

    def question(self, text: str) -> list[int]:
        """The distinct terms of a question."""
        return list(dict.fromkeys(map(hash_of, self._tokenizer.question(text))))


class _Hashes(dict[str, int]):
    def __missing__(self, token: str) -> int:
        self[token] = number = hash_of(token)
        return number


class _ExactForms(dict[str, tuple[int, ...]]):
    def __missing__(self, word: str) -> tuple[int, ...]:
        forms = map(exact_form, parts_of_word(word))
        self[word] = terms = tuple(hash_of(form) for form in forms if form is not None)
        return terms


def hash_of(token: str) -> int:
    """A token's term."""
    return zlib.crc32(token.encode("utf-8", "surrogatepass")) & _POSITIVE
