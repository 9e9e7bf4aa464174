"""Turns, asked and shown as the arguments of `ask` and `chat` say."""

import collections
import contextlib
import uuid
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import cast

from rejoinder.protocol.turns import AskParams
from rejoinder.protocol.updates import End, Update
from rejoinder_client.cli.output import print_stream, say
from rejoinder_client.cli.pasted import pasted_images
from rejoinder_client.cli.tool_calls import ToolCalls
from rejoinder_client.cli.trace import Trace, print_answer, print_value, prompt_of, say_metrics, say_trace
from rejoinder_client.client import Client, Session
from rejoinder_client.errors import ModelNotConfigured
from rejoinder_client.options import AskOptions, ChatOptions, TurnOptions, ask_params, chat_params
from rejoinder_client.turns import TurnParams


class Turn:
    """How each turn is asked, and what is shown beside its answer."""

    def __init__(
        self,
        client: Client,
        folder: Path | None,
        how: TurnOptions,
        *,
        trace: bool = False,
        metrics: bool = False,
        allowed: Sequence[str] = (),
    ) -> None:
        """`allowed` are the tools whose calls are not asked about."""
        self.how = cast(TurnOptions, {**how, "on_approval": "wait"})
        """The options of every turn."""
        self.metrics = metrics
        """Whether model, tokens, time and cost are shown."""
        self._client = client
        self._folder = folder
        self._trace = trace
        self._calls = ToolCalls(client, allowed)

    def say(self, session: Session, text: str, *, keep: bool = True) -> End | None:
        """Send a text to a session and print the answer; without `keep` neither is stored. Answers the turn's end."""
        how = cast(ChatOptions, {**self.how, "turn_id": uuid.uuid4().hex})
        if not keep:
            how["ephemeral"] = True
        # what was given with the command goes along with the first question
        given, pasted = self.how.pop("images", ()), pasted_images(text)
        if pasted:
            try:
                return self._say(session, text, cast(ChatOptions, {**how, "images": [*given, *pasted]}))
            except ModelNotConfigured as error:
                # a path may be meant as text
                say(f"{error.message} The path goes as text.")
        return self._say(session, text, how)

    def _say(self, session: Session, text: str, how: ChatOptions) -> End | None:
        params = chat_params(text, how, session_id=session.session_id, project_id=session.info.project_id)
        return self.show(params, session.stream(text, **how))

    def ask_aside(self, text: str) -> End | None:
        """Ask about the project, outside of any session, and print the answer. Answers the turn's end."""
        how = cast(AskOptions, {**self.how, "turn_id": uuid.uuid4().hex, "ephemeral": True})
        return self.show(ask_params(text, how), self._client.ask_stream(text, **how))

    def watch(self, session: Session, turn_id: str, updates: Iterable[Update]) -> End | None:
        """Print the answer to a turn that was begun elsewhere, and ask about its calls. Answers the turn's end."""
        self._calls.begin(turn_id, session.session_id, session.info.project_id, session.user_id)
        return print_stream(updates, self._folder, self._calls)

    def show(self, params: TurnParams, updates: Generator[Update, None, None], *, json: bool = False) -> End | None:
        """Print the answer to a turn with these parameters, whose updates have not begun. Answers the turn's end."""
        is_value = isinstance(params, AskParams) and params.schema is not None
        trace = Trace(params.turn_id or "", is_value=is_value)
        self._calls.begin(params.turn_id or "", params.session_id, params.project_id, params.user_id)
        if self._trace:
            trace.prompt = prompt_of(self._client, params)
        with contextlib.closing(updates):
            watched = trace.watch(updates)
            if json:
                collections.deque(self._calls.watch(watched), maxlen=0)
                print_answer(trace, traced=self._trace)
                return trace.end
            if trace.is_value:
                collections.deque(self._calls.watch(watched), maxlen=0)
                print_value(trace)
            else:
                print_stream(watched, self._folder, self._calls)
        if self._trace:
            say_trace(trace, self._folder)
        if self.metrics:
            say_metrics(trace)
        return trace.end
