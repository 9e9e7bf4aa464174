"""How git is called: starting no program of the repository's choosing, and changing nothing, not even git's index."""

import os


def git_command(*arguments: str, program: str = "git") -> list[str]:
    """A call of git that starts no other program and changes nothing."""
    return [program, "--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *arguments]


def git_environment() -> dict[str, str]:
    """The environment without what would point git at another repository, as it is inside of a hook."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
