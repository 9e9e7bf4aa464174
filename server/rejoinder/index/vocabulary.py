"""The terms of an index, each with a number, and the numbers of a text's terms."""

from collections.abc import Iterable
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from rejoinder.domain.tokens import Tokenizer, words

_MOST_CACHED = 200_000


class Vocabulary:
    """Numbers terms in the order in which they are first met, and remembers those of each word as long as it lives."""

    def __init__(self, tokenizer: Tokenizer, terms: Iterable[str] = ()) -> None:
        self._terms = {term: number for number, term in enumerate(terms)}
        self._of_words = _NumbersOfWords(tokenizer, self._terms)
        self.saved = len(self._terms)
        """How many terms the database has."""

    def number(self, term: str) -> int | None:
        """The number of a term that was met."""
        return self._terms.get(term)

    def numbers(self, text: str) -> NDArray[np.int32]:
        """Of every token of a text in order; new terms get their numbers."""
        if len(self._of_words) > _MOST_CACHED:
            self._of_words.clear()
        return np.fromiter(chain.from_iterable(map(self._of_words.__getitem__, words(text))), np.int32)

    def known(self) -> list[str]:
        """The terms that the database has, by their numbers."""
        return list(islice(self._terms, self.saved))

    def unsaved(self) -> list[tuple[int, str]]:
        """The terms that the database does not have yet, with their numbers."""
        if self.saved == len(self._terms):
            return []
        return list(enumerate(islice(self._terms, self.saved, None), self.saved))

    def __len__(self) -> int:
        return len(self._terms)


class _NumbersOfWords(dict[str, tuple[int, ...]]):
    def __init__(self, tokenizer: Tokenizer, terms: dict[str, int]) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self._terms = terms

    def __missing__(self, word: str) -> tuple[int, ...]:
        terms = self._terms
        self[word] = found = tuple(terms.setdefault(token, len(terms)) for token in self._tokenizer.of_word(word))
        return found
