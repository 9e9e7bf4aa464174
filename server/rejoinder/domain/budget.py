"""How many tokens a text takes, and what has to go when a prompt is too long.

The estimate is bytes ÷ 3.5, corrected by what a provider reported for earlier prompts. A tenth of what a model takes
in is kept in reserve, for the estimate's error.
"""

from rejoinder.declared import frozen

BYTES_PER_TOKEN = 3.5
RESERVE = 0.1
MESSAGE_OVERHEAD = 4
"""Tokens that a message costs beside its text: role and separators."""

DEFAULT_CONTEXT_TOKENS = 32_768
"""What a model is taken to hold when nothing is known of it."""

ANSWER_SHARE = 0.25
"""The part of the window that is left free for the answer when no limit is set."""


@frozen
class TokenEstimate:
    """Tokens for texts. `correction` is reported ÷ estimated of earlier prompts, 1 when there were none."""

    correction: float = 1.0

    def of(self, text: str) -> int:
        """Tokens of one message with this text, rounded up."""
        # ASCII, the common case, needs no encoding to be measured
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        return int(size / BYTES_PER_TOKEN * self.correction) + 1 + MESSAGE_OVERHEAD

    def cut(self, text: str, tokens: int) -> str:
        """The text's beginning that takes about so many tokens."""
        size = int(tokens * BYTES_PER_TOKEN / self.correction)
        return text.encode("utf-8", "surrogatepass")[:size].decode("utf-8", "ignore")

    def corrected(self, estimated: int, reported: int) -> "TokenEstimate":
        """Half way to what this prompt shows, within a factor of 0.3 to 3."""
        if estimated <= 0 or reported <= 0:
            return self
        seen = self.correction * reported / estimated
        return TokenEstimate(min(3.0, max(0.3, (self.correction + seen) / 2)))


def prompt_budget(context_tokens: int | None, max_tokens: int | None) -> int:
    """Tokens that a prompt may take: the window less its reserve and less what the answer may take."""
    window = context_tokens or DEFAULT_CONTEXT_TOKENS
    usable = int(window * (1 - RESERVE))
    answer = min(max_tokens or int(window * ANSWER_SHARE), window // 2)
    return max(usable - answer, 1)
