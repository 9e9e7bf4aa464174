"""What is not sent yet, where a transcript's text and its session's draft differ.

Nothing of it may be lost: a file may hold what was typed while no server was there. And nothing may come back that was
sent or cleared in another client: a file that nobody has open still shows it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from rejoinder.domain.conversation import Message
from rejoinder.domain.transcript import question, section_of, sections, unsent

Verdict = Literal["same", "draft", "text", "both"]
"""Which counts: either, the draft alone, the transcript's own text alone, or the one behind the other."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def plain(text: str) -> str:
    """A text as it is compared: an editor has its own line ends, and puts one behind the last line."""
    return _LINE_END.sub("\n", text).strip()


class UnsentTexts:
    """Knows which texts were the draft of a session while a transcript showed them.

    One that was, and is not any more, was sent or cleared. Of a session whose engine has ended nothing is known: there
    what differs is kept.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], set[bytes]] = {}
        """Digests: what is forgotten stays in no memory."""

    def was_draft(self, session: tuple[str, str], text: str) -> None:
        """A transcript shows this, and it is the draft. Without a text its user begins anew, perhaps with the same."""
        if plain(text):
            self._known.setdefault(session, set()).add(_digest(text))
        else:
            self._known.pop(session, None)

    def verdict(
        self, session: tuple[str, str], text: str, draft: str, messages: Iterable[Message], *, folder: str | None = None
    ) -> Verdict:
        """What counts, of a transcript's whole text, masked, and the draft."""
        own, kept = plain(unsent(text)), plain(draft)
        known = self._known.get(session, set())
        if own == kept:
            return "same"
        # a text that was kept, and to which more was typed elsewhere or later, is in the draft
        if not own or _digest(own) in known or kept.startswith(own) or _was_sent(text, messages, folder):
            return "draft"
        if own.startswith(kept) or _digest(kept) in known:
            return "text"
        return "both"


def _digest(text: str) -> bytes:
    return hashlib.sha256(plain(text).encode("utf-8", "replace")).digest()


def _was_sent(text: str, messages: Iterable[Message], folder: str | None) -> bool:
    """Whether the session has the text's last question as a message that the text itself does not show yet."""
    asked = [one for one in sections(text) if one.speaker == "user"]
    own = asked.pop().text.strip() if asked else ""
    stored = Counter(
        _shown(message, folder) for message in messages if message.role == "user" and message.content.strip() == own
    )
    return bool(stored - Counter(one.text for one in asked))


def _shown(message: Message, folder: str | None) -> str:
    return question(section_of(message, folder)) or ""
