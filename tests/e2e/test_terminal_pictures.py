"""Images in a conversation on a real terminal: given with the command, and pasted as a path."""

import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_model import FakeModel
from pictures import JPEG, png
from rejoinder_client import Client
from terminal import Terminal


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project, with the engine running."""
    folder = tmp_path / "project"
    folder.mkdir()
    with Client(folders=[folder]):
        yield folder


def seen(request: Any) -> list[bytes]:
    """The images that reached the model."""
    contents = [message["content"] for message in request.json["messages"]]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [b64decode(url.partition("base64,")[2]) for url in urls]


def test_s1_07_cli_a_pasted_path_brings_its_image(project: Path, tmp_path: Path) -> None:
    (tmp_path / "a shot.png").write_bytes(png())
    (project / "first.jpg").write_bytes(JPEG)
    with FakeModel() as model:
        asking = ["--model", "openai-compatible:fake-vision", "--base-url", model.url, "--no-retrieve"]
        command = [sys.executable, "-m", "rejoinder", "chat", *asking, "--image", "first.jpg", "--new", "Shots"]
        with Terminal(command, folder=project) as terminal:
            terminal.wait_for("Shots ›")
            terminal.type("What is the first?\r")
            terminal.wait_for(" tokens · ")
            terminal.type("/clear\r")
            terminal.wait_for("Remove 2 messages")
            terminal.type("y")
            terminal.wait_for("Cleared.")
            terminal.type(f"'{tmp_path}/a shot.png' what is this?\r")
            terminal.wait_for(lambda: len(model.requests) == 2)
            terminal.wait_for(lambda: terminal.text.count(" tokens · ") == 2)
            terminal.type("exit\r")
            assert terminal.wait_for_end() == 0
        assert [seen(request) for request in model.requests] == [[JPEG], [png()]]
        blind = [sys.executable, "-m", "rejoinder", "chat", "--base-url", model.url, "--no-retrieve", "--new", "Blind"]
        with Terminal([*blind, "--model", "openai-compatible:fake"], folder=project) as terminal:
            terminal.wait_for("Blind ›")
            terminal.type(f"Where is {project}/first.jpg\r")
            terminal.wait_for("The path goes as text.")
            terminal.wait_for(" tokens · ")
            terminal.type("exit\r")
            assert terminal.wait_for_end() == 0
        assert seen(model.requests[2]) == [] and "first.jpg" in str(model.requests[2].json)
