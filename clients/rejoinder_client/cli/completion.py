"""`rejoinder completion`, and what it has shells call.

argcomplete's scripts run the program with `_ARGCOMPLETE` set; it reads what is typed and answers with proposals.
"""

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from rejoinder_client.cli.arguments import parser

if TYPE_CHECKING:
    from rejoinder_client.cli.connecting import Dial

_SHELLS = ("bash", "zsh", "fish")


def declare(command: ArgumentParser) -> None:
    """The arguments of `completion`."""
    command.description = (
        "Print what makes a shell complete commands, options and session names. For bash and zsh put "
        '`eval "$(rejoinder completion bash)"` into ~/.bashrc or ~/.zshrc (there with `zsh`); for fish write it to '
        "~/.config/fish/completions/rejoinder.fish."
    )
    command.add_argument("shell", metavar="SHELL", choices=_SHELLS, help="bash, zsh or fish")
    command.set_defaults(command=completion)


def completion(options: Namespace) -> int:
    """Print the script of a shell."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["rejoinder"], shell=options.shell))
    return 0


def answer_shell(dial: "Dial") -> None:
    """Answer the shell's question and end the process. Never starts an engine; without one no session is proposed."""
    from argcomplete import autocomplete

    root = parser(os.environ.get("COMP_LINE", "").split()[1:2])
    root.set_defaults(dial=dial)
    autocomplete(root, exclude=["-h", "--help"], always_complete_options="long")


def session_names(prefix: str, parsed_args: Namespace, **_: Any) -> list[str]:
    """Names and IDs of sessions that begin so; none when no engine is there to be asked."""
    from rejoinder_client.cli.connecting import connected

    try:
        with connected(parsed_args) as client:
            sessions = client.sessions.list()
    except Exception:
        # Nothing may be written into the line that is being typed.
        return []
    return [text for info in sessions for text in (info.name, info.session_id) if text.startswith(prefix)]


def agent_names(prefix: str, parsed_args: Namespace, **_: Any) -> list[str]:
    """Names of agents that begin so; none when no engine is there to be asked."""
    from rejoinder_client.cli.connecting import connected

    try:
        with connected(parsed_args) as client:
            agents = client.agents().agents
    except Exception:
        # Nothing may be written into the line that is being typed.
        return []
    return [agent.name for agent in agents if agent.name.startswith(prefix)]
