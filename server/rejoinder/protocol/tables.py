"""The settings as a Markdown table, made from their declarations.

`python -m rejoinder.protocol.tables` prints it; README.md holds the same text between two markers.
"""

from typing import Any

import attrs

from rejoinder.protocol.converter import camel
from rejoinder.protocol.settings import Log, Settings

BEGIN = "<!-- settings: made by python -m rejoinder.protocol.tables -->"
END = "<!-- end of settings -->"


def settings_table() -> str:
    """A row for each setting: key, default, help. A lock stands behind those that only a trusted source may set."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for field in attrs.fields(Settings):
        if field.type is Log:
            rows += [_row(f"log.{camel(inner.name)}", inner) for inner in attrs.fields(Log)]
        else:
            rows.append(_row(camel(field.name), field))
    return "\n".join([BEGIN, *rows, END])


def _row(key: str, field: "attrs.Attribute[Any]") -> str:
    lock = " 🔒" if field.metadata["guarded"] else ""
    return f"| `{key}`{lock} | {_default(field.default)} | {field.metadata['help']} |"


def _default(default: Any) -> str:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return "none"
    if default is None:
        return "unset"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    print(settings_table())  # noqa: T201 - this is the program's output
