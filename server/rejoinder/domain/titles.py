"""Names for sessions that nobody has named."""

import re
from datetime import datetime

from rejoinder.domain.mentions import without_mentions

LONGEST = 60


def dated_name(now: datetime) -> str:
    """The name of a session that has no message yet."""
    return now.strftime("Session %Y-%m-%d %H:%M")


def fork_name(name: str) -> str:
    """The name of a fork that was given none."""
    return f"{name} (fork)"


def title_of(text: str) -> str | None:
    """A name taken from a first question: its first sentence, cut at a word; None when there is nothing to take."""
    plain = re.sub(r"```.*?(```|\Z)", " ", without_mentions(text), flags=re.DOTALL)
    line = next((line for line in map(str.strip, plain.splitlines()) if re.search(r"\w", line)), "")
    sentence = re.split(r"(?<=[.?!。？！])\s", line, maxsplit=1)[0]
    title = re.sub(r"\s+", " ", sentence).strip(" #>*-`.")
    if not title:
        return None
    if len(title) <= LONGEST:
        return title
    cut = title[:LONGEST]
    return (cut.rsplit(" ", 1)[0] if " " in cut[LONGEST // 2 :] else cut).rstrip(" ,;:") + "…"
