"""Draws a terminal's screen as a picture, with the brush that draws Neovim's."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from editors.nvim.picture import draw as draw_screen
from editors.nvim.screen import Screen
from terminal import Cell, Terminal

_NAMED = {
    "black": 0x1C1C1C,
    "red": 0xB02A30,
    "green": 0x2E7D32,
    "brown": 0x8A6100,
    "blue": 0x2A52BE,
    "magenta": 0x8E3B8E,
    "cyan": 0x00707A,
    "white": 0xD0D0D0,
    "brightblack": 0x707070,
    "brightred": 0xD04048,
    "brightgreen": 0x3F9142,
    "brightbrown": 0xA87A00,
    "brightyellow": 0xA87A00,
    "brightblue": 0x4A6FD8,
    "brightmagenta": 0xA858A8,
    "brightcyan": 0x0A8A96,
    "brightwhite": 0xFFFFFF,
}
"""A terminal's own sixteen colours, as pyte calls them."""


def draw(terminal: Terminal, path: Path) -> None:
    """Write a PNG of what the terminal shows. Its ground is that of most cells, white unless a program chose one."""
    columns, rows = terminal.size
    screen = Screen(columns, rows)
    most = Counter(cell.bg for row in terminal.cells for cell in row).most_common(1)[0][0]
    ground = 0xFFFFFF if most == "default" else _colour(most)
    screen.take([["default_colors_set", [0x1C1C1C, ground, 0x1C1C1C]]])
    looks: dict[tuple[Any, ...], int] = {}
    at, cells_shown = terminal.cursor, terminal.cells
    # a program that draws its cursor itself does it where the terminal's is, which is drawn below
    cells_shown[at[0]][at[1]] = cells_shown[at[0]][at[1]]._replace(reverse=False)
    for row, cells in enumerate(cells_shown):
        line = [[cell.data, _number(cell, looks, screen)] for cell in cells]
        screen.take([["grid_line", [0, row, 0, line, False]]])
    screen.take([["grid_cursor_goto", [0, *at]], ["flush", []]])
    draw_screen(screen, path)


def _number(cell: Cell, looks: dict[tuple[Any, ...], int], screen: Screen) -> int:
    """The number of a cell's look, which the screen is told of when it is new."""
    look = dict(_look(cell))
    key = tuple(look.items())
    if key and key not in looks:
        looks[key] = len(looks) + 1
        screen.take([["hl_attr_define", [looks[key], look]]])
    return looks.get(key, 0)


def _look(cell: Cell) -> Iterator[tuple[str, int | bool]]:
    for name, colour in (("foreground", cell.fg), ("background", cell.bg)):
        if colour != "default":
            yield name, _colour(colour)
    given = {"bold": cell.bold, "italic": cell.italics, "underline": cell.underscore}
    given |= {"strikethrough": cell.strikethrough, "reverse": cell.reverse}
    yield from ((name, True) for name, is_so in given.items() if is_so)


def _colour(name: str) -> int:
    return _NAMED[name] if name in _NAMED else int(name, 16)
