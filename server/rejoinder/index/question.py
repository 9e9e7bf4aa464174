"""A question as the index takes it: the tokens that choose passages, and those that only help to rank them."""

from collections.abc import Callable

import attrs

from rejoinder.domain.tokens import Tokenizer

LONGEST_QUESTION = 20_000
"""Code points; what comes after them is not looked at."""

MOST_TOKENS = 32
MOST_PASSAGES = 3000
"""About how many passages are scored for a question; scoring one costs two microseconds."""


@attrs.frozen
class Question:
    """Distinct tokens. A passage must hold one of `telling`; those count twice, the `common` ones once."""

    telling: tuple[str, ...]
    common: tuple[str, ...] = ()

    @property
    def tokens(self) -> tuple[str, ...]:
        """All of them."""
        return self.telling + self.common

    @property
    def expression(self) -> str:
        """For the full-text search. That the telling tokens stand in it twice is what makes them count twice."""
        telling, every = _any_of(self.telling), _any_of(self.tokens)
        return f"({telling}) AND ({every})" if self.common else telling

    def weight(self, token: str) -> int:
        """How often a token counts."""
        return 2 if self.common and token in self.telling else 1


def understand(text: str, tokenizer: Tokenizer, frequency: Callable[[str], int]) -> Question:
    """The question of a text, which may be a whole file that was pasted in: its rarest tokens tell most."""
    tokens = tokenizer.question(text[:LONGEST_QUESTION])
    counted = sorted((frequency(token), token) for token in tokens)
    known = [(count, token) for count, token in counted if count] or counted
    telling: list[str] = []
    passages = 0
    for count, token in known[:MOST_TOKENS]:
        passages += count
        if telling and passages > MOST_PASSAGES:
            break
        telling.append(token)
    return Question(tuple(telling), tuple(token for _, token in known[len(telling) : MOST_TOKENS]))


def _any_of(tokens: tuple[str, ...]) -> str:
    return " OR ".join(f'"{token}"' for token in tokens)
