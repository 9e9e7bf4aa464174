"""Help of every command, and what a mistake in its arguments is answered with."""

import argparse
import shlex
from collections.abc import Iterator

import pytest

from rejoinder.cli import serve_parser
from rejoinder_client.cli.arguments import COMMANDS, parser
from rejoinder_client.cli.examples import EXAMPLES, FIRST, GROUPS


def actions_of(made: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, and those of its actions."""
    yield made
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from actions_of(each)


def declared(name: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = parser([name])._subparsers._group_actions[0].choices[name]  # type: ignore
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_every_action_has_examples_that_can_be_given(name: str) -> None:
    for each in actions_of(declared(name)):
        shown = each.format_help()
        examples = EXAMPLES[each.prog.removeprefix("rejoinder ")]
        assert shown.startswith(f"usage: {each.prog}")
        assert shown.endswith("".join(["\nexamples:\n", *(f"  rejoinder {line}\n" for line in examples)]))


def test_serve_shows_its_help_as_the_others_do() -> None:
    shown = serve_parser(["--http", "--help"]).format_help()
    assert shown.startswith("usage: rejoinder serve [OPTIONS]\n") and "--new-key NAME" in shown
    assert shown.endswith("".join(["\nexamples:\n", *(f"  rejoinder {line}\n" for line in EXAMPLES["serve"])]))


@pytest.mark.parametrize("line", sorted({each for lines in EXAMPLES.values() for each in lines} | set(FIRST)))
def test_an_example_can_be_given(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "serve":
        assert not serve_parser(words[1:]).parse_args(words[1:]).set
    else:
        assert parser(words).parse_args(words).command


def test_every_command_is_listed_under_what_it_is_for() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted([*COMMANDS, "serve"])


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        ("aks hello", "There is no command 'aks'.", "Did you mean ask?"),
        ("'How is a turn stored?'", "There is no command 'How is a turn stored?'.", 'say: rejoinder ask "…"'),
        ("ask --fiel pool.py hello", "There is no option '--fiel'.", "Did you mean --file?"),
        ("ask --wholly-unknown", "There is no option '--wholly-unknown'.", "`rejoinder ask --help` lists them."),
        ("session", "What is `rejoinder session` to do?", "`rejoinder session --help` lists what it can."),
        ("session lsit", "There is no action 'lsit'.", "Did you mean list?"),
        ("session rename plans", "NAME is missing.", "rejoinder session rename [OPTIONS] REF NAME"),
        ("session show plans too", "'too' is one argument too many.", "rejoinder session show [OPTIONS] REF"),
        ("ask --file", "--file takes a value.", "`rejoinder ask --help`"),
        ("ask -c -q hello", "--quick does not go with --continue.", "Leave one of them out."),
        ("ask --temperature hot hello", "--temperature: 'hot' is no number.", "`rejoinder ask --help`"),
        ("search --role me hello", "--role: 'me' is none of user, assistant.", "`rejoinder search --help`"),
        ("search --limit 0 hello", "--limit: '0' is no number from 1 on.", "`rejoinder search --help`"),
    ],
)
def test_a_mistake_is_named_with_one_thing_to_do(
    line: str, error: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(line)
    with pytest.raises(SystemExit) as ended:
        parser(words).parse_args(words)
    told = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert told[0] == f"error: {error}"
    assert told[1].startswith("hint: ") and hint in told[1]
    assert len(told) == 2


def test_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for name in COMMANDS:
        for each in actions_of(declared(name)):
            whole = each.format_help().partition("\nexamples:")[0]
            assert max(map(len, whole.splitlines())) <= 60, each.prog
