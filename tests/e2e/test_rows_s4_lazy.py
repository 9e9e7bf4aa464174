"""Memory and knowledge cost nothing until they are used; a program may save by itself, and in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.kit import Home
from e2e.python_kit import program, texts
from fake_model import FakeModel
from rejoinder.engine.claim import read_holder
from rejoinder_client import Client, Message, RejoinderError, Session, open_pipe

HEAVY = ("pypdfium2", "selectolax", "docx", "openpyxl", "pptx", "numpy", "hnswlib", "tree_sitter")
RECALL_FILES = ("recall", "providers", "records")


def children_of(home: Home) -> list[str]:
    """The commands of the processes that the engine has started."""
    holder = read_holder(home.data)
    assert holder is not None
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(holder.pid)], capture_output=True, text=True).stdout
    return listed.splitlines()


def loaded_by(home: Home) -> str:
    """The libraries that the engine has in its memory."""
    holder = read_holder(home.data)
    assert holder is not None
    return Path(f"/proc/{holder.pid}/maps").read_text()


def files_of_recall(home: Home) -> list[Path]:
    """What lies on the disk for memory and knowledge."""
    return [path for path in home.root.rglob("*") if path.name in RECALL_FILES]


def test_s4_08_py_memory_and_knowledge_cost_nothing_until_they_are_used(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    with program(fresh_home, project, model=model) as client:
        session = client.session("s")
        assert session.memory is not None and session.knowledge is not None
        session.set_state("a", 1)
        assert (children_of(fresh_home), files_of_recall(fresh_home)) == ([], [])
        assert not any(f"/{name}" in loaded_by(fresh_home) for name in HEAVY)
        session.store_long_memory("The zebra cache expires after nine minutes.")
        assert children_of(fresh_home) == []
        assert session.search_memory("zebra cache") and len(children_of(fresh_home)) == 1
        assert files_of_recall(fresh_home)


def test_s4_08_py_the_client_imports_neither_memory_nor_knowledge_of_its_own_accord() -> None:
    script = "import sys, rejoinder_client; rejoinder_client.Session; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "rejoinder_client.session" in loaded
    own = ("rejoinder.services", "rejoinder.adapters", "rejoinder.index")
    assert not {name for name in loaded if name.startswith(own)}
    assert not {name for name in loaded if name.split(".")[0] in HEAVY}


def test_s4_08_py_without_auto_save_state_waits_until_it_is_saved(home: Home, project: Path) -> None:
    with program(home, project) as client:
        elsewhere = client.session("s")
        elsewhere.save_state({"a": 1, "b": 2})
        session = client.session("s", auto_save=False)
        session.set_state("a", [1])
        session.update_state({"c": 3})
        session.clear_state("b")
        assert session.state == session.restore_state() == {"a": [1], "c": 3}
        assert (session.get_state("b", "none"), session.get_state("c"), session.is_saved) == ("none", 3, False)
        assert elsewhere.state == {"a": 1, "b": 2}
        elsewhere.set_state("d", 4)
        assert session.save() == [] and session.is_saved
        assert elsewhere.state == session.state == {"a": [1], "c": 3, "d": 4}
        session.clear_state()
        session.set_state("e", 5)
        assert (session.state, len(elsewhere.state)) == ({"e": 5}, 3)
        session.save()
        assert elsewhere.state == {"e": 5}
        session.set_state("f", 6)
        session.save_state({"whole": True})
        assert session.is_saved and elsewhere.state == {"whole": True}


def test_s4_08_py_what_cannot_be_saved_goes_on_waiting(home: Home, project: Path) -> None:
    with program(home, project) as client:
        session = client.session("s", auto_save=False)
        session.set_state("a", 1)
        session.add(Message.user("Waiting"))
        client.sessions.delete("s", permanent=True)
        with pytest.raises(RejoinderError):
            session.save()
        assert not session.is_saved
        client.session("s")
        assert len(session.save()) == 1
        assert (session.state, texts(session.messages), session.is_saved) == ({"a": 1}, ["Waiting"], True)


def test_s4_08_py_without_auto_save_messages_wait_and_go_before_the_next_turn(
    home: Home, project: Path, model: FakeModel
) -> None:
    with program(home, project, model=model) as client:
        session = client.session("s", auto_save=False)
        assert session.add(Message.user("One"), Message.assistant("Two")) == []
        assert session.messages == [] and not session.is_saved
        session.run("Three?")
        assert texts(session.messages)[:3] == ["One", "Two", "Three?"] and session.is_saved
        session.add(Message.user("Four"))
        (added,) = session.save()
        assert session.messages[-1].message_id == added
        session.add(Message.user("Gone"))
    with program(home, project) as client:
        assert "Gone" not in texts(client.session("s").messages)


def test_s4_08_py_sessions_lie_in_the_folder_that_is_named(
    fresh_home: Home, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in fresh_home.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REJOINDER_IDLE_SECONDS", "0")
    monkeypatch.chdir(project)
    storage = project.parent / "own storage"
    with Session("my_app", storage_path=storage, user_id="ann") as session:
        session.set_state("installed", True)
        assert (session.session_dir, session.is_remote, session.user_id) == (storage, False, "ann")
        with pytest.raises(TypeError), Client(open_pipe(data_dir=storage)) as client:
            Session("my_app", client=client, storage_path=storage)
    assert not (fresh_home.data / "projects").exists() and any(storage.rglob("*.jsonl"))
    with Session("my_app", storage_path=storage, user_id="ann") as session:
        assert session.get_state("installed") is True


def test_s4_08_py_a_session_that_nobody_closes_ends_with_its_program(fresh_home: Home, project: Path) -> None:
    script = "from rejoinder_client import Session\nSession('s').set_state('a', 1)\nprint(Session('s').state)"
    environment = {**os.environ, **fresh_home.environment}
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=project, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "{'a': 1}\n", "")
