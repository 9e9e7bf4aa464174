"""Stores of other programs, written as their formats are documented, with conversations made up for these tests.

Each function writes one into a folder and answers what a user would name. Every store holds the conversation `TALK`;
`grow` puts a question and an answer at its end, and `hurt` damages one entry beside good ones.
"""

import contextlib
import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

TALK = (("user", "Why does the ferry wait?"), ("assistant", "For the tide, at half past four."))
MORE = (("user", "And when the tide is late?"), ("assistant", "Then so is the ferry."))
OTHER = (("user", "Name a harbour."), ("assistant", "Saint Malo."))
PNG = b"\x89PNG\r\n\x1a\n" + b"made up for this test"


class Store(NamedTuple):
    """How a program's store is written, what it is recognised as, and the ID of `TALK` in it."""

    format: str
    write: Callable[[Path], Path]
    grow: Callable[[Path], None]
    hurt: Callable[[Path], None]
    session: str | None
    """None: the program has none, and one is made."""


def dump(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


# --- Continue


def continue_items(talk: Sequence[tuple[str, str]]) -> list[Any]:
    return [{"message": {"role": role, "content": text}, "contextItems": []} for role, text in talk]


def write_continue(folder: Path) -> Path:
    sessions = folder / ".continue" / "sessions"
    image = {"type": "imageUrl", "imageUrl": {"url": "data:image/png;base64," + b64encode(PNG).decode()}}
    call = {
        "id": "call-1",
        "type": "function",
        "function": {"name": "read_file", "arguments": '{"filepath": "quay.py"}'},
    }
    rich = [
        {
            "message": {"role": "user", "content": [{"type": "text", "text": "What is on it?"}, image]},
            "contextItems": [
                {"name": "quay.py", "content": "BOATS = 3", "uri": {"type": "file", "value": "file:///p/quay.py"}}
            ],
        },
        {
            "message": {
                "role": "assistant",
                "content": "I look.",
                "toolCalls": [call],
                "usage": {"promptTokens": 7, "completionTokens": 2},
            },
            "promptLogs": [{"modelTitle": "Big Model", "prompt": "", "completion": ""}],
            "toolCallStates": [
                {
                    "toolCallId": "call-1",
                    "status": "done",
                    "toolCall": call,
                    "output": [{"name": "f", "content": "BOATS = 3"}],
                }
            ],
        },
        {"message": {"role": "tool", "content": "BOATS = 3", "toolCallId": "call-1"}},
        {"message": {"role": "assistant", "content": "Three boats."}},
    ]
    dump(
        sessions / "c-1.json",
        {"sessionId": "c-1", "title": "The ferry", "workspaceDirectory": "file:///p", "history": continue_items(TALK)},
    )
    dump(
        sessions / "c-2.json",
        {"sessionId": "c-2", "title": "A picture", "workspaceDirectory": "file:///p", "history": rich},
    )
    listed = [
        {"sessionId": key, "title": "x", "dateCreated": str(1700000000000 + n), "workspaceDirectory": "file:///p"}
        for n, key in enumerate(("c-1", "c-2"))
    ]
    dump(sessions / "sessions.json", listed)
    return folder / ".continue"


def grow_continue(folder: Path) -> None:
    path = folder / ".continue/sessions/c-1.json"
    value = load(path)
    value["history"] += continue_items(MORE)
    dump(path, value)


def hurt_continue(folder: Path) -> None:
    (folder / ".continue/sessions/c-0.json").write_bytes(b'{"sessionId": "c-0", "history": [')
    (folder / ".continue/sessions/c-00.json").write_bytes(b"\xff\xfe\x00")
    path = folder / ".continue/sessions/c-2.json"
    value = load(path)
    value["history"].insert(0, {"message": {"role": "oracle", "content": "?"}})
    dump(path, value)


# --- CodeCompanion's history


def write_codecompanion(folder: Path) -> Path:
    base = folder / "codecompanion-history"
    said = [
        {"role": {"assistant": "llm"}.get(role, role), "content": text, "id": n, "cycle": 1, "opts": {"visible": True}}
        for n, (role, text) in enumerate(TALK)
    ]
    system = {"role": "system", "content": "Be brief.", "opts": {"tag": "from_config", "visible": False}}
    dump(base / "chats/1700000000.json", _companion("1700000000", [system, *said]))
    call = {"id": "t1", "type": "function", "function": {"name": "cmd_runner", "arguments": '{"cmd": "ls"}'}}
    rich = [
        {
            "role": "user",
            "content": "<buffer>x = 1</buffer>",
            "context": {"id": "<buf>q.lua</buf>", "path": "/p/q.lua"},
        },
        {"role": "llm", "content": "I run it.", "tools": {"calls": [call]}},
        {"role": "tool", "content": "q.lua", "tools": {"call_id": "t1", "is_error": False}},
        {"role": "llm", "content": "One file."},
    ]
    dump(base / "chats/1700000100.json", _companion("1700000100", rich))
    dump(
        base / "index.json",
        {key: {"save_id": key, "title": "x", "updated_at": 1700000001} for key in ("1700000000", "1700000100")},
    )
    return base


def _companion(key: str, messages: list[Any]) -> dict[str, Any]:
    return {
        "save_id": key,
        "title": f"Chat {key}",
        "messages": messages,
        "updated_at": int(key) + 50,
        "adapter": "ollama",
        "settings": {"model": "small"},
        "cwd": "/p",
        "cycle": 2,
    }


def grow_codecompanion(folder: Path) -> None:
    path = folder / "codecompanion-history/chats/1700000000.json"
    value = load(path)
    value["messages"] += [
        {"role": "user", "content": MORE[0][1], "id": 8},
        {"role": "llm", "content": MORE[1][1], "id": 9},
    ]
    dump(path, value)


def hurt_codecompanion(folder: Path) -> None:
    chats = folder / "codecompanion-history/chats"
    (chats / "0.json").write_text("[]")
    (chats / "9.lua").write_text("return { save_id = '9' }")
    value = load(chats / "1700000100.json")
    value["messages"].append({"role": "llm", "content": 5})
    dump(chats / "1700000100.json", value)


# --- ECA, in Transit


class Transit:
    """Writes Transit, with marks for what was written before. Texts that begin with `:` are keywords."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def text(self, value: str, *, key: bool = False) -> str:
        told = "~" + value if value[:1] in (":", "~", "^") else value
        if len(told) > 3 and (key or told.startswith("~:")):
            if told in self._marks:
                return self._marks[told]
            high, low = divmod(len(self._marks), 44)
            self._marks[told] = "^" + (chr(high + 48) if high else "") + chr(low + 48)
        return told

    def write(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            written: list[Any] = ["^ "]
            for key, inner in value.items():
                written += [self.text(key, key=True), self.write(inner)]
            return written
        return [self.write(item) for item in value] if isinstance(value, list) else value


def transit(path: Path, value: Any) -> None:
    dump(path, Transit().write(value))


def eca_chat(key: str, messages: list[Any]) -> dict[str, Any]:
    return {
        ":id": key,
        ":title": f"Chat {key}",
        ":created-at": 1700000000000,
        ":updated-at": 1700000005000,
        ":model": "maker/big",
        ":last-api": ":chat",
        ":messages": messages,
    }


def eca_said(role: str, text: str, number: int) -> dict[str, Any]:
    return {
        ":role": role,
        ":content": [{":type": ":text", ":text": text}],
        ":content-id": f"m{number}",
        ":created-at": 1700000000000 + number,
    }


def write_eca(folder: Path) -> Path:
    base = folder / "eca"
    talk = [eca_said(role, text, n) for n, (role, text) in enumerate(TALK)]
    call = {":id": "call-1", ":name": "ls", ":full-name": "eca__ls", ":arguments": {"path": "/p"}}
    rich = [
        eca_said("user", "List it.", 10),
        {":role": "reason", ":content": {":id": "r", ":text": "hm"}},
        {":role": "tool_call", ":content": call},
        {
            ":role": "tool_call_output",
            ":content": {**call, ":error": False, ":output": {":contents": [{":type": ":text", ":text": "quay.py"}]}},
        },
        eca_said("assistant", "One file.", 11),
    ]
    transit(base / "p_a1/chats/e-1.transit.json", {":version": 1, ":chat": eca_chat("e-1", talk)})
    transit(base / "p_a1/chats/index.transit.json", {":version": 1, ":chats": {"e-1": {":title": "x"}}})
    transit(base / "old/db.transit.json", {":version": 6, ":chats": {"e-2": eca_chat("e-2", rich)}})
    transit(base / "db.transit.json", {":version": 6, ":auth": {"maker": {":api-key": "none of ours"}}})
    return base


def grow_eca(folder: Path) -> None:
    talk = [eca_said(role, text, n) for n, (role, text) in enumerate((*TALK, *MORE))]
    transit(folder / "eca/p_a1/chats/e-1.transit.json", {":version": 1, ":chat": eca_chat("e-1", talk)})


def hurt_eca(folder: Path) -> None:
    (folder / "eca/p_a1/chats/e-0.transit.json").write_text('["^ ","^5",1]')
    transit(
        folder / "eca/p_a1/chats/e-3.transit.json",
        {":chat": eca_chat("e-3", [*[eca_said(r, t, 1) for r, t in OTHER], {":role": "tool_call", ":content": "x"}])},
    )


# --- aider


def write_aider(folder: Path) -> Path:
    lines = [
        "",
        "# aider chat started at 2024-05-06 07:08:09",
        "",
        "> aider v0.80  ",
        "> Main model: maker/big with diff edit format  ",
        "",
        *_aider(TALK),
        "> Tokens: 1k sent, 20 received.  ",
        "",
        "# aider chat started at 2024-05-07 07:08:09",
        "",
        "> Nobody said anything.  ",
        "",
        "# aider chat started at 2024-05-08 07:08:09",
        "",
        "#### Write two lines:  ",
        "#### one, and two  ",
        "",
        "quay.py",
        "```python",
        "# a comment",
        "BOATS = 3",
        "```",
        "",
    ]
    (folder / ".aider.chat.history.md").write_text("\n".join(lines), encoding="utf-8")
    return folder / ".aider.chat.history.md"


def _aider(talk: Sequence[tuple[str, str]]) -> list[str]:
    return [line for role, text in talk for line in (f"#### {text}  " if role == "user" else text, "")]


def grow_aider(folder: Path) -> None:
    path = folder / ".aider.chat.history.md"
    text = path.read_text("utf-8")
    mark = "> Tokens: 1k sent, 20 received.  \n"
    path.write_text(text.replace(mark, mark + "\n" + "\n".join(_aider(MORE)) + "\n"), encoding="utf-8")


def hurt_aider(folder: Path) -> None:
    path = folder / ".aider.chat.history.md"
    path.write_bytes(
        b"left over from a cut\n" + path.read_bytes() + b"\n# aider chat started at \xff\xff\n\n#### half\n"
    )


# --- llm

LLM_TABLES = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT,
    response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT,
    input_tokens INTEGER, output_tokens INTEGER, token_details TEXT, schema_id TEXT, resolved_model TEXT);
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER);
CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT,
    tool_call_id TEXT);
CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, output TEXT,
    tool_call_id TEXT, instance_id INTEGER, exception TEXT);
"""
_RESPONSE = (
    "INSERT INTO responses (id, model, prompt, system, response, conversation_id, duration_ms, datetime_utc,"
    " input_tokens, output_tokens) VALUES (?, 'big', ?, ?, ?, ?, 1500, ?, 11, 5)"
)


def write_llm(folder: Path) -> Path:
    path = folder / "logs.db"
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.executescript(LLM_TABLES)
        made.execute("INSERT INTO conversations VALUES ('l-1', 'The ferry', 'big'), ('l-2', NULL, 'big')")
        time = "2024-05-06T07:08:0{}.000000+00:00"
        made.execute(_RESPONSE, ("r1", TALK[0][1], "Be brief.", TALK[1][1], "l-1", time.format(1)))
        made.execute(_RESPONSE, ("r2", "What is it?", None, "", "l-2", time.format(2)))
        made.execute(_RESPONSE, ("r3", "", None, "A boat.", "l-2", time.format(3)))
        made.execute(_RESPONSE, ("r4", OTHER[0][1], None, OTHER[1][1], None, time.format(4)))
        made.execute("INSERT INTO attachments VALUES ('a1', 'image/png', NULL, NULL, ?)", (PNG,))
        made.execute("INSERT INTO prompt_attachments VALUES ('r2', 'a1', 0)")
        made.execute("INSERT INTO tool_calls VALUES (1, 'r2', 1, 'look', '{\"far\": true}', 'tc1')")
        made.execute("INSERT INTO tool_results VALUES (1, 'r3', 1, 'look', 'a sail', 'tc1', NULL, NULL)")
    return path


def grow_llm(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "logs.db")) as made, made:
        made.execute(_RESPONSE, ("r9", MORE[0][1], None, MORE[1][1], "l-1", "2024-05-06T09:00:00"))


