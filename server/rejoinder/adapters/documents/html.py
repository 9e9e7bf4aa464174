"""A page as Markdown: headings, paragraphs, lists, tables and code, without what is there for looks.

A stream of tags is all that this needs: no tree is built, so no depth of a page can do harm.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from rejoinder.declared import frozen

_SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "svg", "math", "nav", "iframe", "canvas", "object", "button", "select")
)
_FURNITURE = frozenset(("nav", "button", "select"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    (
        *("p", "div", "section", "article", "main", "header", "footer", "aside", "ul", "ol", "dl", "dt", "dd", "table"),
        *(
            "tr",
            "blockquote",
            "figure",
            "figcaption",
            "address",
            "form",
            "fieldset",
            "details",
            "summary",
            "hr",
            "body",
        ),
    )
)
_CELLS = ("td", "th")
_SPACE = re.compile(r"\s+")


@frozen
class PageText:
    """A page as Markdown. `anchors` are the IDs of headings by their lines."""

    text: str
    title: str | None
    anchors: Mapping[int, str]


def page_text(source: str) -> PageText:
    """The text of a page."""
    page = _read(source, _SKIPPED)
    if not any(page.lines):
        # what is left out may never be closed, and then it holds all the rest
        page = _read(source, _SKIPPED - _FURNITURE)
    title = _SPACE.sub(" ", "".join(page.title)).strip()
    return PageText("\n".join(page.lines).strip("\n"), title or None, page.anchors)


def _read(source: str, skipped: frozenset[str]) -> "_Page":
    page = _Page(skipped)
    page.feed(source)
    page.close()
    page.end_block()
    while page.lines and not page.lines[-1]:
        page.lines.pop()
    return page


class _Page(HTMLParser):
    """Collects lines. One that is empty stands between blocks, never at the beginning."""

    def __init__(self, skipped: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.title: list[str] = []
        self.anchors: dict[int, str] = {}
        self._skipped = skipped
        self._block: list[str] = []
        self._has_text = False
        self._prefix = ""
        self._anchor: str | None = None
        self._skipping: list[str] = []
        self._pre = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As the base class says."""
        if tag in self._skipped:
            self._skipping.append(tag)
        if self._skipping:
            return
        self._in_title = tag == "title"
        if tag == "br":
            self._block.append("\n" if self._pre else " ")
        elif tag in _CELLS:
            self._block.append(" | " if self._has_text else "")
        elif tag in _HEADINGS:
            self._begin("#" * _HEADINGS[tag] + " ")
            self._anchor = dict(attrs).get("id")
        elif tag == "li":
            self._begin("- ")
        elif tag == "pre":
            self._begin("")
            self._pre += 1
        elif tag in _BLOCKS:
            self._begin(self._prefix if tag in ("p", "div") and not self._block else "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As the base class says; `<script/>` closes nothing in HTML, but in pages that are XML it does."""
        if tag not in self._skipped:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """As the base class says."""
        if tag in self._skipping:
            while self._skipping.pop() != tag:
                pass
            return
        if self._skipping:
            return
        if tag == "title":
            self._in_title = False
        elif tag == "pre" and self._pre:
            self.end_block()
            self._pre -= 1
        elif tag in _HEADINGS or tag == "li" or tag in _BLOCKS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        """As the base class says."""
        if self._in_title:
            self.title.append(data)
        elif not self._skipping:
            self._block.append(data)
            self._has_text = self._has_text or not data.isspace()

    def end_block(self) -> None:
        """Write down what was collected since the last block."""
        text = "".join(self._block)
        if self._pre and text.strip():
            self._write("```", *text.strip("\n").splitlines(), "```")
        elif plain := _SPACE.sub(" ", text).strip():
            if self._anchor and self._prefix.startswith("#"):
                self.anchors[len(self.lines) + (1 if self.lines else 0)] = self._anchor
            self._write(self._prefix + plain)
            self._prefix = ""
        self._block.clear()
        self._has_text = False

    def _begin(self, prefix: str) -> None:
        self.end_block()
        self._prefix, self._anchor = prefix, None

    def _write(self, *lines: str) -> None:
        is_list = lines[0].startswith("- ") and self.lines and self.lines[-1].startswith("- ")
        if self.lines and not is_list:
            self.lines.append("")
        self.lines.extend(lines)
