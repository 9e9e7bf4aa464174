"""Which files are worth an index, judged by their names and by their first bytes."""

import re
from enum import IntEnum
from fnmatch import translate
from pathlib import PurePosixPath

from rejoinder.domain.binary import encoding_of, looks_binary

LARGEST_FILE = 1 << 20
"""Bytes; a larger file is data rather than something that people read."""

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "__pycache__", ".venv", "venv", ".tox", ".nox"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".gradle", ".terraform", ".next", ".nuxt"}
    | {".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".idea", ".eggs", ".DS_Store"}
)

_SECRET_NAMES = (
    *(".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd"),
    *(".git-credentials", ".dockercfg", ".vault-token", ".boto", ".s3cfg", "kubeconfig", "*.kubeconfig"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.keytab", "*.kdb", "*.kdbx", "*.ppk", "*.p8"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*.gpg", "*.pgp", "*.asc", "*.age", "*.ovpn"),
    *("*.tfstate", "*.tfstate.*", "*.tfvars", "service-account*.json", "service_account*.json"),
)
# A module called credentials.py is code; the same name with a suffix of data is what it handles.
_SECRET_DATA = re.compile(
    r"(.*[._-])?(credentials?|secrets?|passwords?|tokens?)([._-].*)?"
    r"(\.(json|ya?ml|toml|ini|xml|csv|txt|conf|cfg|properties|plist|bak|old|enc|db))|\.?(credentials|secrets?|passwords?)",
    re.IGNORECASE,
)
_NOISE_NAMES = (
    *("*.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "bun.lockb", "go.sum", "*.lock.json"),
    *("*.min.js", "*.min.css", "*.min.mjs", "*.map", "*.svg", "*.pyc", "*.class", "*.o", "*.snap"),
)
_SECRET = re.compile("|".join(map(translate, _SECRET_NAMES)), re.IGNORECASE)
_NOISE = re.compile("|".join(map(translate, _NOISE_NAMES)), re.IGNORECASE)

_TEST_FOLDER = re.compile(r"(^|/)(tests?|specs?|__tests__|__mocks__|testing|testdata|fixtures)/", re.IGNORECASE)
_TEST_NAME = re.compile(r"(^tests?[._-])|([._-](tests?|spec)\.[^/]*$)|(^conftest\.py$)|([a-z]Tests?\.\w+$)")
_GENERATED = re.compile(
    r"@generated|do not edit|auto-?generated|generated (by|from|automatically)"
    r"|<meta\s+name=[\"']?generator\b",  # pages that are built from other documents say by what
    re.IGNORECASE,
)

BINARY, NOT_UTF8, MINIFIED = "binary", "not UTF-8", "minified: its lines are too long to be written by hand"

_MINIFIED_BYTES = 8 << 10
_MINIFIED_LINE = 400


class FileKind(IntEnum):
    """What a file is to a reader; what is higher comes later in the index and lower in the ranking."""

    SOURCE = 0
    TEST = 1
    GENERATED = 2


def refused_name(path: str) -> str | None:
    """Why a file of this path, relative and with slashes, stays out of the index; None if it may come in."""
    *folders, name = PurePosixPath(path).parts
    if not SKIPPED_FOLDERS.isdisjoint((*folders, name)):
        return "in a folder that is never indexed"
    if _SECRET.fullmatch(name) or _SECRET_DATA.fullmatch(name):
        return "may hold secrets"
    if _NOISE.fullmatch(name):
        return "made by a program"
    return None


def read_text(data: bytes) -> tuple[str, str | None]:
    """A file's text without its byte order mark, or nothing and why its content stays out of the index."""
    if looks_binary(data):
        return "", BINARY
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return "", NOT_UTF8
    size = len(data) // 2 if encoding == "utf-16" else len(data)
    if size > _MINIFIED_BYTES and size / (data.count(b"\n") + data.count(b"\r") + 1) > _MINIFIED_LINE:
        return "", MINIFIED
    return text, None


def readable_text(data: bytes) -> str | None:
    """A file's text without its byte order mark; None when it is binary, in an unknown encoding, or minified."""
    text, reason = read_text(data)
    return text if reason is None else None


def kind_of_path(path: str) -> FileKind:
    """What a path alone tells of a file."""
    name = path.rpartition("/")[2]
    is_test = _TEST_FOLDER.search(path) or _TEST_NAME.search(name)
    return FileKind.TEST if is_test else FileKind.SOURCE


def kind_of(path: str, text: str) -> FileKind:
    """What a path and the head of the text tell of a file."""
    return FileKind.GENERATED if _GENERATED.search(text, 0, 1000) else kind_of_path(path)
