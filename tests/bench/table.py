"""The rows as a table, for a terminal or for the README."""

from collections.abc import Sequence

from bench.figures import Row

_HEADS = ("", "measured", "at most", "kept", "")


def as_text(rows: Sequence[Row]) -> str:
    """Columns of equal width."""
    cells = [_HEADS, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = []
    for what, measured, at_most, kept, note in cells:
        line = f"{what:<{widths[0]}}  {measured:>{widths[1]}}  {at_most:>{widths[2]}}  {kept:<{widths[3]}}  {note}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def as_markdown(rows: Sequence[Row]) -> str:
    """The same without the last column, for a page."""
    lines = ["| | measured | at most | kept |", "|---|---:|---:|---|"]
    lines += [f"| {' | '.join(_cells(row)[:4])} |" for row in rows]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    measured = "–" if row.value is None else _shown(row.value, row)
    at_most = "" if row.at_most is None else _shown(row.at_most, row)
    return row.what, measured, at_most, row.verdict, row.note


def _shown(value: float, row: Row) -> str:
    if row.unit == "files":
        return f"{value:.0f}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    text = f"{value:.{digits}f}"
    return f"{text}×" if row.unit == "×" else f"{text} {row.unit}"
