"""Memory and knowledge as they are configured: by session and by setting, with providers and chunkers of one's own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Home, home_in, sent_texts
from e2e.python_kit import program
from fake_model import FakeModel
from rejoinder_client import RejoinderError

TEXT = "\n\n".join(f"Paragraph {number} tells of zebras and of harbour {number}. " * 4 for number in range(12))
OFF = {"memory": {"provider": "none"}, "knowledge": {"provider": "none"}}
ENTRY_POINTS = """\
[rejoinder.memory]
last = own_recall:Last
broken = own_recall:Broken

[rejoinder.knowledge]
last = own_recall:Last

[rejoinder.vector_stores]
nearest = own_recall:Nearest
broken = own_recall:Broken

[rejoinder.chunkers]
halves = own_recall:halves
"""
OWN_RECALL = '''\
"""Finds whatever it was told last, whoever asks."""

import json


class Last:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "told.jsonl"
        self._told = []

    def put(self, project_id, group, passages):
        self.drop(project_id, [group])
        self._told += [(project_id, group, passage) for passage in passages]
        self._save()

    def drop(self, project_id, groups):
        self._told = [told for told in self._told if not (told[0] == project_id and told[1] in groups)]
        self._save()

    def search(self, project_id, query, *, user_id, limit):
        found = [(group, passage["id"], 1.0) for project, group, passage in reversed(self._told)]
        return [("unknown", "0", 2.0), *found]

    def _save(self):
        self._file.write_text("".join(json.dumps(told) + "\\n" for told in self._told))


class Broken:
    def __init__(self, folder):
        pass

    def put(self, project_id, group, passages):
        raise RuntimeError("no connection")

    drop = search = put


class Nearest:
    """Compares in the order of coming, and writes down what it is asked and told."""

    def __init__(self, folder):
        self._file = folder / "told.txt"
        self._vectors = {}
        self._save()

    def put(self, ids, vectors):
        self._vectors.update(zip(ids, vectors.tolist()))
        self._save()

    def drop(self, ids):
        for number in ids:
            self._vectors.pop(number, None)
        self._save()

    def search(self, vector, limit):
        found = [(number, float(sum(a * b for a, b in zip(row, vector)))) for number, row in self._vectors.items()]
        return sorted(found, key=lambda one: -one[1])[:limit]

    def _save(self):
        self._file.write_text(f"{len(self._vectors)} vectors")


def halves(text, size):
    middle = len(text) // 2
    return [(0, middle), (middle, len(text))]
'''


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installed package with entry points, as an entry in the path of modules."""
    folder = tmp_path_factory.mktemp("packages")
    info = folder / "own_recall-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-recall\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "own_recall.py").write_text(OWN_RECALL)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, packages: Path) -> Iterator[Home]:
    """A home whose engine has that package."""
    with home_in(tmp_path_factory.mktemp("user")) as home:
        home.environment["PYTHONPATH"] += f":{packages}"
        yield home


def test_s4_09_py_a_session_has_a_chunker_and_a_chunk_size_of_its_own(home: Home, project: Path) -> None:
    (project / "zebras.md").write_text(TEXT)
    with program(home, project) as client:
        usual = client.session("usual")
        small = client.session("small", knowledge_config={"chunker": {"type": "paragraphs", "chunk_size": 300}})
        lines = client.session("lines", knowledge_config={"chunker": "lines", "chunk_size": 4000})
        counts = [session.add_knowledge("zebras.md").chunks for session in (usual, small, lines)]
        assert counts[0] < counts[1] == 12 and counts[2] == 1
        assert all(len(hit.text) <= 300 for hit in small.search_knowledge("harbour", limit=20))
        again = client.existing("small").refresh()
        assert again.knowledge is not None and again.knowledge.chunk_size == 300
        changed = client.session("small", knowledge_config={"chunker": "sentences", "chunk_size": 150})
        assert changed.add_knowledge("zebras.md").chunks > 12


def test_s4_09_setting_chunker_and_chunk_size(home: Home, project: Path) -> None:
    (project / "zebras.md").write_text(TEXT)
    options = {"trusted": True, "knowledge": {"chunker": "paragraphs", "chunkSize": 300}}
    with program(home, project, options=options) as client:
        assert client.knowledge.add("zebras.md").chunks == 12
        values = {setting.key: (setting.value, setting.source) for setting in client.config()}
        assert values["knowledge.chunkSize"] == (300, "initializationOptions")
        assert values["memory.provider"] == ("builtin", "default")


