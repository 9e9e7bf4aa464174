"""Pairs from JavaScript, TypeScript, C and C++: comments right above code."""

import re
from collections.abc import Iterator

from training.pairs import Pair, first_paragraph

_COMMENT = re.compile(
    r"^[ \t]*(?:/\*+(?P<block>(?:[^*]|\*(?!/))*)\*/|(?P<lines>//[^\n]*(?:\n[ \t]*//[^\n]*)*))[ \t]*\n", re.M
)
_MARGIN = re.compile(r"^[ \t]*(?:\*+|//+!?<?)?[ \t]?", re.M)
_TAGS = re.compile(
    r"^[ \t]*[@\\](?:param|returns?|type|private|public|example|see|since|tparam|throws?|template).*", re.M | re.S
)
_BRIEF = re.compile(r"^[ \t]*[@\\](?:brief|description|fileoverview|summary)[ \t]*", re.M)
_INLINE = re.compile(r"\{@\w+[ \t]+([^}]*)\}")
_DEFINES = re.compile(r"[({=]")
_LONGEST, _SHORTEST = 60, 3
_LONGEST_HEAD = 400
_MOST_CHARACTERS = 12_000


def brace_pairs(text: str, path: str) -> Iterator[Pair]:
    """A pair for each comment that stands right above code."""
    for match in _COMMENT.finditer(text):
        following = text[match.end() : match.end() + _MOST_CHARACTERS]
        if not following.partition("\n")[0].strip() or not _DEFINES.search(following[:_LONGEST_HEAD]):
            continue
        comment = _MARGIN.sub("", match["block"] if match["block"] is not None else match["lines"])
        sentence = first_paragraph(_INLINE.sub(r"\1", _TAGS.sub("", _BRIEF.sub("", comment))))
        code = _block(following)
        if sentence and code.count("\n") + 1 >= _SHORTEST:
            yield Pair(sentence, f"{path}\n\n{code}")


def _block(text: str) -> str:
    """The lines up to the one that closes the first brace, or up to an empty line where there is none before."""
    depth, opened, taken = 0, False, []
    for line in text.split("\n", _LONGEST)[:_LONGEST]:
        if not line.strip() and not opened:
            break
        taken.append(line)
        depth += line.count("{") - line.count("}")
        opened = opened or "{" in line
        if depth < 0 or (opened and depth <= 0) or (not opened and line.rstrip().endswith(";")):
            break
    return "\n".join(taken)
