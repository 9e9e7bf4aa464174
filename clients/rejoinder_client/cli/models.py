"""`rejoinder models` and `rejoinder usage`."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from getpass import getpass
from typing import TYPE_CHECKING, Protocol

from rejoinder_client.cli.arguments import add_action, add_common, add_yes, new_parser, positive
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import print_json, say

if TYPE_CHECKING:
    from rejoinder.protocol.models import ModelInfo
    from rejoinder.protocol.types import Usage


class Keyring(Protocol):
    """The system's keyring. A reference has the form `SERVICE/USER`."""

    def set_key(self, reference: str, key: str) -> None:
        """Put a key in, or replace it."""

    def delete_key(self, reference: str) -> bool:
        """Take a key out; whether there was one."""


def declare(command: ArgumentParser) -> None:
    """The arguments of `models`."""
    command.add_argument("--refresh", action="store_true", help="ask the models' servers again")
    add_common(command, models)
    actions = command.add_subparsers(title="actions", metavar="[ACTION]")
    using = add_action(actions, "use", "choose the model that answers where no setting names one", use)
    which = using.add_mutually_exclusive_group(required=True)
    which.add_argument("model", nargs="?", metavar="MODEL", help="its ID, as `rejoinder models` lists it")
    which.add_argument("--none", action="store_true", help="take the choice back")
    add_action(actions, "offer", "look for model servers on this machine, and ask whether to use one", offer)
    keys = new_parser(actions, "key", "put a key into the system's keyring, or take it out")
    kinds = keys.add_subparsers(title="actions", metavar="ACTION", required=True)
    setting = add_action(kinds, "set", "put a key in; it is asked for, or read from a pipe", set_key, json=False)
    deleting = add_action(kinds, "delete", "take a key out", delete_key, json=False)
    for each in (setting, deleting):
        each.add_argument("reference", metavar="SERVICE/USER", help="as in the setting `apiKeyKeyring`")
    add_yes(deleting)


def declare_usage(command: ArgumentParser) -> None:
    """The arguments of `usage`."""
    command.add_argument("--days", type=positive, default=30, metavar="COUNT", help="so many days (default: 30)")
    add_common(command, usage)


def models(options: Namespace) -> int:
    """Print the models that can be chosen, the current one marked."""
    with connected(options) as client:
        found = client.models(refresh=options.refresh)
        chosen = next((each.value for each in client.config() if each.key == "model"), None)
    if options.json:
        print_json(found)
    else:
        # a table of `config.toml` is listed by its name, and is another model by itself
        listed = any(model.id == found.current for model in found.models)
        print_models(found.models, current=found.current if listed else chosen)
    return 0


def use(options: Namespace) -> int:
    """Choose the model that answers where no setting names one."""
    with connected(options) as client:
        current = client.use_model(None if options.none else options.model)
    if options.json:
        print_json({"current": current})
    else:
        print(f"In use: {current}")
        if options.model and current != options.model:
            say("A setting names that one and is stronger; `rejoinder config model` says which.")
    return 0


def offer(options: Namespace) -> int:
    """Look for model servers on this machine, and use the first model that the user says yes to."""
    from rejoinder.protocol.models import MODELS, ModelsParams

    with connected(options) as client:
        offers = client.request(MODELS, ModelsParams(refresh=True, offer=True)).offers or []
        if options.json:
            print_json({"offers": offers})
            return 0
        for model in offers:
            if sys.stdin is None or not sys.stdin.isatty():
                print(f"There is {model.id} ({model.label}): `rejoinder models use {model.id}` has it answer.")
            elif confirmed(f"Use {model.id} ({model.label}) from now on?", yes=False):
                print(f"In use: {client.use_model(model.id)}")
                return 0
    if not offers:
        print("Nothing to offer: no server of models answers on this machine, or it was offered before.")
        print("`rejoinder models` lists what can be used; the setting `servers` says where else one is.")
    return 0


def set_key(options: Namespace) -> int:
    """Put a key into the keyring. It is never an argument, which other programs could see."""
    key = getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()
    _keyring(options).set_key(options.reference, key)
    print(f"In the keyring: {options.reference}")
    return 0


def delete_key(options: Namespace) -> int:
    """Take a key out of the keyring, after asking."""
    if not confirmed(f"Take the key {options.reference} out of the keyring?", yes=options.yes):
        return 1
    removed = _keyring(options).delete_key(options.reference)
    print(f"{'Removed' if removed else 'There was no key'}: {options.reference}")
    return 0


def usage(options: Namespace) -> int:
    """Print what was used by day and model, and how much of the budgets is left."""
    with connected(options) as client:
        found = client.usage(days=options.days)
    if options.json:
        print_json(found)
        return 0
    if not found.days:
        print("Nothing was used.")
        return 0
    from rejoinder_client.cli.tables import Column, print_table

    columns = (
        Column("Day"),
        Column("Model", elastic=True),
        Column("Turns", right=True),
        Column("In", right=True),
        Column("Out", right=True),
        Column("Time", right=True, spare=True),
        Column("Cost", right=True),
    )
    rows = [(each.day, each.model, str(each.turns), *_amounts(each.usage)) for each in found.days]
    total = ("all", "", str(sum(each.turns for each in found.days)), *_amounts(found.total))
    print_table(columns, [*rows, total])
    for budget in found.budgets:
        print(f"{budget.key}: {budget.used:g} of {budget.limit:g} used today")
    return 0


def _amounts(usage: "Usage") -> tuple[str, str, str, str]:
    cost = "" if usage.cost is None else f"${usage.cost:.4f}"
    return f"{usage.input_tokens:,}", f"{usage.output_tokens:,}", f"{usage.seconds:.1f} s", cost


def _keyring(options: Namespace) -> Keyring:
    if options.keyring is None:
        raise UsageError("The keyring is not at hand here.", hint="Call `rejoinder` itself.")
    keyring: Keyring = options.keyring()
    return keyring


def print_models(models: "Sequence[ModelInfo]", *, current: str | None) -> None:
    """Print models as a table, the current one marked."""
    from rejoinder_client.cli.tables import Column, print_table

    columns = (
        Column(""),
        Column("Model", style="bold", elastic=True),
        Column("Name", elastic=True),
        Column("Where", spare=True),
        Column("Tokens", right=True, spare=True),
        Column("Also", spare=True),
        Column("Ready"),
    )
    rows = [
        (
            "●" if model.id == current else "",
            model.id,
            model.label if model.label != model.id else "",
            "here" if model.local else model.provider,
            f"{model.context_tokens:,}" if model.context_tokens else "",
            ", ".join(name for name, has in (("images", model.vision), ("tools", model.tools)) if has),
            "yes" if model.configured else "no",
        )
        for model in models
    ]
    print_table(columns, rows)
