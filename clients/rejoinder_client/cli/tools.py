"""`rejoinder tools`: what models may call."""

from argparse import ArgumentParser, Namespace

from rejoinder.protocol.tools import TOOL_LIST, ToolInfo, ToolListParams, ToolListResult
from rejoinder_client.cli.arguments import add_common
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.output import one_line, print_json, printable, say
from rejoinder_client.errors import NotFound

_SUMMARY_WIDTH = 200


def declare(command: ArgumentParser) -> None:
    """The arguments of `tools`."""
    command.description = (
        "List the tools that there are, where each comes from, and which ask before a call. A turn has those that the "
        "setting `tools.use` names, or `--tool`. Servers of the Model Context Protocol are named in config.toml."
    )
    command.add_argument("name", nargs="?", metavar="NAME", help="show one of them with its arguments")
    add_common(command, tools)


def tools(options: Namespace) -> int:
    """Print the tools, or one of them."""
    with connected(options) as client:
        listed = client.request(TOOL_LIST, ToolListParams())
    if options.name is not None:
        return _one(next((each for each in listed.tools if each.name == options.name), None), options)
    if options.json:
        print_json(listed)
        return 0
    print_tools(listed)
    return 0


def print_tools(listed: ToolListResult) -> None:
    """Print tools as a table, and what could not be had."""
    if listed.tools:
        _print_table(listed.tools)
        if not any(tool.enabled for tool in listed.tools):
            say("\nNone is in use: `--tool default` gives a question those that only read, `tools.use` every question.")
    else:
        print("There are no tools.")
    for note in listed.notes:
        say(f"note: {printable(note)}")


def _one(tool: ToolInfo | None, options: Namespace) -> int:
    if tool is None:
        raise NotFound(f"There is no tool {options.name!r}.", hint="`rejoinder tools` lists them.")
    if options.json:
        print_json(tool)
        return 0
    print(f"{tool.name} ({tool.source}, {_asking(tool)})\n\n{printable(tool.description)}")
    required = tool.parameters.get("required", [])
    for name, schema in tool.parameters.get("properties", {}).items():
        about = schema.get("description", "") if isinstance(schema, dict) else ""
        kind = schema.get("type", "any") if isinstance(schema, dict) else "any"
        print(
            f"  {one_line(name, 40)}: {kind}{'' if name in required else ', optional'}  {one_line(about, 90)}".rstrip()
        )
    return 0


def _print_table(tools: list[ToolInfo]) -> None:
    from rejoinder_client.cli.tables import Column, print_table

    columns = (
        Column("Tool", style="bold"),
        Column("From"),
        Column("Asks"),
        Column("In use"),
        Column("What it does", elastic=True, style="dim"),
    )
    rows = [
        (
            one_line(tool.name, 64),
            tool.source,
            "yes" if tool.asks else "no",
            "yes" if tool.enabled else "no",
            one_line((tool.description.strip().splitlines() or [""])[0], _SUMMARY_WIDTH),
        )
        for tool in tools
    ]
    print_table(columns, rows)


def _asking(tool: ToolInfo) -> str:
    return "asks before each call" if tool.asks else "does not ask"