def hurt_llm(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "logs.db")) as made, made:
        made.execute(_RESPONSE, ("r8", b"\xff", None, b"\xfe", "l-9", "never"))
        made.execute("UPDATE responses SET response = x'ff00' WHERE id = 'r3'")


# --- the five systems' own


def write_agno(folder: Path) -> Path:
    base = folder / "sessions"
    listed = [
        {
            "session_id": "g-1",
            "name": "The ferry",
            "description": "waiting",
            "created_at": "2024-05-06T07:08:09",
            "updated_at": "2024-05-06T08:08:09",
            "message_count": 2,
        },
        {"session_id": "g-2", "name": "Harbours", "created_at": "2024-05-07T07:08:09"},
    ]
    dump(base / "sessions.json", {"current_session_id": "g-1", "sessions": listed})
    dump(base / "g-1/messages.json", plain(TALK))
    dump(base / "g-2/messages.json", plain(OTHER))
    return base


def plain(talk: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"role": role, "content": text} for role, text in talk]


def grow_agno(folder: Path) -> None:
    dump(folder / "sessions/g-1/messages.json", plain((*TALK, *MORE)))


def hurt_agno(folder: Path) -> None:
    (folder / "sessions/g-0").mkdir()
    (folder / "sessions/g-0/messages.json").write_text("[{")
    dump(folder / "sessions/g-2/messages.json", [*plain(OTHER), 5])


