"""Draws Neovim's screen as a picture, as a terminal with true colours would."""

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from editors.nvim.process import program
from editors.nvim.screen import Look, Screen

_SIZE = 17
_LEADING = 4
_MARGIN = 12
_IN_THE_FONT = {"✅": "✔", "❌": "✘", "⚠️": "⚠"}
"""A terminal takes emoji from another font; here is only one."""


def draw(screen: Screen, path: Path) -> None:
    """Write a PNG of the screen."""
    width, height = cell()
    ground = screen.look(0).background
    size = (screen.columns * width + 2 * _MARGIN, screen.rows * height + 2 * _MARGIN)
    image = Image.new("RGB", size, _rgb(ground))
    canvas = ImageDraw.Draw(image)
    for row, cells in enumerate(screen.shown):
        for column, (_, number) in enumerate(cells):
            background = screen.look(number).background
            if background != ground:
                left, top = _MARGIN + column * width, _MARGIN + row * height
                canvas.rectangle((left, top, left + width - 1, top + height - 1), fill=_rgb(background))
    for row, cells in enumerate(screen.shown):
        for column, (text, number) in enumerate(cells):
            _glyph(canvas, (_MARGIN + column * width, _MARGIN + row * height), text, screen.look(number))
    _cursor(canvas, screen)
    path.parent.mkdir(parents=True, exist_ok=True)
    # a palette keeps the file small and loses nothing that is seen here
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def cell() -> tuple[int, int]:
    """Width and height of a cell, in pixels."""
    return round(_font(False, False).getlength("M")), _SIZE + _LEADING + 1


@cache
def _font(bold: bool, italic: bool) -> ImageFont.FreeTypeFont:
    style = {(False, False): "", (True, False): "-Bold", (False, True): "-Oblique", (True, True): "-BoldOblique"}
    folder = program().parent / "root" / "usr" / "share" / "fonts" / "truetype" / "dejavu"
    return ImageFont.truetype(folder / f"DejaVuSansMono{style[bold, italic]}.ttf", _SIZE)


def _glyph(canvas: ImageDraw.ImageDraw, at: tuple[int, int], text: str, look: Look) -> None:
    width, height = cell()
    left, top = at
    text = _IN_THE_FONT.get(text, text)
    if text.strip():
        canvas.text((left, top + 1), text, font=_font(look.bold, look.italic), fill=_rgb(look.foreground))
    if look.underline:
        canvas.line((left, top + height - 2, left + width - 1, top + height - 2), fill=_rgb(look.special))
    if look.strikethrough:
        canvas.line((left, top + height // 2, left + width - 1, top + height // 2), fill=_rgb(look.foreground))


def _cursor(canvas: ImageDraw.ImageDraw, screen: Screen) -> None:
    width, height = cell()
    row, column = screen.cursor
    left, top = _MARGIN + column * width, _MARGIN + row * height
    text, number = screen.shown[row][column]
    look = screen.look(number)
    if screen.mode.startswith(("insert", "cmdline")):
        canvas.rectangle((left, top, left + 1, top + height - 1), fill=_rgb(look.foreground))
        return
    canvas.rectangle((left, top, left + width - 1, top + height - 1), fill=_rgb(look.foreground))
    turned = Look(look.background, look.foreground, look.background, bold=look.bold, italic=look.italic)
    _glyph(canvas, (left, top), text, turned)


def _rgb(colour: int) -> tuple[int, int, int]:
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255
