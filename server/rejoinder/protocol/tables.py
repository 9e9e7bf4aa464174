"""The settings as a Markdown table, made from their declarations.

`python -m rejoinder.protocol.generate` keeps it in README.md, between two markers.
"""

from typing import Any

import attrs

from rejoinder.protocol.shapes import settings

BEGIN = "<!-- settings: made by python -m rejoinder.protocol.generate -->"
END = "<!-- end of settings -->"


def settings_table() -> str:
    """A row for each setting: key, default, help. A lock stands behind those that only a trusted source may set."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    rows += [_row(key, field) for key, field in settings()]
    return "\n".join([BEGIN, *rows, END])


def with_table(text: str) -> str:
    """The text of a Markdown file with its table as the settings are declared now. ValueError without the markers."""
    return text[: text.index("<!-- settings:")] + settings_table() + text[text.index(END) + len(END) :]


def _row(key: str, field: "attrs.Attribute[Any]") -> str:
    lock = " 🔒" if field.metadata["guarded"] else ""
    return f"| `{key}`{lock} | {_default(field.default)} | {field.metadata['help']} |"


def _default(default: Any) -> str:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return "none"
    if default is None:
        return "unset"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
