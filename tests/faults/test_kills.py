"""The engine is killed again and again while it writes, forks, compacts and imports: what was acknowledged is there."""

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from e2e.kit import Editor, Home, home_in

KILLS = 200
LANES = 2
"""Data folders that are worked on side by side."""
STEPS = 20
"""What is asked for at once before each kill."""
ROUNDS_PER_SESSION = 10
PADDING = "y" * 10_000
"""Makes a session's state so large that its journal is compacted every few rounds."""
TEMPLATE = [f"line {number} " + "x" * 200 for number in range(60)]
"""What a session holds that is forked, imported or cleared."""


@attrs.define
class Step:
    """One request, and how to see whether it was done: by what is there now, and whether it was acknowledged."""

    kind: str
    method: str
    params: dict[str, Any]
    check: Callable[[Editor, bool], Awaitable[None]]
    acknowledged: bool = False


class Lane:
    """One data folder, and what its engine was asked for since it was last looked at."""

    def __init__(self, home: Home, project: Path, seed: int) -> None:
        self.home = home
        self.project = project
        self.interrupted: Counter[str] = Counter()
        """What was under way when the engine was killed."""
        self._random = random.Random(seed)
        self._numbers = itertools.count()
        self._steps: list[Step] = []
        self._passing: list[str] = []
        self._exported = ""

    async def run(self, kills: int) -> None:
        """Work and kill so many times, and look at what is there after each."""
        for number in range(kills):
            async with self.home.editor(self.project, options={"retrieve": False}) as editor:
                await self._look(editor)
                await self._prepare(editor, number // ROUNDS_PER_SESSION)
                await self._work_until_killed(editor)
        async with self.home.editor(self.project, options={"retrieve": False}) as editor:
            await self._look(editor)

    async def _look(self, editor: Editor) -> None:
        for step in self._steps:
            await step.check(editor, step.acknowledged)
        for session_id in self._passing:
            editor.send_for("session/delete", sessionId=session_id, permanent=True)

    async def _prepare(self, editor: Editor, epoch: int) -> None:
        if not self._exported:
            said = [{"role": "user" if at else "system", "content": text} for at, text in enumerate(TEMPLATE)]
            await editor.call("session/create", sessionId="template", messages=said)
            self._exported = (await editor.call("session/export", format="json", sessionIds=["template"]))["content"]
        for kind in ("added", "asked", "changed"):
            await editor.call("chat", text="It begins.", sessionId=f"{kind}-{epoch}", turnId="first")
        self._passing = []
        kinds = [self._add, self._chat, self._change, self._fork, self._import, self._clear]
        self._steps = [await kinds[at % len(kinds)](editor, epoch) for at in range(STEPS)]
        self._random.shuffle(self._steps)

    async def _work_until_killed(self, editor: Editor) -> None:
        asked = {editor.send_for(step.method, **step.params): step for step in self._steps}
        kill_after = self._random.randrange(len(asked))
        done = 0
        try:
            while True:
                reply = await editor.message(lambda message: "method" not in message)
                if reply["id"] not in asked:
                    continue  # the deletion of what was looked at
                assert "error" not in reply, reply["error"]
                asked[reply["id"]].acknowledged = True
                if done == kill_after:
                    sum(range(self._random.randrange(100_000)))  # a moment that no event gives away
                    self.home.kill()
                done += 1
        except EOFError:
            self.interrupted.update(step.kind for step in asked.values() if not step.acknowledged)

    async def _add(self, _: Editor, epoch: int) -> Step:
        session_id, text = f"added-{epoch}", f"added {next(self._numbers)}"

        async def check(editor: Editor, acknowledged: bool) -> None:
            count = (await editor.contents(session_id, limit=500)).count(text)
            assert count == 1 or (count == 0 and not acknowledged)

        params = {"sessionId": session_id, "messages": [{"role": "user", "content": text}]}
        return Step("write", "session/add", params, check)

    async def _chat(self, _: Editor, epoch: int) -> Step:
        session_id, turn_id = f"asked-{epoch}", f"turn-{next(self._numbers)}"

        async def check(editor: Editor, acknowledged: bool) -> None:
            page = await editor.call("session/history", sessionId=session_id, limit=500)
            roles = [message["role"] for message in page["messages"] if message["turnId"] == turn_id]
            assert roles == ["user", "assistant"] or (roles == [] and not acknowledged)

        return Step(
            "write", "chat", {"text": turn_id, "sessionId": session_id, "turnId": turn_id, "queue": True}, check
        )

    async def _change(self, _: Editor, epoch: int) -> Step:
        session_id, key = f"changed-{epoch}", f"key-{next(self._numbers)}"

        async def check(editor: Editor, acknowledged: bool) -> None:
            state = (await editor.call("session/state/get", sessionId=session_id, key=key))["state"]
            assert state == {key: PADDING} or (state == {} and not acknowledged)

        return Step("compact", "session/state/set", {"sessionId": session_id, "state": {key: PADDING}}, check)

    async def _fork(self, _: Editor, epoch: int) -> Step:
        new = self._new("fork")
        return Step("fork", "session/fork", {"sessionId": "template", "newSessionId": new}, _whole_or_absent(new))

    async def _import(self, _: Editor, epoch: int) -> Step:
        new = self._new("import")
        value = json.loads(self._exported)
        value["sessions"][0]["session"]["sessionId"] = new
        return Step("import", "session/import", {"format": "json", "content": json.dumps(value)}, _whole_or_absent(new))

    async def _clear(self, editor: Editor, epoch: int) -> Step:
        new = self._new("clear")
        await editor.call("session/fork", sessionId="template", newSessionId=new)

        async def check(editor: Editor, acknowledged: bool) -> None:
            texts = await editor.contents(new, limit=500)
            assert texts == TEMPLATE[:1] or (texts == TEMPLATE and not acknowledged)

        return Step("compact", "session/clear", {"sessionId": new}, check)

    def _new(self, kind: str) -> str:
        session_id = f"{kind}-{next(self._numbers)}"
        self._passing.append(session_id)
        return session_id


def _whole_or_absent(session_id: str) -> Callable[[Editor, bool], Awaitable[None]]:
    async def check(editor: Editor, acknowledged: bool) -> None:
        reply = await editor.ask("rejoinder/session/history", {"sessionId": session_id, "limit": 500})
        if "error" in reply:
            assert reply["error"]["code"] == -31001 and not acknowledged
        else:
            assert [message["content"] for message in reply["result"]["messages"]] == TEMPLATE

    return check


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_every_acknowledged_change_is_there_after_each_of_200_kills(tmp_path: Path) -> None:
    async def lane(number: int) -> Counter[str]:
        project = tmp_path / f"project{number}"
        project.mkdir()
        with home_in(tmp_path / f"user{number}") as home:
            lane = Lane(home, project, seed=number)
            await lane.run(KILLS // LANES)
            return lane.interrupted

    interrupted = sum(await asyncio.gather(*map(lane, range(LANES))), Counter())
    # a kill that hit nothing would prove nothing
    assert all(interrupted[kind] > KILLS // 4 for kind in ("write", "fork", "compact", "import")), interrupted
