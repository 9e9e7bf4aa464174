"""The slash commands of a conversation on the terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from rejoinder.protocol.tools import TOOL_LIST, ToolListParams
from rejoinder_client.cli.agents import named, print_agents
from rejoinder_client.cli.choosing import new_session
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.models import print_models
from rejoinder_client.cli.output import counted, local_time
from rejoinder_client.cli.search_table import print_hits
from rejoinder_client.cli.tables import print_rows, print_sessions
from rejoinder_client.cli.tools import print_tools
from rejoinder_client.cli.trace import metrics
from rejoinder_client.cli.transfer import write_new
from rejoinder_client.searching import SearchOptions

if TYPE_CHECKING:
    from rejoinder_client.cli.conversation import Conversation


_FOUND = 10
_PROMPT = "ask what this prompt file says"


class SlashCommand(NamedTuple):
    """What one is called, what it takes, what it does, and the function for it."""

    name: str
    argument: str
    help: str
    run: "Callable[[Conversation, str], None]"

    @property
    def usage(self) -> str:
        """The command as one types it."""
        return f"/{self.name} {self.argument}".rstrip()


def slash_commands() -> list[SlashCommand]:
    """All of them, in the order of their help."""
    return [
        SlashCommand("help", "", "list the commands and keys", _help),
        SlashCommand("status", "", "show the session, its model and its size", _status),
        SlashCommand("sessions", "", "list the project's sessions", _sessions),
        SlashCommand("new", "[ID]", "begin another session, with an ID or name of its own", _new),
        SlashCommand("resume", "REF", "go on with a session, by ID, name or beginning of the ID", _resume),
        SlashCommand("fork", "[NAME]", "copy the session and go on in the copy", _fork),
        SlashCommand("rename", "NAME", "give the session a name", _rename),
        SlashCommand("model", "[NAME]", "list the models, or choose one for this session", _model),
        SlashCommand("agent", "[NAME]", "list the agents, or choose who answers; `none` takes it back", _agent),
        SlashCommand("search", "TEXT", "find what was said in the project's sessions", _search),
        SlashCommand("tools", "", "list the tools that models may call, and which ask first", _tools),
        SlashCommand("quick", "TEXT", "ask aside: neither question nor answer is kept", _quick),
        SlashCommand("export", "[FILE]", "write the session to a Markdown or JSON file, or here", _export),
        SlashCommand("clear", "", "remove the session's messages, after a yes", _clear),
        SlashCommand("quit", "", "end the conversation", _quit),
    ]


def find_command(line: str) -> tuple[SlashCommand, str] | None:
    """The command that a line names, and its argument; None when it names none of these."""
    name, _, argument = line.strip().partition(" ")
    known = {f"/{command.name}": command for command in slash_commands()}
    known["/exit"] = known["/quit"]
    command = known.get(name.lower())
    return None if command is None else (command, argument.strip())


def _help(conversation: "Conversation", argument: str) -> None:
    found = conversation.client.prompts()
    rows = [(command.usage, command.help) for command in slash_commands()]
    rows += [
        ("/remember [TEXT]", "keep the text in the memory, or the last answer"),
        ("/explain, /fix, /test, …", "ask about what you mention, such as @file:path#L1-20"),
        *[(f"/{one.name} {one.argument_hint or ''}".rstrip(), one.description or _PROMPT) for one in found.prompts],
        ("Enter, Alt+Enter", "send; begin a new line"),
        ("Ctrl+R, Up", "find an earlier question"),
        ("Ctrl+X Ctrl+E", "write in your editor"),
        ("Ctrl+C, Ctrl+D", "stop the answer or clear the line; end the conversation"),
    ]
    print_rows(rows)
    for note in found.notes:
        conversation.remark(note)


def _status(conversation: "Conversation", argument: str) -> None:
    info = conversation.session.refresh()
    rows = [
        ("session", info.session_id),
        ("name", info.name),
        ("user", conversation.session.user_id or ""),
        ("label", info.label or ""),
        ("description", info.description or ""),
        ("messages", str(info.message_count)),
        ("created", local_time(info.created_at)),
        ("updated", local_time(info.updated_at)),
        ("model", conversation.model_name()),
        ("agent", conversation.agent_name()),
        ("used", metrics("", info.usage)),
        ("forked from", info.forked_from.session_id if info.forked_from else ""),
        ("folder", str(conversation.folder or "none")),
        ("saved", "yes, with every answer"),
    ]
    print_rows(rows)


def _sessions(conversation: "Conversation", argument: str) -> None:
    print_sessions(conversation.client.sessions.list(), current=conversation.session.session_id)


def _new(conversation: "Conversation", argument: str) -> None:
    conversation.switch(new_session(conversation.client, argument, user_id=conversation.session.user_id))


def _tools(conversation: "Conversation", argument: str) -> None:
    print_tools(conversation.client.request(TOOL_LIST, ToolListParams()))


def _quick(conversation: "Conversation", argument: str) -> None:
    if not argument:
        raise UsageError("What is the question?", hint="/quick takes it.")
    conversation.answer(argument, keep=False)


def _resume(conversation: "Conversation", argument: str) -> None:
    if not argument:
        raise UsageError("Which session?", hint="/sessions lists them; /resume takes an ID, a name or a beginning.")
    user_id = conversation.session.user_id
    conversation.switch(conversation.client.open(argument, user_id=user_id), recall=True)


def _search(conversation: "Conversation", argument: str) -> None:
    if not argument:
        raise UsageError("What is to be found?", hint='/search takes words, "phrases", -excluded words, begin*.')
    user_id = conversation.session.user_id
    how: SearchOptions = {"sources": ["message"], "mode": "both", "limit": _FOUND}
    if user_id is not None:
        how["user_id"] = user_id
    print_hits(conversation.client.search(argument, **how), resume=True)


def _fork(conversation: "Conversation", argument: str) -> None:
    conversation.switch(conversation.session.fork(name=argument or None))


def _rename(conversation: "Conversation", argument: str) -> None:
    if not argument:
        raise UsageError("What is it to be called?", hint="/rename takes the new name.")
    conversation.session.rename(argument)
    conversation.remark(f"This session is called {argument!r} now.")


def _model(conversation: "Conversation", argument: str) -> None:
    if argument:
        conversation.session.update(model=argument)
        conversation.turn.how.pop("model", None)
        conversation.remark(f"{argument} answers in this session from now on.")
        return
    listed = conversation.client.models()
    current = conversation.model_name()
    print_models(listed.models, current=current)


def _agent(conversation: "Conversation", argument: str) -> None:
    found = conversation.client.agents(session_id=conversation.session.session_id)
    if argument == "none":
        conversation.turn.how.pop("agent", None)
        conversation.remark("No agent answers from now on.")
    elif argument:
        conversation.turn.how["agent"] = named(found, argument).name
        conversation.remark(f"{conversation.turn.how['agent']} answers from now on.")
    else:
        print_agents(found)


def _export(conversation: "Conversation", argument: str) -> None:
    path = Path(argument).expanduser()
    form: Literal["json", "markdown"] = "json" if path.suffix == ".json" else "markdown"
    content = conversation.client.sessions.export(conversation.session.session_id, format=form)
    if argument:
        write_new(path, content)
        conversation.remark(f"Written to {path}.")
    else:
        conversation.show_text(content)


def _clear(conversation: "Conversation", argument: str) -> None:
    info = conversation.session.info
    if conversation.confirm(f"Remove {counted(info.message_count, 'message')} of {info.name!r}?"):
        conversation.session.clear()
        conversation.session.refresh()
        conversation.remark("Cleared.")
    else:
        conversation.remark("Nothing was removed.")


def _quit(conversation: "Conversation", argument: str) -> None:
    conversation.ended = True
