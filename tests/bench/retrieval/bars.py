"""What search must reach, and whether it does, as a table for a page."""

from collections.abc import Sequence

import attrs


@attrs.frozen(kw_only=True)
class Bar:
    """A figure with what it must be at most or at least, if anything."""

    what: str
    value: float
    unit: str = ""
    digits: int = 3
    at_most: float | None = None
    at_least: float | None = None

    @property
    def kept(self) -> str:
        """Whether it is so."""
        if self.at_most is None and self.at_least is None:
            return ""
        fits = (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )
        return "yes" if fits else "NO"

    @property
    def bound(self) -> str:
        """What it must be, in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}{self.unit}"
        return "" if self.at_least is None else f"at least {self.at_least:g}{self.unit}"


def as_markdown(bars: Sequence[Bar]) -> str:
    """A table in Markdown."""
    lines = ["| | measured | bar | kept |", "|---|---:|---:|---|"]
    lines += [f"| {bar.what} | {bar.value:.{bar.digits}f}{bar.unit} | {bar.bound} | {bar.kept} |" for bar in bars]
    return "\n".join(lines)
