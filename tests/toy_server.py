"""A peer that speaks Rejoinder's protocol and misbehaves on demand, for the tests of the client.

    toy_server.py [noisy | garbage | foreign | mute]

What a turn does is said by its text: see `Toy._turn`. Sessions live in memory.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Coroutine
from typing import Any

from toy_engine import frame, read_message

Json = dict[str, Any]

USAGE: Json = {"inputTokens": 3, "outputTokens": 5, "seconds": 0.5}
CITATION: Json = {
    "uri": "file:///project/a.py",
    "range": {"start": {"line": 9, "character": 0}, "end": {"line": 19, "character": 0}},
    "label": "a.py:10-20",
}


class Refused(Exception):
    def __init__(self, code: int, message: str, **data: Any) -> None:
        super().__init__(message)
        self.error: Json = {"code": code, "message": message, "data": data}


class Toy:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mode: str = "") -> None:
        self._reader = reader
        self._writer = writer
        self._mode = mode
        self._sessions: dict[str, Json] = {}
        self._messages: dict[str, list[Json]] = {}
        self._states: dict[str, Json] = {}
        self._updates: dict[str, list[Json]] = {}
        """The updates of each session's running turn, sent or kept back."""
        self._cancels: dict[Any, asyncio.Event] = {}
        """By turn ID, session ID and request ID."""
        self._opened = asyncio.Event()
        self._replies: asyncio.Queue[Json] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0
        self.calls: list[Json] = []
        """Every message that came."""

    async def serve(self) -> None:
        if self._mode == "garbage":
            self._writer.write(b"Traceback (most recent call last):\n")
        if self._mode == "noisy":
            sys.stderr.write("a line of the log\n" * 300_000)
            sys.stderr.write("the last line\n")
        while (message := await read_message(self._reader)) is not None:
            self.calls.append(message)
            if message.get("method") == "exit":
                break
            if "method" not in message:
                self._replies.put_nowait(message)
            elif message["method"] == "$/cancelRequest":
                self._cancel(message["params"]["id"])
            elif message["method"] == "rejoinder/chat/cancel":
                self._cancel(message["params"].get("turnId") or message["params"]["sessionId"])
            elif "id" in message and self._mode != "mute":
                self._begin(self._reply(message))
        for task in self._tasks:
            task.cancel()
        self._writer.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel(self, key: Any) -> None:
        if key in self._cancels:
            self._cancels[key].set()

    def _send(self, message: Json) -> None:
        self._writer.write(frame({"jsonrpc": "2.0", **message}))

    async def _reply(self, message: Json) -> None:
        method, params = message["method"].removeprefix("rejoinder/"), message.get("params") or {}
        try:
            if method in ("chat", "ask"):
                result = await self._turn(message["id"], params)
            else:
                handler = getattr(self, "_do_" + method.replace("/", "_"), None)
                if handler is None:
                    raise Refused(-32601, f"There is no method {method!r}.", hint="Use another one.")
                result = handler(params)
        except Refused as refused:
            self._send({"id": message["id"], "error": refused.error})
        else:
            self._send({"id": message["id"], "result": result})

    def _do_initialize(self, params: Json) -> Json:
        mine = {"protocolVersion": 2 if self._mode == "foreign" else 1, "methods": ["chat"], "features": []}
        capabilities = {"positionEncoding": "utf-32", "experimental": {"rejoinder": mine}}
        return {"capabilities": capabilities, "serverInfo": {"name": "Toy", "version": "0"}}

    def _do_shutdown(self, params: Json) -> None:
        return None

    # turns

    async def _turn(self, request_id: Any, params: Json) -> Json:
        session_id = params.get("sessionId") or "current"
        if session_id not in self._sessions:
            self._do_session_create({"sessionId": session_id})
        word, _, rest = params["text"].partition(" ")
        if word == "fail":
            raise Refused(int(rest), "It failed.", hint="Try again.", turnId="t1", retryAfter=2.5, candidates=[])
        if word == "die":
            sys.stderr.write("the toy dies\n")
            sys.stderr.flush()
            os._exit(3)
        turn = ToyTurn(self, session_id, params["turnId"])
        self._updates[session_id] = turn.updates
        cancelled = asyncio.Event()
        for key in (request_id, params["turnId"], session_id):
            self._cancels[key] = cancelled
        turn.tell({"type": "started", "model": "toy", "sessionId": session_id})
        answer, reason = await self._answer(turn, word, params, cancelled)
        stored = [("user", params["text"], None), ("assistant", answer, reason)]
        ids = [self._store(session_id, role, text, reason, params["turnId"]) for role, text, reason in stored]
        turn.tell(
            {"type": "end", "stopReason": reason, "messageId": ids[1], "usage": USAGE, "citations": [CITATION]},
            kept_back=word == "silent",
        )
        del self._updates[session_id]
        return {
            "sessionId": session_id,
            "turnId": params["turnId"],
            "messageId": ids[1],
            "text": answer,
            "stopReason": reason,
            "usage": USAGE,
            "citations": [CITATION],
            "model": "toy",
        }

    async def _answer(self, turn: "ToyTurn", word: str, params: Json, cancelled: asyncio.Event) -> tuple[str, str]:
        """`slow` waits to be cancelled; `gap` keeps an update back until asked; `lost` never gives it; `silent`
        tells nothing before the reply; `config` and `unknown` ask the client; all else is said back in three parts."""
        if word == "slow":
            turn.tell({"type": "text", "text": "so"})
            await cancelled.wait()
            return "so", "cancelled"
        if word in ("config", "unknown"):
            text = json.dumps(await self._ask_client(word))
            turn.tell({"type": "text", "text": text})
            return text, "end_turn"
        parts = ["You said: ", params["text"], "."]
        for number, part in enumerate(parts):
            kept_back = (word in ("gap", "lost") and number == 1) or word == "silent"
            turn.tell({"type": "text", "text": part}, kept_back=kept_back)
        if word == "lost":
            turn.updates.clear()
        if word == "gap":
            await self._opened.wait()
        return "".join(parts), "end_turn"

    async def _ask_client(self, what: str) -> Any:
        method = "workspace/configuration" if what == "config" else "window/unheardOf"
        params = {"items": [{"section": "rejoinder"}, {"section": "other"}]}
        self._send({"id": f"toy-{what}", "method": method, "params": params})
        reply = await self._replies.get()
        return reply.get("result", reply.get("error", {}).get("code"))

    # sessions

    def _do_session_create(self, params: Json) -> Json:
        session_id = params.get("sessionId") or self._new_id()
        moment = "2026-01-02T03:04:05.000Z"
        self._sessions[session_id] = {
            "sessionId": session_id,
            "projectId": "p1",
            "name": params.get("name") or session_id,
            "scope": "workspace",
            "current": not self._sessions,
            "pinned": False,
            "archived": False,
            "createdAt": moment,
            "updatedAt": moment,
            "messageCount": 0,
            "revision": 0,
            "metadata": params.get("metadata") or {},
            "usage": USAGE,
            "system": params.get("system"),
        }
        self._messages[session_id] = []
        for message in params.get("messages") or ():
            self._store(session_id, message["role"], message["content"])
        change = {"projectId": "p1", "sessionId": session_id, "kind": "created", "revision": 0}
        self._send({"method": "rejoinder/session/changed", "params": change})
        return self._sessions[session_id]

    def _do_session_get(self, params: Json) -> Json:
        return self._session(params["sessionId"])

    def _do_session_open(self, params: Json) -> Json:
        self._opened.set()
        ref = params.get("ref") or params.get("sessionId")
        fitting = [
            each
            for each in self._sessions.values()
            if ref is None or each["sessionId"].startswith(ref) or each["name"] == ref
        ]
        if not fitting:
            raise Refused(-31001, f"There is no session {ref!r}.", hint="List the sessions.")
        if len(fitting) > 1 and ref is not None and ref not in self._sessions:
            candidates = [{"sessionId": each["sessionId"], "name": each["name"]} for each in fitting]
            raise Refused(-31002, f"{ref!r} fits several.", hint="Name one.", candidates=candidates)
        session = self._sessions.get(ref, fitting[0])
        updates = self._updates.get(session["sessionId"])
        running = None
        if updates:
            since = (params.get("since") or {"seq": -1})["seq"]
            later = [update for update in updates if update["seq"] > since]
            running = {"turnId": updates[0]["turnId"], "updates": later}
        return {"session": session, "messages": self._messages[session["sessionId"]], "running": running}

    def _do_session_close(self, params: Json) -> Json:
        return {}

    def _do_session_list(self, params: Json) -> Json:
        """Pages of two."""
        ids = list(self._sessions)
        first = int(params.get("cursor") or 0)
        page = [self._sessions[name] for name in ids[first : first + 2]]
        return {"sessions": page, "nextCursor": str(first + 2) if first + 2 < len(ids) else None}

    def _do_session_history(self, params: Json) -> Json:
        """Pages of three."""
        messages = self._messages[self._session(params["sessionId"])["sessionId"]]
        end = int(params.get("before") or len(messages))
        first = max(end - 3, 0)
        return {"messages": messages[first:end], "nextCursor": str(first) if first else None}

    def _do_session_add(self, params: Json) -> Json:
        added = [self._store(params["sessionId"], each["role"], each["content"]) for each in params["messages"]]
        return {"messageIds": added}

    def _do_session_clear(self, params: Json) -> Json:
        self._messages[params["sessionId"]].clear()
        return self._session(params["sessionId"])

    def _do_session_fork(self, params: Json) -> Json:
        fork = self._do_session_create({"sessionId": params.get("newSessionId"), "name": params.get("name")})
        self._messages[fork["sessionId"]] = list(self._messages[params["sessionId"]])
        return fork

    def _do_session_rollback(self, params: Json) -> Json:
        messages = self._messages[params["sessionId"]]
        place = next(i for i, each in enumerate(messages) if each["messageId"] == params["messageId"])
        del messages[place + 1 :]
        return self._session(params["sessionId"])

    def _do_session_update(self, params: Json) -> Json:
        session = self._session(params["sessionId"])
        session["name"] = params["name"]
        return session

    def _do_session_use(self, params: Json) -> Json:
        for each in self._sessions.values():
            each["current"] = each["sessionId"] == params["sessionId"]
        return self._session(params["sessionId"])

    def _do_session_delete(self, params: Json) -> Json:
        del self._sessions[self._session(params["sessionId"])["sessionId"]]
        return {}

    def _do_session_state_get(self, params: Json) -> Json:
        return {"state": self._states.get(params["sessionId"], {})}

    def _do_session_state_set(self, params: Json) -> Json:
        kept = {} if params.get("replace") else self._states.get(params["sessionId"], {})
        self._states[params["sessionId"]] = {**kept, **params["state"]}
        return self._do_session_state_get(params)

    def _do_session_state_clear(self, params: Json) -> Json:
        self._states.get(params["sessionId"], {}).pop(params.get("key"), None)
        return self._do_session_state_get(params)

    def _do_preview(self, params: Json) -> Json:
        return {"messages": [{"role": "user", "content": params["text"]}], "tokens": 2, "budget": 10, "masked": 0}

    def _do_models(self, params: Json) -> Json:
        model = {"id": "toy", "provider": "toy", "label": "Toy", "configured": True, "local": True}
        return {"models": [{**model, "vision": False, "tools": False}], "current": "toy"}

    def _do_project_list(self, params: Json) -> Json:
        moment = "2026-01-02T03:04:05.000Z"
        project = {"projectId": "p1", "name": "toy", "paths": [], "sessions": 1, "trusted": True, "createdAt": moment}
        return {"projects": [project]}

    def _do_config(self, params: Json) -> Json:
        return {"settings": "nonsense"}

    def _session(self, session_id: str) -> Json:
        if session_id not in self._sessions:
            raise Refused(-31001, f"There is no session {session_id!r}.", hint="List the sessions.")
        return self._sessions[session_id]

    def _store(
        self, session_id: str, role: str, content: str, stop_reason: str | None = None, turn_id: str = "t0"
    ) -> str:
        message_id = self._new_id()
        message = {"messageId": message_id, "turnId": turn_id, "role": role, "source": "chat", "content": content}
        stored = {**message, "createdAt": "2026-01-02T03:04:05.000Z", "stopReason": stop_reason}
        self._messages[session_id].append({key: value for key, value in stored.items() if value is not None})
        self._session(session_id)["messageCount"] = len(self._messages[session_id])
        return message_id

    def _new_id(self) -> str:
        self._number += 1
        return f"id-{self._number:04}"


class ToyTurn:
    def __init__(self, toy: Toy, session_id: str, turn_id: str) -> None:
        self._toy = toy
        self._address = {"sessionId": session_id, "turnId": turn_id}
        self._seq = 0
        self.updates: list[Json] = []

    def tell(self, update: Json, *, kept_back: bool = False) -> None:
        whole = {**self._address, "seq": self._seq, "update": update}
        self._seq += 1
        self.updates.append(whole)
        if not kept_back:
            self._toy._send({"method": "rejoinder/chat/update", "params": whole})


async def main(mode: str) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    await Toy(reader, writer, mode).serve()
    with contextlib.suppress(OSError):
        await writer.drain()


if __name__ == "__main__":
    asyncio.run(main(*(sys.argv[1:] or [""])))
