"""`rejoinder state`: values that programs keep with a session."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rejoinder_client.cli.arguments import add_action, add_actions, add_ref, add_user, add_yes
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import counted, one_line, print_json

if TYPE_CHECKING:
    from rejoinder_client.client import Client, Session

_WIDTH = 200


def declare(command: ArgumentParser) -> None:
    """The arguments of `state`."""
    actions = add_actions(command)
    _action(actions, "show", "show all values", show)
    getting = _action(actions, "get", "print one value as JSON", get)
    getting.add_argument("key", metavar="KEY", help="its name")
    getting.add_argument("--default", type=json_value, metavar="JSON", help="what is printed where there is none")
    setting = _action(actions, "set", "set one value", set_)
    setting.add_argument("key", metavar="KEY", help="its name")
    setting.add_argument("value", metavar="JSON", help="the value as JSON, such as 5, true, '\"text\"' or '[1, 2]'")
    form = setting.add_mutually_exclusive_group()
    form.add_argument("--text", action="store_true", help="the value is text as it stands")
    form.add_argument("--date", action="store_true", help="the value is a day or a moment, as in 2024-05-06T07:08:09Z")
    clearing = _action(actions, "clear", "remove one value, or all", clear)
    clearing.add_argument("key", nargs="?", metavar="KEY", help="its name (default: all of them)")
    add_yes(clearing)


def json_value(text: str) -> Any:
    """A JSON value; NaN and its like are none."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise ArgumentTypeError(f"{text[:40]!r} is no JSON: {error}") from None


def show(options: Namespace) -> int:
    """Print all values."""
    with connected(options) as client:
        session = _session(client, options)
        state = session.state
    if options.json:
        from rejoinder_client.values import mapping_to_json

        print_json({"sessionId": session.session_id, "state": mapping_to_json(state, "state")})
    elif state:
        from rejoinder_client.cli.tables import print_rows

        print_rows([(key, one_line(_shown(value), _WIDTH)) for key, value in state.items()])
    else:
        print("There is no state.")
    return 0


def get(options: Namespace) -> int:
    """Print one value as JSON. Raises NotFound where there is none."""
    from rejoinder_client.errors import NotFound
    from rejoinder_client.values import to_json

    with connected(options) as client:
        session = _session(client, options)
        state = session.state
    if options.key not in state and options.default is None:
        raise NotFound(f"There is no {options.key!r}.", hint="`rejoinder state show` shows what there is.")
    print(json.dumps(to_json(state.get(options.key, options.default)), ensure_ascii=False))
    return 0


def set_(options: Namespace) -> int:
    """Set one value."""
    value = _value(options)
    with connected(options) as client:
        session = _session(client, options)
        session.set_state(options.key, value)
    return _told(f"Set: {options.key}", session, options)


def clear(options: Namespace) -> int:
    """Remove one value, or all after asking."""
    with connected(options) as client:
        session = _session(client, options)
        if options.key is None:
            count = counted(len(session.state), "value")
            if not confirmed(f"Remove {count} of {one_line(session.info.name, 40)}?", yes=options.yes):
                return 1
        session.clear_state(options.key)
    return _told(f"Cleared: {options.key or 'all'}", session, options)


def _session(client: "Client", options: Namespace) -> "Session":
    return client.open(options.session, user_id=options.user)


def _value(options: Namespace) -> Any:
    """The value that the arguments mean. Raises UsageError."""
    if options.text:
        return options.value
    try:
        return _date(options.value) if options.date else json_value(options.value)
    except ArgumentTypeError as error:
        raise UsageError(f"{error}.", hint="Quote it as '\"…\"', or say --text.") from None
    except ValueError:
        hint = "Write it as 2024-05-06, or with its time zone as 2024-05-06T07:08:09Z."
        raise UsageError(f"{options.value[:40]!r} is neither a day nor a moment.", hint=hint) from None


def _date(text: str) -> date:
    return date.fromisoformat(text) if len(text) == len("2024-05-06") else datetime.fromisoformat(text)


def _shown(value: Any) -> str:
    """A value for people: dates as they are written, all else as JSON."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False, default=_shown)


def _told(text: str, session: "Session", options: Namespace) -> int:
    if options.json:
        print_json({"sessionId": session.session_id, "key": options.key})
    else:
        print(f"{one_line(text, _WIDTH)} ({session.session_id})")
    return 0


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _action(actions: Any, name: str, summary: str, run: Any) -> ArgumentParser:
    command = add_action(actions, name, summary, run)
    add_ref(command, "--session", "-s", help="ID, name or beginning of the ID (default: the current session)")
    add_user(command)
    return command
