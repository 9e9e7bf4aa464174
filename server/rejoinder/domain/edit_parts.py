"""A change in parts that can be decided one by one."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from rejoinder.domain.edits import Change

_MOST_PAIRS = 4_000_000
"""Lines before times lines after that are compared; a larger change stays whole."""


def in_parts(text: str, changes: Sequence[Change]) -> tuple[Change, ...]:
    """One change for each run of lines that really differ; none for what is there already."""
    return tuple(part for change in changes for part in _parts(text, change))


def _parts(text: str, change: Change) -> Iterator[Change]:
    before = text[change.start : change.end].splitlines(keepends=True)
    after = change.text.splitlines(keepends=True)
    same = _same(before, after)
    end = _same(before[same:][::-1], after[same:][::-1])
    old, new = before[same : len(before) - end], after[same : len(after) - end]
    starts = list(accumulate(map(len, before), initial=change.start))
    if len(old) * len(new) > _MOST_PAIRS:
        yield Change(starts[same], starts[same + len(old)], "".join(new))
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind != "equal":
            yield Change(starts[same + first], starts[same + last], "".join(new[new_first:new_last]))


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are the same from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
