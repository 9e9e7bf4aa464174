"""Lines as the Language Server Protocol counts them."""

import re

_END = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends; a text that ends with a line end has an empty last one.

    `str.splitlines` takes form feeds and other characters for line ends too, which would shift every line below.
    """
    return _END.split(text)
