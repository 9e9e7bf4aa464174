"""What the documents name is there: files, methods, packages, commands and their options."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from rejoinder.protocol.methods import METHODS, NOT_SERVED
from rejoinder_client.cli.arguments import COMMANDS, parser

ROOT = Path(__file__).resolve().parents[2]
SERVER, CLIENTS, VSCODE = ROOT / "server", ROOT / "clients", ROOT / "editors" / "vscode"
NEOVIM = ROOT / "editors" / "nvim" / "lua" / "rejoinder"
ARCHITECTURE = (SERVER / "ARCHITECTURE.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [
    page
    for folder in (ROOT, SERVER, CLIENTS / "examples", ROOT / "editors" / "plain", VSCODE)
    for page in sorted(folder.glob("*.md"))
]
PLACES = (ROOT, SERVER, SERVER / "rejoinder", CLIENTS, ROOT / "tests", VSCODE / "src", NEOVIM)
FILES = {path.name for folder in (SERVER, CLIENTS, ROOT / "tests") for path in folder.rglob("*.*")}
METHOD_NAMES = {each.name for each in (*METHODS, *NOT_SERVED)}


def paths_in(text: str) -> Iterator[str]:
    """What is written as a path: with a slash in it, or as the name of a file."""
    for name in set(re.findall(r"`([^`\n]+)`", text)):
        if re.fullmatch(r"[a-z_*][\w*.-]*(/[\w*.-]*)+|[a-z_]\w*\.(py|ts|lua|sh|md|json|toml)", name):
            yield name


def commands_in(text: str) -> Iterator[str]:
    """The lines of a page that run the terminal command, each from its name on."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if found := re.search(r"(?:^|\| |=… )rejoinder (?!serve)(.*)", line):
                yield found[1]


def package(requirement: str) -> str:
    return re.split(r"[\[<>=~!;]", requirement)[0]


@pytest.mark.parametrize("name", sorted(paths_in(ARCHITECTURE)))
def test_each_path_of_the_architecture_is_there(name: str) -> None:
    if "/" not in name:
        assert name in FILES
    elif name not in METHOD_NAMES:
        assert any(list(place.glob(name)) for place in PLACES)


def test_each_folder_of_the_server_is_in_the_architecture() -> None:
    folders = {path.parent.name for path in (SERVER / "rejoinder").glob("*/__init__.py")}
    assert folders
    for folder in folders:
        assert re.search(rf"^\| `{folder}/?` \|", ARCHITECTURE, re.MULTILINE), folder


def test_each_dependency_is_in_the_architecture() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    given = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    named = {package(each) for each in given}
    named |= orjson.loads((VSCODE / "package.json").read_bytes())["devDependencies"].keys()
    table = ARCHITECTURE.partition("## Dependencies")[2]
    for name in named - {each for each in named if re.match(r"tree-sitter-|types-|@types/", each)}:
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", table), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("line", sorted(set(commands_in(README))))
def test_each_command_of_the_readme_can_be_given(line: str) -> None:
    words = shlex.split(line, comments=True)
    words = words[: words.index("|")] if "|" in words else words
    assert parser(words).parse_args(words).command


def test_each_command_is_in_the_readme() -> None:
    for name in COMMANDS:
        assert re.search(rf"`(rejoinder )?{name}\b|rejoinder {name}\b", README), name
