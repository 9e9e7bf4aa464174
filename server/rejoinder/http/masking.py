"""The choke point of what is streamed out: secrets of known shapes are masked before any part of them has gone."""

import re

from rejoinder.domain.redaction import Redactor, highest_number, may_hold_secret

_BEGIN, _END = "-----begin", re.compile(r"-----end [^\n]*\n", re.IGNORECASE)
_WORD_SIGNS = "".join(map(chr, range(ord("!"), ord("~") + 1)))


class StreamMask:
    """Holds back what may yet turn out to be part of a secret.

    All shapes but private keys lie within a line, behind a mark or, of printable ASCII alone, around it. So a line goes
    out as it comes, up to its last word, until there is a mark in it; from then on it waits for its end.
    """

    def __init__(self, question: str = "") -> None:
        self._redactor = Redactor(first=1 + highest_number(question))
        self._held = ""
        self._told = 0
        """How much of the line that is held has gone out already."""

    def add(self, text: str) -> str:
        """What may go out now."""
        self._held += text
        if self._in_private_key():
            return ""
        whole = self._held.rfind("\n") + 1
        told = self._tell(whole)
        if may_hold_secret(self._held):
            return told
        safe = len(self._held.rstrip(_WORD_SIGNS))
        if safe > self._told:
            told += self._held[self._told : safe]
            self._told = safe
        return told

    def rest(self) -> str:
        """What is left when nothing more comes."""
        return self._tell(len(self._held))

    def _tell(self, length: int) -> str:
        if not length:
            return ""
        told = self._redactor.mask(self._held[:length])[self._told :]
        self._held, self._told = self._held[length:], 0
        return told

    def _in_private_key(self) -> bool:
        small = self._held.lower()
        begin = small.rfind(_BEGIN)
        return begin >= 0 and _END.search(self._held, begin) is None
