"""Files of other programs, brought in through the service: TOON texts and SQLite databases."""

import json
import sqlite3
from base64 import b64encode
from contextlib import closing

import pytest
from toon_format import encode

from core import Core
from rejoinder.domain.conversation import Project
from rejoinder.domain.errors import InvalidInput
from rejoinder.services.importing import ImportReport
from rejoinder.services.transfer import Transfer

TOLD = [
    {"role": "system", "content": "You are a helpful AI assistant..."},
    {"role": "user", "content": 'Hello, "you":\n- there'},
    {"role": "assistant", "content": "Hi! How can I help?"},
]
FILE = {"session_id": "my_project", "created_at": "2025-11-22T20:30:15", "messages": TOLD}
TABLES = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, label TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE chunks (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NULL, role TEXT NOT NULL,
    content TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, source TEXT);
CREATE TABLE embeddings (chunk_id INTEGER PRIMARY KEY, model TEXT, dim INTEGER, embedding TEXT);
"""


@pytest.fixture
def transfer(core: Core) -> Transfer:
    return core.transfer


def database(*statements: str, tables: str = TABLES) -> str:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(tables)
        for statement in statements:
            made.execute(statement)
        made.commit()
        return b64encode(made.serialize()).decode()


@pytest.mark.parametrize("format", ["json", "toon"])
@pytest.mark.parametrize("text", [json.dumps(FILE), encode(FILE)], ids=["JSON", "TOON"])
async def test_a_toon_file_comes_in_with_its_id(
    core: Core, project: Project, transfer: Transfer, text: str, format: str
) -> None:
    assert await transfer.import_(project, text, format=format) == ImportReport(1, 3, 0)
    assert await core.texts("my_project") == [each["content"] for each in TOLD]
    assert (await core.sessions.get(project.project_id, "my_project")).created_at.year == 2025
    assert await transfer.import_(project, text, format=format) == ImportReport(0, 0, 1)


async def test_a_database_comes_in_with_labels_roles_sources_and_times(
    core: Core, project: Project, transfer: Transfer
) -> None:
    content = database(
        "INSERT INTO sessions VALUES ('s1', 'Plans', '2024-01-02 03:04:05'), ('bad id', NULL, '2024-01-03 03:04:05')",
        "INSERT INTO chunks (session_id, role, content, source, created_at) VALUES"
        " ('s1', 'user', 'why?', 'chat', '2024-01-02 03:04:06'), ('s1', 'agent', 'so', 'ask', '2024-01-02 03:04:07'),"
        " ('bad id', 'user', 'look', 'image', '2024-01-03 03:04:06'), (NULL, 'user', 'free', NULL, 'never')",
    )
    assert await transfer.import_(project, content, format="sqlite", dry_run=True) == ImportReport(3, 4, 0)
    assert await transfer.import_(project, content, format="sqlite") == ImportReport(3, 4, 0)
    session = await core.sessions.get(project.project_id, "s1")
    assert (session.name, session.label, session.created_at.isoformat()) == (
        "Plans",
        "Plans",
        "2024-01-02T03:04:05+00:00",
    )
    path = await core.sessions.path(session)
    assert [(m.role, m.content, m.source, m.created_at.second) for m in path] == [
        ("user", "why?", "chat", 6),
        ("assistant", "so", "ask", 7),
    ]
    assert await core.texts("default") == ["free"]
    named = {one.name: one.session_id for one in await core.sessions.all(project.project_id)}
    assert await core.texts(named["bad id"]) == ["look"]
    assert await transfer.import_(project, content, format="sqlite") == ImportReport(0, 0, 3)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, '', '' FROM n"


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("sqlite", "no base64!"),
        ("sqlite", ""),
        ("sqlite", b64encode(b"some text").decode()),
        ("sqlite", b64encode(b"SQLite format 3\0" + b"\xff" * 4096).decode()),
        ("sqlite", database(tables="CREATE TABLE other (x)")),
        ("sqlite", database("INSERT INTO chunks (role, content) VALUES ('robot', 'x')")),
        ("sqlite", database("INSERT INTO chunks (role, content) VALUES ('user', x'ff00')")),
        ("sqlite", database(f"CREATE VIEW sessions (id, label, created_at) AS {ENDLESS}", tables="")),
        ("toon", "messages[5]:\n  - x"),
        ("toon", "just words"),
        ("toon", ""),
        ("json", "a: 1\n" * 3),
        ("agno", json.dumps({"sessions": {"sessions": 5}, "messages": {}})),
        ("xml", "<x/>"),
    ],
    ids=lambda value: value[:20],
)
async def test_what_is_not_as_it_should_be_is_refused_and_changes_nothing(
    core: Core, project: Project, transfer: Transfer, format: str, content: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await transfer.import_(project, content, format=format)
    assert caught.value.data["key"] in ("content", "format")
    assert len(caught.value.message) < 500
    assert await core.sessions.all(project.project_id) == []


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
async def test_a_damaged_database_is_refused_or_read_never_worse(
    core: Core, project: Project, transfer: Transfer, cut: float
) -> None:
    row = "INSERT INTO chunks (session_id, role, content) VALUES ('s1', 'user', hex(zeroblob(250)))"
    content = database(*[row] * 100)
    with pytest.raises(InvalidInput):
        await transfer.import_(project, content[: int(len(content) * cut) // 4 * 4], format="sqlite")
    assert await core.sessions.all(project.project_id) == []
