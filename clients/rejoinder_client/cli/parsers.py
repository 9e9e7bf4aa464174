"""How a command's arguments are read: help with examples, and mistakes that say what to do about them."""

import argparse
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from rejoinder_client.cli.failures import USAGE, say_error

_WIDEST = 100
_CHOICE = re.compile(
    r"(?:argument (?P<name>\S+): )?invalid choice: '(?P<given>.*)' \(choose from (?P<known>.*)\)", re.DOTALL
)
_REQUIRED = re.compile(r"the following arguments are required: (?P<names>.*)")
_VALUE = re.compile(r"argument (?P<name>\S+): expected (?:one|at least one) argument")
_BOTH = re.compile(r"argument (?P<name>\S+): not allowed with argument (?P<other>\S+)")
_WRONG = re.compile(r"argument (?P<name>\S+): (?P<what>.*)", re.DOTALL)


class CommandParser(argparse.ArgumentParser):
    """Reads the arguments of the program, of a command or of an action."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options = {"formatter_class": _Layout, "allow_abbrev": False, "add_help": False, **options}
        super().__init__(*arguments, **options)
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="print this text")

    def format_usage(self) -> str:
        return f"usage: {self._usage_line()}\n"

    def format_help(self) -> str:
        """Usage, what it is for, arguments, options, examples."""
        from rejoinder_client.cli.examples import EXAMPLES

        self.usage = self._usage_line().replace("%", "%%")
        for group in self._action_groups:
            # what every command takes comes last
            group._group_actions.sort(key=lambda action: action.dest in ("json", "help"))
        examples = EXAMPLES.get(self.prog.removeprefix("rejoinder "), ())
        return super().format_help() + "".join(f"\n{title}" for title in _listed("examples:", examples))

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The options. What nothing is made of ends the process with a word on it."""
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            getattr(options, "parser", self).refuse(rest)
        return options

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse itself hides that nobody could be told
        (file or sys.stderr).write(message)

    def refuse(self, rest: Sequence[str]) -> NoReturn:
        """End with what could not be made anything of."""
        unknown = next((each for each in rest if each.startswith("-") and each != "-"), None)
        if unknown is None:
            hint = f"Put options first, and quotes around a text that has spaces: {self._usage_line()}"
            taken = any(not action.option_strings for action in self._actions)
            self._end(
                f"{rest[0]!r} is one argument too many.", hint if taken else self._see_help("shows what it takes")
            )
        name = unknown.partition("=")[0]
        known = [option for action in self._actions for option in action.option_strings]
        self._end(f"There is no option {name!r}.", self._meant(name, known) or self._see_help("lists them"))

    def error(self, message: str) -> NoReturn:
        """End with what is wrong, and one thing to do."""
        if found := _CHOICE.fullmatch(message):
            self._refuse_choice(**found.groupdict())
        if found := _REQUIRED.fullmatch(message):
            if found["names"] in ("COMMAND", "ACTION"):
                self._end(f"What is `{self.prog}` to do?", self._see_help("lists what it can"))
            names = found["names"].replace(", ", " and ")
            self._end(f"{names} {'are' if ' and ' in names else 'is'} missing.", f"Give it as in: {self._usage_line()}")
        if found := _VALUE.fullmatch(message):
            self._end(f"{_long(found['name'])} takes a value.", self._see_help("says which"))
        if found := _BOTH.fullmatch(message):
            self._end(f"{_long(found['name'])} does not go with {_long(found['other'])}.", "Leave one of them out.")
        if found := _WRONG.fullmatch(message):
            what = re.sub(r"invalid (?:int|float) value: (.*)", r"\1 is no number", found["what"])
            message = f"{_long(found['name'])}: {what}"
        self._end(f"{message}.", self._see_help("shows what it takes"))

    def _refuse_choice(self, name: str, given: str, known: str) -> NoReturn:
        names = re.findall(r"[\w-]+", known)
        what = {"COMMAND": "command", "ACTION": "action", "[ACTION]": "action"}.get(name or "")
        if what is None:
            options = ", ".join(names)
            self._end(f"{_long(name)}: {given!r} is none of {options}.", self._see_help("says what they mean"))
        hint = self._meant(given, names) or self._see_help("lists them")
        if what == "command" and " " in given:
            hint = 'To ask something, say: rejoinder ask "…"'
        self._end(f"There is no {what} {given!r}.", hint)

    def _meant(self, given: str, known: Iterable[str]) -> str:
        # only a mistake needs it
        from difflib import get_close_matches

        close = get_close_matches(given, list(known), 1)
        return f"Did you mean {close[0]}?" if close else ""

    def _see_help(self, why: str) -> str:
        return f"`{self.prog} --help` {why}."

    def _usage_line(self) -> str:
        places = [action for action in self._actions if not action.option_strings]
        words = [self.prog, *([] if any(action.choices for action in places) else ["[OPTIONS]"])]
        return " ".join([*words, *(_place(action) for action in places)])

    def _end(self, message: str, hint: str) -> NoReturn:
        say_error(message, hint)
        sys.exit(USAGE)


class _Layout(argparse.HelpFormatter):
    """Not wider than one likes to read; short names of options first, and values once."""

    def __init__(self, prog: str, **options: Any) -> None:
        width = min(shutil.get_terminal_size().columns, _WIDEST) - 2
        super().__init__(prog, max_help_position=30, width=width, **options)

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            return "".join(super(_Layout, self)._format_action(each) for each in action._get_subactions())
        return super()._format_action(action)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings:
            return super()._format_action_invocation(action)
        names = ", ".join(sorted(action.option_strings, key=len))
        return names if action.nargs == 0 else f"{names} {self._format_args(action, action.dest.upper())}"


def _place(action: argparse.Action) -> str:
    """A positional argument as a line of usage shows it."""
    name = str(action.metavar or action.dest)
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f"  rejoinder {line}" for line in lines), ""] if lines else []


def _long(name: str) -> str:
    """The long one of an option's names, as in `--session/-s`."""
    return max(name.split("/"), key=len)
