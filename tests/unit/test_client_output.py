from collections.abc import Iterator
from pathlib import Path

import pytest

from rejoinder.protocol.types import Citation, Position, Range, Usage
from rejoinder.protocol.updates import End, Text, Update
from rejoinder_client.cli.arguments import COMMANDS, parser
from rejoinder_client.cli.failures import exit_code_of
from rejoinder_client.cli.output import one_line, place_of, print_stream, shown_size
from rejoinder_client.cli.tables import Column, print_table
from rejoinder_client.errors import RejoinderError


@pytest.mark.parametrize(
    ("text", "path", "lines"),
    [
        ("a.py", "a.py", None),
        ("a.py:10-20", "a.py", (10, 20)),
        ("a.py:7", "a.py", (7, 7)),
        ("C:\\a.py", "C:\\a.py", None),
        ("odd:name.py", "odd:name.py", None),
    ],
)
def test_files_with_lines(text: str, path: str, lines: tuple[int, int] | None) -> None:
    given = ["ask", "why?", "--file", text]
    assert parser(given).parse_args(given).file == [(path, lines)]


@pytest.mark.parametrize("span", ["0", "5-3", "0-4"])
def test_a_span_that_is_none(span: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["ask", "why?", "--file", f"a.py:{span}"]
    with pytest.raises(SystemExit):
        parser(given).parse_args(given)
    assert "no span of lines" in capsys.readouterr().err


def citation(uri: str, line: int) -> Citation:
    return Citation(uri, Range(Position(line, 0), Position(line + 3, 0)), "a label")


def test_places_are_named_from_the_project_on() -> None:
    project = Path("/home/me/project")
    assert place_of(citation("file:///home/me/project/a%20b.py", 9), project) == "a b.py:10"
    assert place_of(citation("file:///elsewhere/c.py", 0), project) == "/elsewhere/c.py:1"
    assert place_of(citation("rejoinder:session/s1", 4), project) == "a label"


def test_a_stream_ends_with_a_line_and_each_place_once(capsys: pytest.CaptureFixture[str]) -> None:
    places = [citation("file:///p/a.py", 1), citation("file:///p/a.py", 1), citation("file:///p/b.py", 2)]
    updates: list[Update] = [Text("All "), Text("is well."), End("max_tokens", Usage(), places)]
    print_stream(updates, Path("/p"))
    captured = capsys.readouterr()
    assert captured.out == "All is well.\n\nSources:\n  a.py:2\n  b.py:3\n"
    assert captured.err == "The answer stopped early: max_tokens.\n"


def test_an_error_begins_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    def updates() -> Iterator[Text]:
        yield Text("half a sent")
        raise RejoinderError("It broke off.")

    with pytest.raises(RejoinderError) as failed:
        print_stream(updates(), None)
    assert exit_code_of(failed.value) == 1
    assert capsys.readouterr() == ("half a sent\n", "error: It broke off.\n")


def test_what_makes_one_sign_of_several_stays() -> None:
    assert one_line("می\u200cخواهم 👩\u200d👧\x1b\n", 40) == "می\u200cخواهم 👩\u200d👧  "


def test_columns_are_aligned_by_what_a_terminal_shows(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("Name"), Column("Empty"), Column("N", right=True))
    print_table(columns, [("広い", "", "5"), ("e\u0301", "", "12")])
    assert capsys.readouterr().out == "NAME   N\n広い   5\ne\u0301     12\n"


def test_sizes_are_shown_as_people_read_them() -> None:
    assert [shown_size(count) for count in (999, 1500, 2_500_000, 3_000_000_000)] == [
        "999 bytes",
        "1.5 kB",
        "2.5 MB",
        "3.0 GB",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser([name]).parse_args([name, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert shown.startswith(f"usage: rejoinder {name} ")
    assert f"\nexamples:\n  rejoinder {name}" in shown


def test_names_cannot_break_a_table() -> None:
    assert one_line("a\nb\x1b[2J", 40) == "a b [2J"
    assert one_line("abcdef", 4) == "abc…"
