"""Neovim's screen, kept from its `redraw` events: what stands in each cell, and how it looks."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

BLACK = 0x000000
WHITE = 0xFFFFFF


@attrs.frozen
class Look:
    """Colours as 0xRRGGBB, and what else a cell's text is."""

    foreground: int
    background: int
    special: int
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strikethrough: bool = False


@attrs.define
class Screen:
    """One grid. Columns and rows count from 0; a wide character's second cell is empty."""

    columns: int
    rows: int
    cells: list[list[tuple[str, int]]] = attrs.field(factory=list)
    cursor: tuple[int, int] = (0, 0)
    mode: str = "normal"
    shown: list[list[tuple[str, int]]] = attrs.field(factory=list)
    """The cells as they were when the screen was complete last; what is drawn between that is not seen."""
    flushes: int = 0
    """How often the screen was complete."""
    on_flush: Callable[[], None] | None = None
    _defaults: tuple[int, int, int] = (WHITE, BLACK, WHITE)
    _looks: dict[int, dict[str, Any]] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._clear()
        self.shown = self.cells

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.columns, self.rows

    def text(self) -> str:
        """All rows."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self.shown)

    def look(self, number: int) -> Look:
        """How a cell with this highlight looks."""
        given = self._looks.get(number, {})
        foreground, background = given.get("foreground", self._defaults[0]), given.get("background", self._defaults[1])
        if given.get("reverse"):
            foreground, background = background, foreground
        return Look(
            foreground,
            background,
            given.get("special", foreground),
            bold=bool(given.get("bold")),
            italic=bool(given.get("italic")),
            underline=any(
                given.get(key) for key in ("underline", "undercurl", "underdouble", "underdotted", "underdashed")
            ),
            strikethrough=bool(given.get("strikethrough")),
        )

    def take(self, events: Sequence[Any]) -> None:
        """Apply a batch of `redraw` events; those about other things than the grid are passed over."""
        for name, *calls in events:
            act = getattr(self, f"_on_{name}", None)
            for call in calls if act else ():
                act(*call)

    def _clear(self) -> None:
        self.cells = [[(" ", 0)] * self.columns for _ in range(self.rows)]

    def _on_default_colors_set(self, foreground: int, background: int, special: int, *_: Any) -> None:
        self._defaults = (
            foreground if foreground >= 0 else BLACK,
            background if background >= 0 else WHITE,
            special if special >= 0 else BLACK,
        )

    def _on_hl_attr_define(self, number: int, look: dict[str, Any], *_: Any) -> None:
        self._looks[number] = look

    def _on_grid_resize(self, _: int, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._clear()

    def _on_grid_clear(self, _: int) -> None:
        self._clear()

    def _on_grid_cursor_goto(self, _: int, row: int, column: int) -> None:
        self.cursor = (row, column)

    def _on_grid_line(self, _: int, row: int, column: int, cells: Sequence[Any], *__: Any) -> None:
        look = 0
        for text, *more in cells:
            look = more[0] if more else look
            for _ in range(more[1] if len(more) > 1 else 1):
                self.cells[row][column] = (text, look)
                column += 1

    def _on_grid_scroll(self, _: int, top: int, bottom: int, left: int, right: int, rows: int, __: int) -> None:
        targets = range(top, bottom - rows) if rows > 0 else range(bottom - 1, top - rows - 1, -1)
        for row in targets:
            self.cells[row][left:right] = self.cells[row + rows][left:right]

    def _on_mode_change(self, mode: str, _: int) -> None:
        self.mode = mode

    def _on_flush(self) -> None:
        self.shown = [list(row) for row in self.cells]
        self.flushes += 1
        if self.on_flush:
            self.on_flush()
