"""Summaries of old turns: made in the background after an answer, or when somebody asks; used in later prompts."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from weakref import WeakValueDictionary

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.budget import TokenEstimate, prompt_budget
from rejoinder.domain.condensing import cut, extracted, summary_prompt
from rejoinder.domain.conversation import Message, Project, Session, Usage
from rejoinder.domain.errors import ContextTooLarge, InvalidInput, NotFound, RejoinderError, SessionNotFound
from rejoinder.domain.prompt import EXTRACTIVE, Finished, ModelSettings, PromptMessage, TextDelta
from rejoinder.domain.summaries import (
    SUMMARY_SHARE,
    Summary,
    batches,
    deepest,
    due,
    fits,
    is_spoken,
    standing,
    uncovered,
)
from rejoinder.services.choke_point import ChokePoint
from rejoinder.services.conversations import Conversations
from rejoinder.services.drafting import MessageDraft
from rejoinder.services.history import History
from rejoinder.services.model_ports import ChatModel, ModelChoice, Models

BATCH_SHARE = 0.6
"""The part of the budget that messages take in one request for a summary."""

MOST_CALLS = 4
"""Requests to the model for one summary; what is older in a long session that came as a whole is extracted."""

_log = logging.getLogger(__name__)


@frozen
class Writer:
    """The model that writes a summary, and the room that its prompts have. `budget` in tokens."""

    model: ChatModel
    budget: int
    estimate: TokenEstimate = TokenEstimate()

    @property
    def room(self) -> int:
        """The tokens that a summary may take."""
        return max(int(self.budget * SUMMARY_SHARE), 64)


class Summarising:
    """Makes and finds summaries."""

    def __init__(self, conversations: Conversations, history: History, models: Models, choke_point: ChokePoint) -> None:
        self._conversations = conversations
        self._history = history
        self._models = models
        self._choke_point = choke_point
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        """Held while a session's summary is made: what one has written, the next one builds on."""

    async def standing(self, session: Session | None, path: Sequence[Message], writer: Writer) -> Summary | None:
        """The summary that stands for the oldest messages of a path in a prompt; None when they all fit."""
        if session is None or fits(path, budget=writer.budget, estimate=writer.estimate):
            return None
        known = await self._known(session)
        return standing(known, path, budget=writer.budget, estimate=writer.estimate)

    def begin(self, session: Session, path: Sequence[Message], writer: Writer) -> None:
        """Bring a session's summary up to date in the background, if enough of its path does not fit any more."""
        key = (session.project_id, session.session_id)
        if key in self._tasks or fits(path, budget=writer.budget, estimate=writer.estimate):
            return
        task = asyncio.create_task(self._bring_up(session, path, writer), name=f"summary of {session.session_id}")
        # kept here, because the event loop holds tasks only weakly
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    async def summarize(
        self, project_id: str, session_id: str, choice: ModelChoice, *, message_id: str | None = None
    ) -> tuple[str, list[str]]:
        """A summary of the whole active path, or of that to a message, and the messages that it covers.

        One that is stored already is not made again. Raises a ModelError when the model fails.
        """
        session = await self._conversations.session(project_id, session_id)
        tree = await self._conversations.tree(project_id, session_id)
        if message_id is not None and message_id not in tree:
            raise NotFound("message", message_id, hint="Name a message of this session's history.")
        path = tree.path(message_id or tree.end(session.head))
        model = self._models.get(choice.instead(session.model) if session.model else choice)
        budget = prompt_budget(choice.context_tokens or model.info.context_tokens, None)
        async with self._lock(session):
            found = deepest(await self._known(session), path)
            rest = uncovered(path, found)
            if any(map(is_spoken, rest)):
                found = await self._cover(session, found, rest, Writer(model, budget))
        if found is None:
            return "", []
        return found.text, [message.message_id for message in path[: len(path) - len(uncovered(path, found))]]

    async def continue_elsewhere(
        self,
        project: Project,
        session_id: str,
        *,
        choice: ModelChoice,
        message_id: str | None = None,
        new_session_id: str | None = None,
        name: str | None = None,
    ) -> Session:
        """A new session that begins with a summary of another one's path, and is the current one from now on."""
        text, _ = await self.summarize(project.project_id, session_id, choice, message_id=message_id)
        if not text:
            raise InvalidInput(
                f"Nothing was said in session {session_id!r} yet.",
                hint="Create a new session instead.",
                key="summarize",
            )
        told = MessageDraft("system", f"Summary of an earlier conversation:\n\n{text}")
        return await self._history.fork(
            project, session_id, message_id=message_id, new_session_id=new_session_id, name=name, beginning=[told]
        )

    async def settled(self) -> None:
        """Wait until nothing is made in the background."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Stop what is made in the background: it is made again after the next answer."""
        for task in self._tasks.values():
            task.cancel()
        await self.settled()

    def _lock(self, session: Session) -> asyncio.Lock:
        return self._locks.setdefault((session.project_id, session.session_id), asyncio.Lock())

    def _ended(self, key: tuple[str, str], task: "asyncio.Task[None]") -> None:
        self._tasks.pop(key, None)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("a summary failed", exc_info=failure)

    async def _known(self, session: Session) -> Sequence[Summary]:
        try:
            store = self._conversations.store
            return await self._conversations.io(store.summaries, session.project_id, session.session_id)
        except SessionNotFound:
            return ()  # it is there for this turn only

    async def _bring_up(self, session: Session, path: Sequence[Message], writer: Writer) -> None:
        async with self._lock(session):
            found = await self.standing(session, path, writer)
            rest = due(path, found, budget=writer.budget, estimate=writer.estimate)
            if not rest:
                return
            try:
                await self._cover(session, found, rest, writer)
            except RejoinderError as exc:
                _log.info("no summary of session %s this time: %s", session.session_id, exc.message)

    async def _cover(
        self, session: Session, found: Summary | None, messages: Sequence[Message], writer: Writer
    ) -> Summary | None:
        """Take messages into the summary before them, in as few requests as fit; each result is stored."""
        groups = batches(messages, int(writer.budget * BATCH_SHARE), writer.estimate)
        if writer.model.info.id == EXTRACTIVE:
            groups = [messages]
        while groups:
            by_model = writer.model.info.id != EXTRACTIVE and len(groups) <= MOST_CALLS
            older = 1 if by_model else max(len(groups) - MOST_CALLS, 1)
            group = [message for part in groups[:older] for message in part]
            groups = groups[older:]
            earlier = found.text if found else None
            text, usage = None, Usage()
            if by_model:
                text, usage = await self._written(session, earlier, group, writer)
            if not text:
                text = await asyncio.to_thread(extracted, earlier, group, tokens=writer.room, estimate=writer.estimate)
            found = Summary(
                through=group[-1].message_id,
                text=text,
                model=writer.model.info.id if by_model else EXTRACTIVE,
                created_at=self._conversations.world.now(),
            )
            if not await self._conversations.keep_summary(session.project_id, session.session_id, found, usage):
                return None
        return found

    async def _written(
        self, session: Session, earlier: str | None, messages: Sequence[Message], writer: Writer
    ) -> tuple[str | None, Usage]:
        """What the model writes, and what it used; None when it has nothing to say or the text is too long for it."""
        asked = summary_prompt(earlier, messages, tokens=writer.room, estimate=writer.estimate)
        # what is stored is masked already; this is for what a later version knows besides, and for what is answered
        contents = (message.content for message in asked.messages)
        mask = self._choke_point.redactor(session.project_id, session.session_id, contents).mask
        sent = tuple(PromptMessage(message.role, mask(message.content)) for message in asked.messages)
        prompt = attrs.evolve(asked, messages=sent, question=sent[-1].content)
        written, usage = "", Usage()
        try:
            async with aclosing(writer.model.stream(prompt, ModelSettings(max_tokens=2 * writer.room))) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        written += event.text
                    elif isinstance(event, Finished):
                        usage = event.usage or usage
        except ContextTooLarge:
            return None, usage
        return cut(mask(written.strip()), writer.room, writer.estimate) or None, usage
