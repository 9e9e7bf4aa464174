"""What is generated from the protocol and committed is what the protocol says now."""

from pathlib import Path

from rejoinder.protocol import schema
from rejoinder.protocol.tables import BEGIN, END, settings_table

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_has_the_settings_as_they_are_declared() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert text[text.index(BEGIN) : text.index(END) + len(END)] == settings_table()


def test_the_json_schema_is_the_one_of_the_declared_types() -> None:
    assert Path(schema.__file__).with_name("schema.json").read_text("utf-8") == schema.text()