def write_chunks(folder: Path) -> Path:
    path = folder / "memory.db"
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.executescript(
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, label TEXT, created_at TIMESTAMP);"
            "CREATE TABLE chunks (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, source TEXT,"
            " created_at TIMESTAMP);"
            "CREATE TABLE embeddings (chunk_id INTEGER, model TEXT, dim INTEGER, embedding TEXT);"
            "INSERT INTO sessions VALUES ('k-1', 'The ferry', '2024-05-06 07:08:09');"
        )
        _chunks(made, "k-1", TALK)
        _chunks(made, None, OTHER)
    return path


def _chunks(made: sqlite3.Connection, session: str | None, talk: Sequence[tuple[str, str]]) -> None:
    for role, text in talk:
        row = (session, {"assistant": "agent"}.get(role, role), text, "chat", "2024-05-06 07:08:10")
        made.execute("INSERT INTO chunks (session_id, role, content, source, created_at) VALUES (?, ?, ?, ?, ?)", row)


def grow_chunks(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "memory.db")) as made, made:
        _chunks(made, "k-1", MORE)


def hurt_chunks(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "memory.db")) as made, made:
        _chunks(made, "k-1", [("oracle", "?")])


def write_toon(folder: Path) -> Path:
    base = folder / "session_history"
    dump(base / "ferry_chat.toon", {"session_id": "t-1", "created_at": "2024-05-06T07:08:09", "messages": plain(TALK)})
    dump(
        base / "harbours_chat.toon",
        {"session_id": "t-2", "created_at": "2024-05-07T07:08:09", "messages": plain(OTHER)},
    )
    return base


