"""Agents as files: what is read of them, and what never is."""

import os
from pathlib import Path

import pytest

from rejoinder.adapters.agent_files import agent_files
from rejoinder.adapters.markdown_files import LARGEST

WHOLE = """---
name: Researcher
role: Finds facts
tools: [read_file, search]
knowledge:
  - manual.pdf
model:
---

You cite each fact.
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".rejoinder" / "agents").mkdir(parents=True)
    return folder


def fault(own: Path, name: str = "a") -> str:
    read = agent_files(own).own()
    assert [agent.name for agent in read.found] == []
    return read.faults[name]


def test_a_file_is_an_agent(own: Path) -> None:
    (own / "researcher.md").write_text(WHOLE)
    (own / "plain.md").write_text("You are plain.")
    (own / "empty.md").write_text("")
    (own / "notes.txt").write_text("nothing of ours")
    read = agent_files(own).own()
    by_name = {agent.name: agent for agent in read.found}
    assert set(by_name) == {"Researcher", "plain", "empty"} and not read.faults
    agent = by_name["Researcher"]
    assert (agent.role, agent.tools, agent.knowledge) == ("Finds facts", ("read_file", "search"), ("manual.pdf",))
    assert agent.instructions == "You cite each fact." and agent.model is None and agent.source == "user"
    assert by_name["plain"].instructions == "You are plain."


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("begins", ["﻿", ""])
def test_line_ends_and_a_byte_order_mark_do_not_matter(own: Path, ends: str, begins: str) -> None:
    (own / "a.md").write_bytes((begins + "---\nrole: R\n---\nBody\n").replace("\n", ends).encode())
    (agent,) = agent_files(own).own().found
    assert (agent.role, agent.instructions) == ("R", "Body")


def test_a_file_without_a_body_and_one_whose_body_has_a_line(own: Path) -> None:
    (own / "a.md").write_text("---\nrole: R\n---")
    (own / "b.md").write_text("---\nrole: 2024-13-45\nmodel: yes\ntools:\n---\nOne\n\n---\n\nTwo\n")
    first, second = agent_files(own).own().found
    assert first.instructions is None and second.instructions == "One\n\n---\n\nTwo"
    assert (second.role, second.model, second.tools) == ("2024-13-45", "yes", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\nrolle: x\n---\n", "'rolle'"),
        ("---\nrole: [x\n---\n", "no YAML"),
        ("---\n- x\n---\n", "no YAML table"),
        ("---\nrole: {a: 1}\n---\n", "`role`"),
        ("---\nname: other\n---\n", "`name`"),
        ("---\nname: ../../etc/passwd\n---\n", "`name`"),
        ("---\ninstructions: x\n---\ny", "twice"),
        ("---\nrole: !!python/object/apply:os.system [id]\n---\n", "`role`"),
        ("---\nx: " + "[" * 2_000 + "\n---\n", "too many brackets"),
        ("---\na: &a [x]\nb: &b [*a, *a]\ntools: [*b, *b]\n---\n", "'a'"),
        ("---\nx: " + "[" * 20_000 + "\n---\n", "longer than"),
        ("---\nx:\n " + "- " * 3_900 + "\n---\n", "no YAML"),
        ("---\n? [a]\n: b\n---\n", "no YAML"),
    ],
)
def test_a_file_with_wrong_keys_is_named_with_what_is_wrong(own: Path, text: str, told: str) -> None:
    (own / "a.md").write_text(text)
    assert told in fault(own) and "a.md" in fault(own)


def test_a_file_that_is_no_text_or_far_too_large_is_not_read(own: Path) -> None:
    (own / "a.md").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in fault(own)
    with (own / "a.md").open("wb") as file:
        file.truncate(10 * 1024 * 1024)
    assert str(LARGEST) in fault(own)


def test_what_is_no_file_is_not_waited_for(own: Path, project: Path) -> None:
    os.mkfifo(own / "a.md")
    (own / "b.md").mkdir()
    read = agent_files(own).own()
    assert set(read.faults) == {"a", "b"} and not read.found


def test_a_name_that_is_none_does_not_count(own: Path) -> None:
    (own / "a,b.md").write_text("x")
    assert "a,b" in fault(own, "a,b")


def test_a_file_is_read_again_when_it_has_changed(own: Path) -> None:
    files = agent_files(own)
    (own / "a.md").write_text("One")
    assert files.own().found[0].instructions == "One"
    (own / "a.md").write_text("Two, and longer")
    assert files.own().found[0].instructions == "Two, and longer"
    (own / "a.md").unlink()
    assert not files.own().found


def test_people_may_link_their_own_agents_and_projects_may_not(own: Path, project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("A secret")
    for folder in (own, project / ".rejoinder" / "agents"):
        (folder / "a.md").symlink_to(tmp_path / "secret")
        (folder / "loop.md").symlink_to("loop.md")
    files = agent_files(own)
    assert [agent.instructions for agent in files.own().found] == ["A secret"]
    assert set(files.own().faults) == {"loop"}
    assert not files.of(project).found and set(files.of(project).faults) == {"a", "loop"}


def test_a_folder_that_leads_out_of_the_project_has_no_agents(own: Path, tmp_path: Path) -> None:
    (own / "a.md").write_text("Mine")
    project = tmp_path / "other"
    (project / ".rejoinder").mkdir(parents=True)
    (project / ".rejoinder" / "agents").symlink_to(own)
    files = agent_files(own)
    assert not files.of(project).found and not files.names_in(project)


def test_names_are_told_without_reading_a_file(own: Path, project: Path) -> None:
    path = project / ".rejoinder" / "agents" / "local.md"
    path.write_text("You are local.")
    path.chmod(0)
    files = agent_files(own)
    assert list(files.names_in(project)) == ["local"]
    path.chmod(0o600)
    (agent,) = files.of(project).found
    assert agent.source == "project"


def test_there_need_not_be_a_folder(tmp_path: Path) -> None:
    files = agent_files(tmp_path / "none")
    assert not files.own().found and not files.of(tmp_path).found and not files.names_in(tmp_path)
