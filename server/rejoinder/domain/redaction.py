"""Secrets of known shapes become numbered placeholders before text leaves for a model, a log or an export.

The shapes are those that their issuers document: AWS, GitHub, GitLab, Slack, Stripe, OpenAI, Anthropic, Google,
npm, PyPI, Hugging Face, JSON web tokens, private keys in PEM, passwords in addresses, and values that are assigned
to names such as `password` or `api_key`.
"""

import re
from collections.abc import Callable, Sequence
from itertools import count

# Kind, marks, pattern. Most texts hold no secret: a pattern is tried where one of its marks occurs in the text in small
# letters, which is looked up some hundred times faster. Only the group `secret` is replaced where there is one.
_SHAPES: tuple[tuple[str, str, str], ...] = (
    (
        "private-key",
        "-----begin",
        # whole, or cut off in the middle; a mere mention of the first line is no key
        r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[^-]|-(?!----))*+-----END [A-Z0-9 ]{1,60}-----"
        r"|(?:\s|\\[rn])*+[A-Za-z0-9+/=]{32,}(?:(?:\s|\\[rn])++[A-Za-z0-9+/=]{16,})*)",
    ),
    ("aws-key", "akia asia abia acca", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b"),
    ("github-token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b"),
    ("gitlab-token", "glpat- glptt- gldt- glrt- glcbt- glsoat-", r"\bgl(?:pat|ptt|dt|rt|cbt|soat)-[A-Za-z0-9_-]{20,}"),
    ("slack-token", "xox xapp-", r"\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}"),
    ("slack-webhook", "slack.com", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9_/+-]{20,}"),
    ("stripe-key", "_live_ _test_", r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("anthropic-key", "sk-ant-", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    # with a digit: names such as `sk-fading-circle-container` are no keys
    ("openai-key", "sk-", r"\bsk-(?=[A-Za-z_-]{0,100}\d)[A-Za-z0-9_-]{20,}"),
    ("google-key", "aiza", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("google-oauth", "ya29. gocspx-", r"\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{20,}"),
    ("npm-token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("pypi-token", "pypi-", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    ("huggingface-token", "hf_", r"\bhf_[A-Za-z0-9]{30,}\b"),
    ("sendgrid-key", "sg.", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("jwt", ".eyj", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    ("password", "://", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"]{0,100}:(?P<secret>(?![${<%])[^\s/@'\"]{3,200})@"),
    (
        "authorization",
        "bearer basic",
        r"(?i)\b(?:bearer|basic)[ \t]+(?P<secret>(?=[A-Z_.~+/-]{0,100}[\d=])[A-Z0-9_.~+/=-]{20,})",
    ),
    (
        "aws-secret",
        "accesskey access_key",
        r"(?i)secret_?access_?key[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?P<secret>[A-Z0-9/+]{40})(?![A-Z0-9/+=])",
    ),
    (
        "secret",
        "apikey api_key api-key secret token passw passphrase",
        r"(?i)(?:api[_-]?key|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|(?:access|auth)[_-]?token"
        r"|password|passwd|passphrase)[\"']?[ \t]{0,4}(?::|=>|:=|=)[ \t]{0,4}"
        r"[\"'](?P<secret>[^\s\"'${}<>]{8,200})[\"']",
    ),
    (
        "secret",
        "_key= _token= _secret= password= passwd=",
        r"(?m)^[ \t]{0,8}(?:export[ \t]+)?[A-Z][A-Z0-9_]{0,60}(?:_KEY|_TOKEN|_SECRET|PASSWORD|PASSWD)"
        r"=(?P<quote>[\"']?)(?P<secret>[A-Za-z0-9_.~+/=!@#%^&*-]{8,200})(?P=quote)[ \t\r]*$",
    ),
    (
        "secret",
        "apikey api_key api-key secret token passw passphrase",
        # YAML without quotes. A type or a name stands in the same place in code: a secret has a digit, and begins with
        # it, or has a sign that no name has, or digits in two places.
        r"(?im)^[ \t]*(?:-[ \t]+)?[\"']?[a-z0-9_.-]{0,60}"
        r"(?:api[_-]?key|secret[_-]?(?:access[_-]?)?key|client[_-]?secret"
        r"|(?:access|auth)[_-]?token|password|passwd|passphrase)[\"']?[ \t]{0,4}:[ \t]+"
        r"(?=\d|[^\s\d]{0,200}\d)(?=\d|[a-z]{0,200}\d+[a-z]+\d|[a-z0-9_.]{0,200}[^\sa-z0-9_.])"
        r"(?![!|>&*%@])(?P<secret>[^\s\"'`,;(){}\[\]<>$]{8,200})[ \t\r]*(?:[ \t]#.*)?$",
    ),
)
_PATTERNS = tuple((kind, tuple(marks.split()), re.compile(pattern)) for kind, marks, pattern in _SHAPES)
_LONGER_THAN_A_LINE = "private-key"
_CLEAN_KEPT = 4096
PLACEHOLDER = re.compile(r"\[masked:([a-z-]{1,40}):(\d{1,9})\]")


class Redactor:
    """Masks secrets in the texts of one conversation: the same secret gets the same number everywhere.

    The secrets stay in this object's memory, so that an edit can put them back.
    """

    def __init__(self, *, first: int = 1) -> None:
        """`first` is the number of the first placeholder: above all that the conversation holds already."""
        self._numbers = count(first)
        self._placeholders: dict[str, str] = {}
        self._clean: set[str] = set()
        """Texts in which nothing was found."""

    @property
    def masked(self) -> int:
        """How many different secrets were found."""
        return len(self._placeholders)

    def mask(self, text: str) -> str:
        """The text with every known shape replaced by its placeholder."""
        if text in self._clean:
            return text
        given, small = text, _lowered(text)
        for kind, marks, pattern in _PATTERNS:
            if not (places := _places(kind, small, marks)):
                continue
            before, text = text, _replaced(text, places, pattern, self._replacing(kind))
            if text != before:
                small = _lowered(text)
        if text == given:
            self._remember(text)
        return text

    def unmask(self, text: str) -> str:
        """The text with every placeholder replaced by its secret; KeyError with one that is not known here."""
        secrets = {placeholder: secret for secret, placeholder in self._placeholders.items()}
        return PLACEHOLDER.sub(lambda match: secrets[match[0]], text)

    def _remember(self, text: str) -> None:
        """A conversation's history goes through here with every turn."""
        if len(self._clean) >= _CLEAN_KEPT:
            self._clean.clear()
        self._clean.add(text)

    def _replacing(self, kind: str) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            group = "secret" if "secret" in match.re.groupindex else 0
            if PLACEHOLDER.search(match[group]):
                return match[0]
            start, end = (at - match.start() for at in match.span(group))
            return match[0][:start] + self._placeholder(kind, match[group]) + match[0][end:]

        return replace

    def _placeholder(self, kind: str, secret: str) -> str:
        known = self._placeholders.get(secret)
        # two threads may come here at once: next() and setdefault() each are one step
        return known or self._placeholders.setdefault(secret, f"[masked:{kind}:{next(self._numbers)}]")


def _places(kind: str, small: str, marks: Sequence[str]) -> list[tuple[int, int]]:
    """Where a pattern may match: the beginnings and ends of the lines with a mark, in their order.

    Looking for marks is so much faster than matching that a long text costs little more than its few marked lines.
    """
    found: set[tuple[int, int]] = set()
    for mark in marks:
        at = small.find(mark)
        while at >= 0:
            if kind == _LONGER_THAN_A_LINE:
                return [(0, len(small))]
            end = small.find("\n", at)
            end = len(small) if end < 0 else end
            found.add((small.rfind("\n", 0, at) + 1, end))
            at = small.find(mark, end)
    return sorted(found)


def _replaced(
    text: str, places: Sequence[tuple[int, int]], pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]
) -> str:
    """The text with what the pattern finds in these places replaced."""
    pieces, after = [], 0
    for start, end in places:
        pieces += [text[after:start], pattern.sub(replace, text[start:end])]
        after = end
    return "".join([*pieces, text[after:]])


def _lowered(text: str) -> str:
    """In small letters, of the same length: a few letters become two when they are small."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(each.lower()[0] for each in text)


def may_hold_secret(text: str) -> bool:
    """Whether any mark of a known shape occurs in the text."""
    small = text.lower()
    return any(mark in small for _, marks, _ in _PATTERNS for mark in marks)


def highest_number(text: str) -> int:
    """The highest number of a placeholder in the text, 0 when there is none."""
    if "[masked:" not in text:  # looked up far faster than matched
        return 0
    return max((int(match[2]) for match in PLACEHOLDER.finditer(text)), default=0)
