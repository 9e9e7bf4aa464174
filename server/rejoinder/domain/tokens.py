"""What words a text and a question are made of, for code: identifiers whole and in their parts."""

import re
from collections.abc import Sequence
from functools import lru_cache

WORD = re.compile(r"\w+")
"""What tokens are made of."""

_BLANKED = bytes(code if WORD.fullmatch(chr(code)) else 0x20 for code in range(128)) + bytes(128)
"""For each byte of an ASCII text itself where it is of a word, else a space."""

# Words of these scripts stand side by side without spaces.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
_HAS_PARTS = re.compile(r"[_\dA-Z]")
_PART = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_VOWEL = re.compile(r"[aeiouy]")
_LONGEST_WORD = 64
_MOST_CACHED = 100_000

_DEFINITION = re.compile(
    r"^[ \t]*+(?:(?:export|default|public|private|protected|internal|static|abstract|final|async|unsafe|virtual"
    r"|override|inline|open|sealed|extern|local|pub(?:\([^)\n]*\))?)[ \t]++)*+"
    r"(?:def|class|function\*?|func(?:[ \t]*\([^)\n]*\))?|fn|struct|enum|union|trait|interface|impl|type|module"
    r"|namespace|mod|macro_rules!|protocol|object|record|const|let|var|\#[ \t]*define)[ \t]++([^\W\d][\w$.:]*)"
    # A function of C, C++ or Java: types at the head of a line, a name, a parenthesis.
    r"|^(?!(?:return|else|throw|new|await|yield|case|goto|raise|assert|delete|not|in|and|or)\b)"
    r"(?:[A-Za-z_]\w*+[ \t*&]++)++([A-Za-z_]\w*)\(",
    re.MULTILINE,
)


@lru_cache(maxsize=_MOST_CACHED)
def _stem(word: str) -> str:
    """The word without the commonest English endings; the same for a question and for a text is all that matters."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "xes", "ches", "shes", "zes")) else word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root is not word and len(root) > 2 and _VOWEL.search(root):
            word = root[:-1] if root[-1] == root[-2] and root[-1] not in "lsz" else root
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


_STOP_WORDS = frozenset(
    _stem(word)
    for word in WORD.findall("""
    a about all also an and any are as at be been but by can could did do does for from get give had has have how i if
    in into is it its just let like make may me more most my no not of on one only or our out over please see should
    show so some such tell than that the their them then there these they this those to up us use used using was
    we were what when where which who whose why will with would you your def self return import
    """)
)


def words(text: str) -> list[str]:
    """What `WORD` finds in a text, six times as fast where it is of ASCII alone, as nearly all code is."""
    if text.isascii():
        return text.encode().translate(_BLANKED).decode().split()
    return WORD.findall(text)


def parts_of_word(word: str) -> tuple[str, ...]:
    """The parts of an identifier in lower case, as they are written; of any other word itself. None of `__`."""
    word = word[:_LONGEST_WORD]
    if not _HAS_PARTS.search(word):
        return (word.lower(),)
    parts = tuple(part.lower() for part in _PART.findall(word))
    whole = word.lower().replace("_", "")
    return parts if "".join(parts) == whole else (whole,)


def tokens_for_parts(parts: Sequence[str]) -> tuple[set[str], set[str]]:
    """How to find words that have these parts side by side, as `parts_of_word` gives them.

    Such a word has one of the first tokens, or all of the second; exact forms are among them.
    """
    whole = "".join(parts)
    return {whole, exact_form(whole) or whole}, {exact_form(part) or part for part in parts}


@lru_cache(maxsize=_MOST_CACHED)
def exact_form(part: str) -> str | None:
    """What stands for a word with its ending, where its token has lost that; None where the token is the word."""
    return None if _stem(part) == part else f"={part}"


def unspaced_pairs(word: str) -> list[str] | None:
    """The tokens that a word needs to hold this one, of a script without spaces; None for any other script."""
    if word.isascii() or not _UNSPACED.search(word):
        return None
    runs = [match.group() for match in _UNSPACED.finditer(word)]
    return [run[at : at + 2] for run in runs for at in range(len(run) - 1)]


class Tokenizer:
    """Makes tokens of letters and digits in lower case, and remembers those of each word for as long as it lives.

    `getUserName2` gives `get`, `user`, `nam`, `2` and, whole, `getusername2`; so does `get_user_name_2`.
    """

    def __init__(self) -> None:
        self._known = _TokensOfWords()

    def joined(self, text: str) -> str:
        """Every token in order, as often as it comes, with spaces in between."""
        if len(self._known) > _MOST_CACHED:
            self._known.clear()
        return " ".join(map(self._known.__getitem__, words(text)))

    def tokens(self, text: str) -> list[str]:
        """Every token in order, as often as it comes."""
        return self.joined(text).split()

    def of_word(self, word: str) -> list[str]:
        """The tokens of a single word."""
        return _tokens_of_word(word[:_LONGEST_WORD])

    def question(self, text: str) -> list[str]:
        """The distinct tokens of a question without its stop words, unless there are no others."""
        distinct = list(dict.fromkeys(self.tokens(text)))
        return [token for token in distinct if token not in _STOP_WORDS] or distinct


def defined_names(text: str) -> list[str]:
    """What a text defines, by the look of its lines: functions, classes and the like."""
    return [name or other for name, other in _DEFINITION.findall(text)]


class _TokensOfWords(dict[str, str]):
    def __missing__(self, word: str) -> str:
        self[word] = tokens = " ".join(_tokens_of_word(word[:_LONGEST_WORD]))
        return tokens


def _tokens_of_word(word: str) -> list[str]:
    if not word.isascii() and (unspaced := _UNSPACED.search(word)):
        start, end = unspaced.span()
        # Every pair of neighbours stands for a word.
        pairs = [word[at : at + 2] for at in range(start, max(end - 1, start + 1))]
        return [*_tokens_of_word(word[:start]), *pairs, *_tokens_of_word(word[end:])] if len(word) > 2 else pairs
    if not _HAS_PARTS.search(word):
        return [_stem(word.lower())]
    parts = [_stem(part.lower()) for part in _PART.findall(word)]
    whole = "".join(filter(str.isalnum, word.lower()))
    return [*parts, whole] if len(parts) > 1 else parts or [whole]
