"""The terminal command.

Exit codes: 0 done, 1 the engine or the model failed or the user said no, 2 wrong usage, 3 no such session or several
that fit, 130 interrupted.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rejoinder_client.cli.arguments import parser
from rejoinder_client.cli.failures import exit_code_of

if TYPE_CHECKING:
    from rejoinder_client.cli.connecting import Dial
    from rejoinder_client.cli.models import Keyring
    from rejoinder_client.cli.store import Stores


def main(
    arguments: Sequence[str] | None = None,
    *,
    dial: "Dial | None" = None,
    keyring: "Callable[[], Keyring] | None" = None,
    stores: "Callable[[], Stores] | None" = None,
) -> int:
    """Run a command; answers the process's exit code.

    `dial` connects to the engine without a process in between; `keyring` gives access to the system's keyring,
    `stores` to stores that no engine uses.
    """
    # What is imported is no garbage; to look through it again and again takes a tenth of a short command's time.
    gc.set_threshold(100_000)
    _speak_utf8()
    given = [
        os.fsencode(each).decode("utf-8", "replace") for each in (sys.argv[1:] if arguments is None else arguments)
    ]
    try:
        options = parser(given).parse_args(given)
    except SystemExit as end:
        # How argparse says that it has printed its help, or what is wrong.
        return int(end.code or 0)
    options.dial = dial
    options.keyring = keyring
    options.stores = stores
    try:
        code: int = options.command(options)
        return code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return exit_code_of(error)


def _speak_utf8() -> None:
    """Whatever the locale says: text is UTF-8, and what is not is shown as such."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="replace")