def grow_toon(folder: Path) -> None:
    path = folder / "session_history/ferry_chat.toon"
    dump(path, {**load(path), "messages": plain((*TALK, *MORE))})


def hurt_toon(folder: Path) -> None:
    (folder / "session_history/half_chat.toon").write_text('{"session_id": "t-0", "messa')
    path = folder / "session_history/harbours_chat.toon"
    dump(path, {**load(path), "messages": [{"role": "user"}, *plain(OTHER)]})


def write_objects(folder: Path) -> Path:
    path = folder / "sessions.db"
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE sessions (session_id TEXT PRIMARY KEY, data TEXT)")
    _object(
        path, "o-1", {"session_id": "o-1", "system": "Be brief.", "messages": [{"role": r, "text": t} for r, t in TALK]}
    )
    _object(path, "o-2", {"messages": plain(OTHER)})
    return path


def _object(path: Path, key: str, value: Any) -> None:
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?)", (key, json.dumps(value)))


def grow_objects(folder: Path) -> None:
    value = {"session_id": "o-1", "messages": [{"role": r, "text": t} for r, t in (*TALK, *MORE)]}
    _object(folder / "sessions.db", "o-1", value)


def hurt_objects(folder: Path) -> None:
    _object(folder / "sessions.db", "o-0", {"messages": 5})


