"""What the table learns from: a sentence, and the code that it documents."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z]{2,}")
_FEWEST, _MOST = 3, 60
_NOTICE = re.compile(r"copyright|licen[sc]e|eslint|prettier|istanbul|noqa|TODO|FIXME|webpackIgnore|@ts-|^@", re.I)
_ROLE = re.compile(r":[\w:+-]+:`~?([^`]*)`")


@dataclass(frozen=True, slots=True)
class Pair:
    """`code` is without documentation, below a line of its path and one of its scope."""

    text: str
    code: str


def first_paragraph(document: str) -> str:
    """The documentation's first paragraph in one line; empty where it says too little or is a notice."""
    paragraph = document.strip().split("\n\n", 1)[0]
    text = " ".join(" ".join(_ROLE.sub(r"\1", paragraph).split()).split(" ")[:_MOST])
    if len(_WORD.findall(text)) < _FEWEST or _NOTICE.search(text):
        return ""
    return text
