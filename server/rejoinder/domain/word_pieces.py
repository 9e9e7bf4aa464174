"""What pieces words are made of: identifiers by case, underscore and digits, rare words by parts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from rejoinder.domain.tokens import words

_PART = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_LONGEST_WORD = 64
_LONGEST_PIECE = 24
_MOST_CACHED = 200_000


class WordPieces:
    """Turns words into the numbers of a vocabulary's pieces, and remembers those of each word for as long as it lives.

    A part of an identifier that is no piece itself is cut from the left into the longest pieces that fit, as WordPiece
    does (Schuster and Nakajima 2012), except that a piece is the same at a word's start and within it.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._known = _PiecesOfWords(vocabulary)

    def pieces(self, text: str) -> Iterator[int]:
        """The numbers of all pieces in order, as often as they come. What the vocabulary cannot spell is left out."""
        if len(self._known) > _MOST_CACHED:
            self._known.clear()
        return chain.from_iterable(map(self._known.__getitem__, words(text)))


def parts(word: str) -> Iterable[str]:
    """The parts of an identifier in lower case: `getUserName2` gives get, user, name, 2."""
    return (part.lower() for part in _PART.findall(word[:_LONGEST_WORD]))


class _PiecesOfWords(dict[str, tuple[int, ...]]):
    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._of_parts: dict[str, tuple[int, ...]] = {}
        """Far fewer than words, which are made of them again and again."""

    def clear(self) -> None:
        super().clear()
        self._of_parts.clear()

    def __missing__(self, word: str) -> tuple[int, ...]:
        found: tuple[int, ...] = ()
        for part in parts(word):
            spelled = self._of_parts.get(part)
            if spelled is None:
                self._of_parts[part] = spelled = tuple(self._spelled(part))
            found += spelled
        self[word] = found
        return found

    def _spelled(self, part: str) -> Iterator[int]:
        whole = self._vocabulary.get(part)
        if whole is not None:
            yield whole
            return
        start = 0
        while start < len(part):
            for end in range(min(len(part), start + _LONGEST_PIECE), start, -1):
                piece = self._vocabulary.get(part[start:end])
                if piece is not None:
                    yield piece
                    start = end
                    break
            else:
                start += 1