def write_praison(folder: Path) -> Path:
    base = folder / ".praison" / "sessions"
    (base / "p-1").mkdir(parents=True)
    state = {"type": "session_state", "session_id": "p-1", "user_id": "u", "tide": "low", "boats": 3}
    _remember(base / "p-1/short_term.db", "short_mem", "a", "The ferry is late today.", {"quality": 0.4}, 1700000001)
    _remember(base / "p-1/short_term.db", "short_mem", "b", "Session state: …", state, 1700000002)
    _remember(
        base / "p-1/long_term.db", "long_mem", "c", "The captain likes tea.", {"quality": 0.9, "of": "us"}, 1700000003
    )
    return base


def grow_praison(folder: Path) -> None:
    path = folder / ".praison/sessions/p-1/long_term.db"
    _remember(path, "long_mem", "d", "The mate likes coffee.", {}, 1700000009)


def hurt_praison(folder: Path) -> None:
    base = folder / ".praison/sessions"
    (base / "p-0").mkdir()
    (base / "p-0/long_term.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    _remember(base / "p-1/short_term.db", "short_mem", "z", "?", "no JSON", 1700000004)


def _remember(path: Path, table: str, key: str, text: str, meta: Any, time: float) -> None:
    told = meta if isinstance(meta, str) else json.dumps(meta)
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute(
            f"CREATE TABLE IF NOT EXISTS {table} (id TEXT PRIMARY KEY, content TEXT, meta TEXT, created_at REAL)"
        )
        made.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", (key, text, told, time))  # noqa: S608 - names of ours


def write_list(folder: Path) -> Path:
    dump(folder / "ferry.json", plain(TALK))
    return folder / "ferry.json"


def grow_list(folder: Path) -> None:
    dump(folder / "ferry.json", plain((*TALK, *MORE)))


def hurt_list(folder: Path) -> None:
    dump(folder / "ferry.json", [*plain(TALK), {"role": "oracle", "content": "?"}])


STORES = {
    store.format: store
    for store in (
        Store("continue", write_continue, grow_continue, hurt_continue, "c-1"),
        Store("codecompanion", write_codecompanion, grow_codecompanion, hurt_codecompanion, "1700000000"),
        Store("eca", write_eca, grow_eca, hurt_eca, "e-1"),
        Store("aider", write_aider, grow_aider, hurt_aider, None),
        Store("llm", write_llm, grow_llm, hurt_llm, "l-1"),
        Store("agno", write_agno, grow_agno, hurt_agno, "g-1"),
        Store("sqlite", write_chunks, grow_chunks, hurt_chunks, "k-1"),
        Store("session-object", write_objects, grow_objects, hurt_objects, "o-1"),
    )
}
TOON = Store("json", write_toon, grow_toon, hurt_toon, "t-1")
LIST = Store("json", write_list, grow_list, hurt_list, None)
ALL = {**STORES, "toon": TOON, "list": LIST}
