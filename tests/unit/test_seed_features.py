"""The table of features is current, and nothing is missing in it."""

import re
from pathlib import Path

import pytest

import seed_features
from seed_features import ROWS, SURFACES


def test_every_row_is_shown_on_each_of_its_surfaces() -> None:
    assert seed_features.missing(seed_features.shown()) == []


def test_every_test_of_a_row_names_one_that_there_is() -> None:
    assert seed_features.unknown(seed_features.shown()) == []


def test_the_table_is_current() -> None:
    assert seed_features.TABLE.read_text("utf-8") == seed_features.table(seed_features.shown())


def test_what_is_missing_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_rows.py").write_text(
        "def test_s1_01_lsp_it_works() -> None: ...\nasync def test_s9_01_lsp_x() -> None: ...\n"
        "def test_s1_01_web_x() -> None: ...\ndef test_s1_no_row() -> None: ...\n"
    )
    found = seed_features.shown(tmp_path)
    assert set(seed_features.unknown(found)) == {"test_s9_01_lsp_x", "test_s1_01_web_x"}
    lacking = seed_features.missing(found)
    assert "S1.01 LSP" not in lacking and {"S1.01 Python", "S1.01 terminal", "S5.08 LSP"} <= set(lacking)
    assert "**missing**" in seed_features.table(found)


def test_a_table_that_is_not_current_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(seed_features, "TABLE", tmp_path / "seed_features.md")
    assert seed_features.main(["--check"]) == 1
    assert "not current" in capsys.readouterr().err


def test_the_rows_are_those_that_were_agreed_on() -> None:
    """Where the list lies beside the checkout; elsewhere there is nothing to compare with."""
    for text in [path.read_text("utf-8") for path in [seed_features.SHARED] if path.is_file()]:
        listed = {
            number: {letter for letter in SURFACES if re.search(rf"\b{letter}\b", on)}
            for number, on in re.findall(r"^\| (S\d\.\d\d) \| .*? \| ([^|]*) \|[^|]*\|$", text, re.MULTILINE)
        }
        assert {row.id: set(row.on) for row in ROWS} == listed
