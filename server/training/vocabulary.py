"""Which pieces the table has: the commonest parts of words, and short strings to spell the others by."""

import math
import re
import string
from collections import Counter, defaultdict
from collections.abc import Iterable

from rejoinder.domain.word_pieces import parts

_WORD = re.compile(r"\w+")
_LONGEST = 24
_SHARE_OF_FRAGMENTS = 0.12
_FRAGMENT_LENGTHS = range(2, 8)


def chosen_pieces(texts: Iterable[str], size: int) -> list[str]:
    """At most `size` pieces: letters and digits, common words, and strings that are common within the rare words."""
    words: Counter[str] = Counter()
    for text in texts:
        words.update(_WORD.findall(text))
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for part in parts(word):
            if part.isascii() and not part.isdigit() and len(part) <= _LONGEST:
                counts[part] += count
    characters = string.ascii_lowercase + string.digits
    fragments = int(size * _SHARE_OF_FRAGMENTS)
    ranked = [word for word, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]
    common = ranked[: size - fragments - len(characters)]
    rare = {word: counts[word] for word in ranked[len(common) :]}
    return list(dict.fromkeys([*characters, *common, *_fragments(rare, set(common), fragments)]))


def _fragments(rare: dict[str, int], known: set[str], most: int) -> list[str]:
    """Longer strings count more: each saves as many pieces as it has characters, less one."""
    saved: dict[str, float] = defaultdict(float)
    for word, count in rare.items():
        for length in _FRAGMENT_LENGTHS:
            for start in range(len(word) - length + 1):
                saved[word[start : start + length]] += math.log1p(count) * (length - 1)
    ranked = sorted(saved.items(), key=lambda each: (-each[1], each[0]))
    return [fragment for fragment, _ in ranked if fragment not in known][:most]
