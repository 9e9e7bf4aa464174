"""Open buffers: they count in place of what the disk holds, scored as if they were in the index."""

import math
from collections.abc import Iterator, Set

import attrs

from rejoinder.domain.conversation import Place
from rejoinder.domain.tokens import Tokenizer
from rejoinder.index.chunks import Chunk, split
from rejoinder.index.lexical import BODY_WEIGHT, NAMES_WEIGHT, PATH_WEIGHT, Candidate, LexicalIndex, columns
from rejoinder.index.question import Question
from rejoinder.index.rules import FileKind, kind_of

# The constants of SQLite's bm25(), so that both kinds of score can stand in one list.
_K1, _B = 1.2, 0.75
_LEAST_WEIGHT = 1e-6


@attrs.frozen
class _Passage:
    place: Place
    text: str
    weights: dict[str, float]
    length: int


class Overlay:
    """The passages of open buffers, in memory alone."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._files: dict[str, tuple[FileKind, list[_Passage]]] = {}

    @property
    def paths(self) -> Set[str]:
        """The files whose content on disk does not count."""
        return self._files.keys()

    def put(self, path: str, text: str) -> None:
        """What a file's buffer holds now."""
        self._files[path] = kind_of(path, text), [self._passage(path, text, chunk) for chunk in split(text)]

    def drop(self, path: str) -> None:
        """The file's buffer was closed."""
        self._files.pop(path, None)

    def frequency(self, token: str) -> int:
        """In how many of the buffers' passages a token stands."""
        return sum(token in passage.weights for _, passages in self._files.values() for passage in passages)

    def candidates(self, question: Question, index: LexicalIndex) -> Iterator[Candidate]:
        """The buffers' passages that the question chooses."""
        rarity = {token: _rarity(index.chunks, index.frequency(token)) for token in question.tokens if self._files}
        for path, (kind, passages) in self._files.items():
            for passage in passages:
                if any(token in passage.weights for token in question.telling):
                    score = sum(
                        question.weight(token) * rarity[token] * self._saturation(passage, token, index)
                        for token in question.tokens
                        if token in passage.weights
                    )
                    yield Candidate(path, kind, passage.place, score, None, passage.text)

    def _saturation(self, passage: _Passage, token: str, index: LexicalIndex) -> float:
        average = index.tokens / index.chunks if index.tokens else passage.length
        count = passage.weights[token]
        return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * passage.length / average))

    def _passage(self, path: str, text: str, chunk: Chunk) -> _Passage:
        text = text[chunk.start : chunk.end]
        found = columns(self._tokenizer, path, text)
        weights: dict[str, float] = {}
        for tokens, weight in ((found.body, BODY_WEIGHT), (found.path, PATH_WEIGHT), (found.names, NAMES_WEIGHT)):
            for token in tokens.split():
                weights[token] = weights.get(token, 0.0) + weight
        return _Passage(chunk.place, text, weights, found.count)


def _rarity(chunks: int, holding: int) -> float:
    total = max(chunks, holding) + 1
    return max(math.log((total - holding + 0.5) / (holding + 0.5)), _LEAST_WEIGHT)
