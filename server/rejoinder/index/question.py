"""A question as the index takes it: which tokens it has, and what else it tells."""

import re
from collections.abc import Callable

from rejoinder.declared import frozen
from rejoinder.domain.tokens import Tokenizer

LONGEST_QUESTION = 20_000
"""Code points; what comes after them is not looked at."""

MOST_TOKENS = 32
"""Of a longer question only the rarest tokens choose; scoring one costs up to half a millisecond."""

_ABOUT_TESTS = re.compile(r"\b(unit ?|integration ?)?tests?\b|\bspecs?\b|\bfixtures?\b", re.IGNORECASE)


@frozen
class Question:
    """The text that is embedded, and its distinct tokens in their order."""

    text: str
    tokens: tuple[str, ...]
    about_tests: bool = False


def understand(text: str, tokenizer: Tokenizer, frequency: Callable[[str], int]) -> Question:
    """The question of a text, which may be a whole file that was pasted in: its rarest tokens tell most."""
    text = text[:LONGEST_QUESTION]
    tokens = tokenizer.question(text)
    if len(tokens) > MOST_TOKENS:
        counted = sorted((frequency(token), token) for token in tokens)
        rarest = {token for _, token in [each for each in counted if each[0]][:MOST_TOKENS]}
        tokens = [token for token in tokens if token in rarest]
    return Question(text, tuple(tokens), bool(_ABOUT_TESTS.search(text)))
