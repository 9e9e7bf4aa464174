"""Turns, asked and shown as the arguments of `ask` and `chat` say."""

import collections
import contextlib
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import cast

from rejoinder.protocol.updates import End, Update
from rejoinder_client.cli.output import print_stream
from rejoinder_client.cli.trace import Trace, print_answer, prompt_of, say_metrics, say_trace
from rejoinder_client.client import Client, Session
from rejoinder_client.options import AskOptions, ChatOptions, TurnOptions, ask_params, chat_params
from rejoinder_client.turns import TurnParams


class Turn:
    """How each turn is asked, and what is shown beside its answer."""

    def __init__(
        self, client: Client, folder: Path | None, how: TurnOptions, *, trace: bool = False, metrics: bool = False
    ) -> None:
        self.how = how
        """The options of every turn."""
        self.metrics = metrics
        """Whether model, tokens, time and cost are shown."""
        self._client = client
        self._folder = folder
        self._trace = trace

    def say(self, session: Session, text: str, *, keep: bool = True) -> End | None:
        """Send a text to a session and print the answer; without `keep` neither is stored. Answers the turn's end."""
        how = cast(ChatOptions, {**self.how, "turn_id": uuid.uuid4().hex})
        if not keep:
            how["ephemeral"] = True
        params = chat_params(text, how, session_id=session.session_id, project_id=session.info.project_id)
        return self.show(params, session.stream(text, **how))

    def ask_aside(self, text: str) -> End | None:
        """Ask about the project, outside of any session, and print the answer. Answers the turn's end."""
        how = cast(AskOptions, {**self.how, "turn_id": uuid.uuid4().hex, "ephemeral": True})
        return self.show(ask_params(text, how), self._client.ask_stream(text, **how))

    def show(self, params: TurnParams, updates: Generator[Update, None, None], *, json: bool = False) -> End | None:
        """Print the answer to a turn with these parameters, whose updates have not begun. Answers the turn's end."""
        trace = Trace(params.turn_id or "")
        if self._trace:
            trace.prompt = prompt_of(self._client, params)
        with contextlib.closing(updates):
            watched = trace.watch(updates)
            if json:
                collections.deque(watched, maxlen=0)
                print_answer(trace, traced=self._trace)
                return trace.end
            print_stream(watched, self._folder)
        if self._trace:
            say_trace(trace, self._folder)
        if self.metrics:
            say_metrics(trace)
        return trace.end
