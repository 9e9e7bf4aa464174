"""What a document is, by its first bytes, its type and its name, and how its bytes become text."""

import re
from typing import Literal

from rejoinder.adapters.documents.limits import Unreadable
from rejoinder.domain.binary import HEAD_BYTES, MARKS, encoding_of, looks_binary

DocumentKind = Literal["pdf", "html", "docx", "pptx", "xlsx", "text"]

_HTML_SUFFIXES = ("html", "htm", "xhtml")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_OFFICE: dict[bytes, DocumentKind] = {
    b"word/document.xml": "docx",
    b"ppt/presentation.xml": "pptx",
    b"xl/workbook.xml": "xlsx",
}
_LOCKED_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_MOST_CONTROLS = 0.02
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1b")


def kind_of(data: bytes, name: str, mime_type: str | None) -> DocumentKind:
    """The kind of a document. Raises Unreadable for what is none that can be read."""
    head = data[:HEAD_BYTES]
    suffix = name.rpartition(".")[2].lower()
    plain_type = (mime_type or "").partition(";")[0].strip().lower()
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _packed(data)
    if head.startswith(_LOCKED_OFFICE):
        raise Unreadable(
            "encrypted",
            "This is an Office document with a password, or one of the old kind.",
            "Save it as docx, pptx or xlsx without a password, and add it again.",
        )
    if suffix == "pdf" or plain_type == "application/pdf":
        raise Unreadable("damaged", "This is no PDF, whatever its name says.", "Look at what it really is.")
    if plain_type in _HTML_TYPES or (suffix in _HTML_SUFFIXES and not plain_type):
        return "html"
    if _is_binary(data):
        raise Unreadable("binary", "This is neither text nor a document of a known kind.", "Add what it says as text.")
    return "text"


def decoded(data: bytes, mime_type: str | None = None) -> str:
    """The text of a document that is one: as it declares itself, else UTF-8, else Windows' Western letters."""
    if data.startswith(MARKS):
        return data.decode(encoding_of(data), "replace")
    declared = _CHARSET.search(mime_type or "")
    if declared is not None:
        try:
            return data.decode(declared[1])
        except (LookupError, UnicodeDecodeError):
            pass  # servers say what they like
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def decoded_page(data: bytes, mime_type: str | None) -> str:
    """The text of a page, which may say within itself how it is encoded."""
    inner = _META_CHARSET.search(data[:HEAD_BYTES])
    if inner is not None and not _CHARSET.search(mime_type or ""):
        return decoded(data, f"text/html; charset={inner[1].decode('ascii')}")
    return decoded(data, mime_type)


def _packed(data: bytes) -> DocumentKind:
    # the names of a ZIP archive's files stand once before each of them, and once at its end
    for entry, kind in _OFFICE.items():
        if entry in data[-(256 << 10) :] or entry in data[: 256 << 10]:
            return kind
    raise Unreadable("binary", "This is an archive, not a document.", "Unpack it, and add what is in it.")


def _is_binary(data: bytes) -> bool:
    if encoding_of(data) == "utf-16":
        return looks_binary(data)
    head = data[:HEAD_BYTES]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return looks_binary(data) or controls > _MOST_CONTROLS * len(head)
