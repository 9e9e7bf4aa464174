"""Tab in a shell."""

import sys
from pathlib import Path

import pytest

from rejoinder_client import Client
from terminal import Terminal


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the command in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "rejoinder"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m rejoinder "$@"\n')
    command.chmod(0o755)
    return folder


def test_commands_options_and_session_names_are_completed(tmp_path: Path, programs: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "PS1": "> ", "INPUTRC": "/dev/null"}
    with Client(folders=[project]) as client:
        client.session("quarterly_plans")
        with Terminal(["bash", "--norc", "-i"], folder=project, environment=environment) as terminal:
            terminal.wait_for(">")
            terminal.type('eval "$(rejoinder completion bash)"; echo rea""dy\r')
            terminal.wait_for("ready")
            terminal.type("rejoinder ses\t")
            terminal.wait_for("> rejoinder session")
            terminal.type("sh\t")
            terminal.wait_for("> rejoinder session show")
            terminal.type("quart\t")
            terminal.wait_for("> rejoinder session show quarterly_plans")
            terminal.type("--js\t")
            terminal.wait_for("--json")


def test_tab_starts_no_engine(tmp_path: Path, programs: Path, private_home: Path) -> None:
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "PS1": "> ", "INPUTRC": "/dev/null"}
    with Terminal(["bash", "--norc", "-i"], folder=tmp_path, environment=environment) as terminal:
        terminal.wait_for(">")
        terminal.type('eval "$(rejoinder completion bash)"; echo rea""dy\r')
        terminal.wait_for("ready")
        terminal.type("rejoinder session show a\tb")
        terminal.wait_for("rejoinder session show ab")
    assert not (private_home / "data").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    from rejoinder_client.cli import main

    assert main(["completion", shell]) == 0
    assert "rejoinder" in capsys.readouterr().out
