"""Summaries of old turns: which one stands for a path, when a new one is due, and what it is made of.

A summary covers the path from the root to one message. It stands for every path that this message is on: an edit or a
rollback before it leads elsewhere, where it does not count. Until the turns after it take more than HISTORY_SHARE of
the budget it stays as it is, so that the beginning of the prompt stays the same and in the provider's cache.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rejoinder.declared import frozen
from rejoinder.domain.budget import TokenEstimate
from rejoinder.domain.conversation import Message

HISTORY_SHARE = 0.3
"""The part of the budget that turns take before the older of them are summarised."""

KEPT_SHARE = 0.15
"""The part of the budget that the newest turns take when the older ones have just been summarised."""

SUMMARY_SHARE = 0.08
"""The part of the budget that a summary may take."""


@frozen(kw_only=True)
class Summary:
    """What the path up to the message `through` says. `model` is the ID of who wrote it."""

    through: str
    text: str
    model: str
    created_at: datetime


def fits(path: Sequence[Message], *, budget: int, estimate: TokenEstimate) -> bool:
    """Whether a whole path takes no more than what is left to its turns."""
    return _first_fitting(path, int(budget * HISTORY_SHARE), estimate) == 0


def deepest(summaries: Iterable[Summary], path: Sequence[Message]) -> Summary | None:
    """The summary that covers most of a path; None when none covers any of it."""
    known = {summary.through: summary for summary in summaries}
    return next((known[message.message_id] for message in reversed(path) if message.message_id in known), None)


def standing(
    summaries: Iterable[Summary], path: Sequence[Message], *, budget: int, estimate: TokenEstimate
) -> Summary | None:
    """The summary to put in the place of the oldest turns of a path; None when all of them fit, or none covers any.

    Of those that leave no more turns than fit, the one that covers least; else the one that covers most.
    """
    known = {summary.through: summary for summary in summaries}
    first = _first_fitting(path, int(budget * HISTORY_SHARE), estimate)
    if first == 0 or not known:
        return None
    for message in path[first - 1 :]:
        if message.message_id in known:
            return known[message.message_id]
    return deepest(known.values(), path[:first])


def uncovered(path: Sequence[Message], summary: Summary | None) -> Sequence[Message]:
    """What comes after the summary's last message; the whole path when that is not on it."""
    if summary is None:
        return path
    for index in range(len(path) - 1, -1, -1):
        if path[index].message_id == summary.through:
            return path[index + 1 :]
    return path


def due(path: Sequence[Message], summary: Summary | None, *, budget: int, estimate: TokenEstimate) -> Sequence[Message]:
    """The messages that a new summary has to take in after the one that stands; none while they all fit."""
    rest = uncovered(path, summary)
    if _first_fitting(rest, int(budget * HISTORY_SHARE), estimate) == 0:
        return ()
    end = _first_fitting(rest, int(budget * KEPT_SHARE), estimate)
    # a question stays with its answer
    while 0 < end < len(rest) and rest[end].role != "user":
        end -= 1
    return rest[:end]


def batches(messages: Sequence[Message], room: int, estimate: TokenEstimate) -> list[Sequence[Message]]:
    """The messages in groups of at most `room` tokens, newest group last; one that is longer alone is a group."""
    groups: list[Sequence[Message]] = []
    end = len(messages)
    while end:
        begin = min(_first_fitting(messages[:end], room, estimate), end - 1)
        groups.append(messages[begin:end])
        end = begin
    groups.reverse()
    return groups


def is_spoken(message: Message) -> bool:
    """Whether a message counts as what user and assistant said."""
    return bool(message.content) and message.role in ("user", "assistant")


def _first_fitting(path: Sequence[Message], room: int, estimate: TokenEstimate) -> int:
    """Where the newest messages begin that fit into so many tokens."""
    for index in range(len(path) - 1, -1, -1):
        if is_spoken(path[index]):
            room -= estimate.of(path[index].content)
            if room < 0:
                return index + 1
    return 0
