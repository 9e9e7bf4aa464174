"""The slash commands of a conversation on the terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from rejoinder.protocol.sessions import SESSION_UPDATE, SessionUpdateParams
from rejoinder.protocol.transfer import SESSION_EXPORT, SessionExportParams
from rejoinder_client.cli.failures import UsageError

if TYPE_CHECKING:
    from rejoinder_client.cli.conversation import Conversation


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
        SlashCommand("new", "[NAME]", "begin another session", _new),
        SlashCommand("resume", "REF", "go on with a session, by ID, name or beginning of the ID", _resume),
        SlashCommand("fork", "[NAME]", "copy the session and go on in the copy", _fork),
        SlashCommand("rename", "NAME", "give the session a name", _rename),
        SlashCommand("model", "[NAME]", "list the models, or choose one for this session", _model),
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
    rows = [(command.usage, command.help) for command in slash_commands()]
    rows += [
        ("/explain, /fix, /test, …", "ask about what you mention, such as @file:path#L1-20"),
        ("Enter, Alt+Enter", "send; begin a new line"),
        ("Ctrl+R, Up", "find an earlier question"),
        ("Ctrl+X Ctrl+E", "write in your editor"),
        ("Ctrl+C, Ctrl+D", "stop the answer or clear the line; end the conversation"),
    ]
    conversation.show_rows(rows)


def _status(conversation: "Conversation", argument: str) -> None:
    info = conversation.session.refresh()
    rows = [
        ("session", f"{info.name} ({info.session_id})"),
        ("messages", str(info.message_count)),
        ("model", conversation.model_name()),
        ("tokens", f"{info.usage.input_tokens} in, {info.usage.output_tokens} out"),
        ("folder", str(conversation.folder)),
    ]
    if info.forked_from:
        rows.append(("forked from", info.forked_from.session_id))
    conversation.show_rows(rows)


def _sessions(conversation: "Conversation", argument: str) -> None:
    conversation.show_sessions(conversation.client.sessions())


def _new(conversation: "Conversation", argument: str) -> None:
    conversation.switch(conversation.client.session(name=argument or None))


def _resume(conversation: "Conversation", argument: str) -> None:
    if not argument:
        raise UsageError("Which session?", hint="/sessions lists them; /resume takes an ID, a name or a beginning.")
    conversation.switch(conversation.client.open(argument), recall=True)


def _fork(conversation: "Conversation", argument: str) -> None:
    conversation.switch(conversation.session.fork(name=argument or None))


def _rename(conversation: "Conversation", argument: str) -> None:
    if not argument:
        raise UsageError("What is it to be called?", hint="/rename takes the new name.")
    conversation.session.rename(argument)
    conversation.remark(f"This session is called {argument!r} now.")


def _model(conversation: "Conversation", argument: str) -> None:
    if argument:
        session = conversation.session
        conversation.client.request(SESSION_UPDATE, SessionUpdateParams(session_id=session.session_id, model=argument))
        session.refresh()
        conversation.remark(f"{argument} answers in this session from now on.")
        return
    listed = conversation.client.models()
    current = conversation.model_name()
    rows = [("*" if model.id == current else "", f"{model.id}  {model.label}") for model in listed.models]
    conversation.show_rows(rows)


def _export(conversation: "Conversation", argument: str) -> None:
    path = Path(argument).expanduser()
    form: Literal["json", "markdown"] = "json" if path.suffix == ".json" else "markdown"
    params = SessionExportParams(format=form, session_ids=[conversation.session.session_id])
    content = conversation.client.request(SESSION_EXPORT, params).content
    if not argument:
        conversation.show_text(content)
        return
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{argument!r} is there already.", hint="Choose another name.") from None
    except OSError as error:
        raise UsageError(f"{argument!r} cannot be written: {error.strerror}.", hint="Choose another place.") from None
    conversation.remark(f"Written to {path}.")


def _clear(conversation: "Conversation", argument: str) -> None:
    info = conversation.session.info
    if conversation.confirm(f"Remove all {info.message_count} messages of {info.name!r}?"):
        conversation.session.clear()
        conversation.session.refresh()
        conversation.remark("Cleared.")
    else:
        conversation.remark("Nothing was removed.")


def _quit(conversation: "Conversation", argument: str) -> None:
    conversation.ended = True