def test_s4_09_py_a_chunker_of_one_s_own_cuts(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", knowledge_config={"chunker": "halves"})
        assert session.add_knowledge("Zebras sleep. Harbours do not.", title="Zebras").chunks == 2
        other = client.session("t", knowledge_config={"chunker": "nothing-like-it"})
        with pytest.raises(RejoinderError, match="nothing-like-it") as caught:
            other.add_knowledge("Zebras sleep.", title="Zebras")
        assert caught.value.hint and other.knowledge.list() == []


def test_s4_09_py_a_session_whose_memory_is_off_remembers_and_recalls_nothing(
    home: Home, project: Path, model: FakeModel
) -> None:
    with program(home, project, model=model, options={"retrieve": True}) as client:
        client.session("on").store_long_memory("The zebra cache expires after nine minutes.")
        off = client.session("off", memory_config={"provider": "none"})
        with pytest.raises(RejoinderError, match="provider is `none`") as caught:
            off.store_long_memory("The zebra is gone.")
        assert caught.value.hint
        assert off.search_memory("zebra") == [] and off.get_memory_context("zebra") == ""
        for session_id, recalled in (("off", False), ("on", True)):
            client.session(session_id).run("When does the zebra cache expire?")
            assert any("nine minutes" in text for text in sent_texts(model.requests[-1])) is recalled
        kept = client.memory.list()
        assert [entry.text for entry in kept] == ["The zebra cache expires after nine minutes."]


async def test_s4_09_setting_memory_and_knowledge_off(home: Home, project: Path, model: FakeModel) -> None:
    options: dict[str, Any] = {"trusted": True, "retrieve": True, **OFF}
    with program(home, project) as client:
        client.memory.add("The zebra cache expires after nine minutes.")
        client.knowledge.add("The harbour opens after nine minutes.", title="Harbour")
    async with home.editor(project, model=model, options=options) as editor:
        for method, params in (
            ("memory/add", {"text": "Zebras sleep."}),
            ("knowledge/add", {"source": "Zebras sleep.", "title": "Zebras"}),
        ):
            error = await editor.refused(method, **params)
            assert error["code"] == -32602 and "none" in error["message"]
        assert (await editor.call("memory/search", query="zebra"))["hits"] == []
        assert (await editor.call("knowledge/search", query="harbour"))["hits"] == []
        assert (await editor.call("context", query="zebra harbour"))["text"] == ""
        hits = (await editor.call("search", query="zebra harbour"))["hits"]
        assert not {hit["source"] for hit in hits} & {"memory", "knowledge"}
        await editor.call("chat", text="When does the zebra cache expire? And the harbour?", sessionId="s")
        assert not any("nine minutes" in text for text in sent_texts(model.requests[-1]))
        assert len((await editor.call("memory/list"))["entries"]) == 1


async def test_s4_09_setting_a_workspace_that_is_not_trusted_names_no_provider(home: Home, project: Path) -> None:
    settings = {"memory": {"provider": "last", "path": str(project)}, "knowledge": {"chunker": "halves"}}
    async with home.editor(project, settings=settings) as editor:
        listed = (await editor.call("config"))["settings"]
        values = {setting["key"]: setting.get("value") for setting in listed}
        assert (values["memory.provider"], values["memory.path"]) == ("builtin", None)
        assert values["knowledge.chunker"] == "syntax"


def test_s4_09_py_a_provider_of_one_s_own_finds(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", memory_config={"provider": "last"}, knowledge_config={"provider": "last"})
        session.store_long_memory("Zebras sleep.")
        session.store_long_memory("Harbours do not.")
        assert {hit.text for hit in session.search_memory("anything")} == {"Harbours do not.", "Zebras sleep."}
        session.add_knowledge("Cranes stand.", title="Cranes")
        assert [hit.text for hit in session.search_knowledge("whatever")] == ["Cranes stand."]
        assert client.session("usual").search_memory("anything") == []


def test_s4_09_py_a_provider_sees_no_secret_and_returns_nothing_of_others(home: Home, project: Path) -> None:
    config = {"provider": "last"}
    with program(home, project) as client:
        for user in ("ann", "bob"):
            session = client.session("s", user_id=user, memory_config=config)
            session.store_long_memory(f"{user} has the key sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789")
        for user in ("ann", "bob"):
            found = client.session("s", user_id=user, memory_config=config).search_memory("key")
            assert [hit.text.split()[0] for hit in found] == [user]
    told = b"".join(path.read_bytes() for path in home.data.rglob("told.jsonl"))
    assert b"ann has the key" in told and b"sk-ant-api03" not in told


def test_s4_09_py_what_is_forgotten_is_gone_from_a_provider_of_before(
    fresh_home: Home, project: Path, packages: Path
) -> None:
    fresh_home.environment["PYTHONPATH"] += f":{packages}"
    with program(fresh_home, project) as client:
        session = client.session("s", memory_config={"provider": "last"})
        entry = session.store_long_memory("Zebras sleep.")
        assert session.search_memory("zebras")
        assert b"Zebras sleep." in fresh_home.everything_written()
    fresh_home.kill()
    with program(fresh_home, project) as client:
        client.memory.delete(entry.memory_id)
        told = b"".join(path.read_bytes() for path in fresh_home.data.rglob("told.jsonl"))
        assert b"Zebras sleep." not in told


@pytest.mark.parametrize("provider", ["broken", "nothing-like-it"])
def test_s4_09_py_a_provider_that_fails_is_an_error_and_keeps_no_turn_from_its_answer(
    home: Home, project: Path, model: FakeModel, provider: str
) -> None:
    with program(home, project, model=model, options={"retrieve": True}) as client:
        session = client.session("s", memory_config={"provider": provider})
        session.store_long_memory("Zebras sleep.")
        with pytest.raises(RejoinderError, match=provider) as caught:
            session.search_memory("zebras")
        assert caught.value.hint
        assert session.run("Do zebras sleep?").text
        assert [entry.text for entry in client.memory.list()] == ["Zebras sleep."]


def test_s4_09_py_words_alone_decide_without_vectors(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", memory_config={"vector_store": "none"})
        session.store_long_memory("The lorry is red.")
        assert [set(hit.parts) for hit in session.search_memory("lorry")] != []
        assert session.search_memory("truck vehicle") == []


def test_s4_09_py_a_vector_store_of_one_s_own_compares(fresh_home: Home, project: Path, packages: Path) -> None:
    fresh_home.environment["PYTHONPATH"] += f":{packages}"

    def told() -> list[str]:
        return [path.read_text() for path in fresh_home.root.rglob("told.txt")]

    with program(fresh_home, project) as client:
        own = client.session("own", memory_config={"vector_store": "nearest"})
        entries = [own.store_long_memory(text) for text in ("The lorry is red.", "Zebras sleep standing.")]
        while told() != ["2 vectors"]:  # until then words alone decide
            found = [hit.text for hit in own.search_memory("When do zebras rest?")]
        assert found == [hit.text for hit in client.session("usual").search_memory("When do zebras rest?")]
        assert found[0] == "Zebras sleep standing."
        client.memory.delete(entries[0].memory_id)
        assert told() == ["1 vectors"]
        broken = client.session("broken", memory_config={"vector_store": "broken"})
        with pytest.raises(RejoinderError, match="broken") as caught:
            broken.search_memory("zebras")
        assert caught.value.hint and own.search_memory("zebras")
    fresh_home.kill()
    with program(fresh_home, project) as client:
        client.memory.delete(entries[1].memory_id)
        assert told() == []


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"knowledge_config": {"chunk_size": 5}}, "chunkSize: 5"),
        ({"knowledge_config": {"chunk_sise": 500}}, "chunk_sise"),
        ({"memory_config": {"rag_db_path": "/tmp/x"}}, "rag_db_path"),
        ({"memory_config": {"provider": ""}}, "provider"),
        ({"knowledge_config": {"chunker": 5}}, "chunker"),
    ],
)
def test_s4_09_py_a_bad_configuration_is_named_and_no_session_is_made(
    home: Home, project: Path, config: Any, told: str
) -> None:
    with program(home, project) as client:
        with pytest.raises(RejoinderError, match=re.escape(told)) as caught:
            client.session("s", **config)
        assert caught.value.hint and not client.sessions.exists("s")
