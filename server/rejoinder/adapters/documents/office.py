"""Office documents as Markdown, by the libraries of the extra `office`, imported when one is read."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from rejoinder.adapters.documents.limits import MOST_ENTRIES, MOST_UNPACKED, Unreadable, damaged, encrypted, too_much

_ENCRYPTED = 0x1


def check(data: bytes) -> None:
    """Raises Unreadable for an archive that is damaged, encrypted, or would unpack to too much."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise damaged("document") from None
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise encrypted("document")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise too_much("data")


def docx_text(data: bytes) -> tuple[str, str | None]:
    """A text document as Markdown, and its title."""
    docx = _library("docx")
    document = docx.Document(io.BytesIO(data))
    lines: list[str] = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            lines += [" | ".join(_cells(row)) for row in block.rows]
        elif block.text.strip():
            lines += ["", _heading(block) + " ".join(block.text.split())]
    return "\n".join(lines).strip("\n"), document.core_properties.title or None


def slides(data: bytes) -> Iterator[tuple[str, str]]:
    """What to call each slide of a presentation, and its text."""
    pptx = _library("pptx")
    for number, slide in enumerate(pptx.Presentation(io.BytesIO(data)).slides, 1):
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            texts.append(slide.notes_slide.notes_text_frame.text)
        yield f"slide {number}", "\n\n".join(text for text in texts if text.strip())


def sheets(data: bytes) -> Iterator[tuple[str, str]]:
    """What to call each sheet of a workbook, and its rows."""
    openpyxl = _library("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book.worksheets:
        rows = [[str(value) for value in row if value is not None] for row in sheet.iter_rows(values_only=True)]
        yield f"sheet {sheet.title}", "\n".join(" | ".join(row) for row in rows if row)


def _cells(row: Any) -> list[str]:
    # a cell that spans columns is listed once for each of them
    cells = dict.fromkeys(cell._tc for cell in row.cells)
    texts = {cell._tc: " ".join(cell.text.split()) for cell in row.cells}
    return [texts[cell] for cell in cells]


def _heading(paragraph: Any) -> str:
    name = (paragraph.style.name or "") if paragraph.style is not None else ""
    if name == "Title":
        return "# "
    if name.startswith("Heading ") and name[8:].isdigit():
        return "#" * min(6, int(name[8:])) + " "
    return "- " if name.startswith("List") else ""


def _library(name: str) -> Any:
    try:
        if name == "docx":
            import docx

            return docx
        if name == "pptx":
            import pptx

            return pptx
        import openpyxl

        return openpyxl
    except ImportError:
        raise Unreadable(
            "unsupported",
            "What reads Office documents is not installed.",
            "Install `rejoinder[office]`, or add the document as PDF.",
        ) from None
