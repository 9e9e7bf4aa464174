"""What may be proposed at the cursor of an input: slash commands, mentions, sessions."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from rejoinder.declared import frozen
from rejoinder.domain.agents import Agent
from rejoinder.domain.mentions import REMEMBER

Kind = Literal["command", "mention", "file", "symbol", "session", "agent"]

_WORD = re.compile(
    r"(?:(?<=\A)|(?<=\s)|(?<=[(\[{\"']))(?P<mark>[@#])(?P<rest>\"?[^\s@]*)\Z|(?<![\s\S])\s*(?P<slash>/[\w-]*)\Z"
)
_AGENT = re.compile(r"\A\s*/agent[ ]+(?P<typed>[^\n]{0,64})\Z")
_PLAIN_PATH = re.compile(r"[^\s#\"]+\Z")

_COMMANDS = {
    "explain": "What the code does, and why",
    "fix": "Find what is wrong, and mend it",
    "test": "Write tests",
    "document": "Write documentation",
    "review": "Review what has changed",
    "commit": "Write a commit message for what has changed",
    REMEMBER: "Keep what follows in the memory, or the last answer",
}
_MENTIONS = {
    "@file:": "A file of the project, or lines of it",
    "@symbol:": "A definition by its name",
    "@selection": "What is selected in the editor",
    "@problems": "What the editor says is wrong",
    "@diff": "What has changed since the last commit",
}


@frozen
class Proposal:
    """One proposal. `insert` takes the place of the word at the cursor."""

    label: str
    insert: str
    kind: Kind
    detail: str


@frozen
class Word:
    """The word that ends at the cursor and begins with a mark: `start` counts code points."""

    start: int
    kind: Literal["/", "/agent", "@", "@file:", "@symbol:", "#"]
    typed: str
    """What stands behind the mark, or behind the kind of mention."""


def word_at(text: str, offset: int) -> Word | None:
    """The word that can be completed at an offset."""
    named = _AGENT.match(text[:offset])
    if named:
        return Word(named.start("typed"), "/agent", named["typed"])
    match = _WORD.search(text[:offset])
    if match is None:
        return None
    if match["slash"]:
        return Word(match.start("slash"), "/", match["slash"][1:])
    rest, start = match["rest"], match.start("mark")
    if match["mark"] == "#":
        return Word(start, "#", rest.removeprefix("session:"))
    for kind in ("@file:", "@symbol:"):
        if rest.startswith(kind[1:]):
            return Word(start, kind, rest[len(kind) - 1 :].lstrip('"'))
    return Word(start, "@", rest)


def commands(typed: str) -> list[Proposal]:
    """The slash commands that begin so."""
    return [
        Proposal(f"/{name}", f"/{name} ", "command", detail)
        for name, detail in _COMMANDS.items()
        if name.startswith(typed.lower())
    ]


def prompt_proposals(prompts: Iterable[tuple[str, str]], typed: str) -> list[Proposal]:
    """The prompts whose names begin so, as commands; each is a name and what is said of it."""
    query = typed.casefold()
    fitting = [(name, said) for name, said in prompts if name.casefold().startswith(query) and "/" not in name]
    return [Proposal(f"/{name}", f"/{name} ", "command", said) for name, said in sorted(fitting)]


def agent_proposals(agents: Iterable[Agent], typed: str) -> list[Proposal]:
    """The agents whose names begin so, then those that hold it."""
    query = typed.casefold()
    fitting = [agent for agent in agents if query in agent.name.casefold()]
    fitting.sort(key=lambda agent: not agent.name.casefold().startswith(query))
    return [Proposal(agent.name, f"{agent.name} ", "agent", agent.description or agent.role or "") for agent in fitting]


def mention_kinds(typed: str) -> list[Proposal]:
    """The kinds of mentions that begin so."""
    return [
        Proposal(name, name if name.endswith(":") else f"{name} ", "mention", detail)
        for name, detail in _MENTIONS.items()
        if name[1:].startswith(typed.lower())
    ]


def file_proposals(paths: Iterable[str], typed: str, *, limit: int) -> list[Proposal]:
    """The files that fit best."""
    return [
        Proposal(path, f"@file:{path} " if _PLAIN_PATH.match(path) else f'@file:"{path}" ', "file", "")
        for path in best_paths(paths, typed, limit=limit)
        if '"' not in path and "\n" not in path
    ]


def best_paths(paths: Iterable[str], typed: str, *, limit: int) -> list[str]:
    """The paths that hold the typed characters in this order, best first: names before folders, short before long."""
    query = typed.casefold().replace("\\", "/").removeprefix("./")
    scored = []
    for path in paths:
        rank = _rank(path.casefold(), query)
        if rank is not None:
            scored.append((rank, path.count("/"), len(path), path))
    return [path for *_, path in sorted(scored)[:limit]]


def symbol_proposals(names: Sequence[str], typed: str, *, limit: int) -> list[Proposal]:
    """The names whose last part begins so, then those that hold it."""
    query, ranked = typed.casefold(), []
    for name in dict.fromkeys(names):
        plain = name.rsplit(" ", 1)[-1]
        last = re.split(r"[.:#]+", plain)[-1].casefold()
        if query in plain.casefold() and re.fullmatch(r"[\w.:]+", plain):
            ranked.append((not last.startswith(query), len(plain), plain))
    return [Proposal(name, f"@symbol:{name} ", "symbol", "") for *_, name in sorted(set(ranked))[:limit]]


def _rank(path: str, query: str) -> int | None:
    """How well a path fits, 0 best; None when it does not. Both are in small letters."""
    if not query:
        return 0
    name = path[path.rfind("/") + 1 :]
    if name.startswith(query):
        return 0
    if path.startswith(query):
        return 1
    if query in name:
        return 2
    if query in path:
        return 3
    if _in_order(query, name):
        return 4
    return 5 if _in_order(query, path) else None


def _in_order(query: str, text: str) -> bool:
    at = 0
    for character in query:
        at = text.find(character, at) + 1
        if at == 0:
            return False
    return True
