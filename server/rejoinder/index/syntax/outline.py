"""What a text is made of, told in rows: its definitions, and the rows before which it may be cut.

A row is a line that ends with a line feed, as parsers count them.
"""

import attrs

WHOLE_ROWS = 60
"""What has so many rows at most is not cut, unless it holds definitions enough for parts of their own."""


@attrs.frozen(eq=False)
class Definition:
    """A definition with its leading comments and decorators: zero-based rows, the last one included."""

    label: str
    """The language's word for it, `class` or `fn`; empty where it has none."""
    name: str
    first: int
    last: int
    signature: tuple[int, int]
    """The rows of what stands before its body."""
    parent: "Definition | None" = None

    @property
    def title(self) -> str:
        """As scopes show it."""
        return f"{self.label} {self.name}" if self.label else self.name

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


@attrs.define
class Outline:
    """The definitions, those around before those within, and each row where a cut does no harm with its depth."""

    definitions: list[Definition] = attrs.field(factory=list)
    breaks: dict[int, int] = attrs.field(factory=dict)

    def may_break(self, row: int, depth: int) -> None:
        """A cut before this row separates no more than what stands at this depth."""
        if depth < self.breaks.get(row, depth + 1):
            self.breaks[row] = depth
