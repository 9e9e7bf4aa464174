"""VS Code as it runs in a browser, with this project's extension in it.

`tests/tools/codeserver.sh` brings the program to `.tools/codeserver` of this checkout, and `npm ci` in `editors/vscode`
what the extension is built with.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / ".tools" / "codeserver"
EXTENSION = ROOT / "editors" / "vscode"
PATIENCE = 120.0

_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
_QUIET = {
    "workbench.startupEditor": "none",
    "workbench.enableExperiments": False,
    "workbench.tips.enabled": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "git.enabled": False,
    "remote.autoForwardPorts": False,
    "window.restoreWindows": "none",
    "files.autoSave": "off",
    "files.hotExit": "off",
    "editor.minimap.enabled": False,
    # a menu or list that fades out still takes what is typed
    "workbench.reduceMotion": "on",
    # on a busy machine the focus of an earlier step comes late, and would close what was opened since
    "workbench.quickOpen.closeOnFocusLost": False,
}


def missing() -> str:
    """What has to be installed first; empty when all is there."""
    if not (TOOLS / "code-server").exists() or not Path("/usr/bin/chromium").exists():
        return "VS Code in a browser is missing: run tests/tools/codeserver.sh"
    if not (EXTENSION / "node_modules" / "esbuild").exists():
        return "what the extension is built with is missing: run `npm ci` in editors/vscode"
    return ""


def install_extension(folder: Path) -> None:
    """Pack the extension by its one command, and install the package into a folder of extensions."""
    _run(["npm", "run", "--silent", "package"], cwd=EXTENSION)
    install_package(EXTENSION / "rejoinder.vsix", folder)


def install_package(package: Path, folder: Path) -> None:
    """Install any extension's package into a folder of extensions."""
    data = folder.parent / "installing"
    environment = {**os.environ, "HOME": str(data), "XDG_CONFIG_HOME": str(data / "config")}
    _run([*_program(data, folder), "--install-extension", str(package)], cwd=folder.parent, env=environment)


def pack(source: Path, package: Path) -> None:
    """Pack another extension, one that a test needs."""
    vsce = EXTENSION / "node_modules" / ".bin" / "vsce"
    options = ["--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", str(package)]
    _run([str(vsce), "package", *options], cwd=source)


@contextlib.asynccontextmanager
async def code_server(
    data: Path, extensions: Path, *, environment: Mapping[str, str], settings: Mapping[str, Any], locale: str = "en"
) -> AsyncIterator[str]:
    """The program with a user's data folder of its own; answers its address."""
    # settings of the scope `machine` are read from a file of their own
    for place in ("User", "Machine"):
        (data / place).mkdir(parents=True)
        (data / place / "settings.json").write_text(json.dumps(_QUIET | dict(settings)))
    command = [*_program(data, extensions), "--bind-addr", "127.0.0.1:0", "--auth", "none"]
    command += [
        "--locale",
        locale,
        "--disable-telemetry",
        "--disable-update-check",
        "--disable-getting-started-override",
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**environment, "VSCODE_CLI": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    reading = asyncio.create_task(_read(process, data / "server.log", listening := asyncio.Future[str]()))
    try:
        yield await asyncio.wait_for(listening, PATIENCE)
    finally:
        # the extension's host and everything that it started are of the same group
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        await process.wait()
        reading.cancel()
        await asyncio.wait([reading])


async def _read(process: asyncio.subprocess.Process, log: Path, listening: "asyncio.Future[str]") -> None:
    """Read what the program says to its end, so that it never blocks on it."""
    assert process.stdout is not None
    with log.open("wb") as file:
        async for line in process.stdout:
            file.write(line)
            file.flush()
            if not listening.done() and (found := _LISTENING.search(line.decode(errors="replace"))):
                listening.set_result(found[1])
    if not listening.done():
        listening.set_exception(RuntimeError(f"code-server did not start:\n{log.read_text()}"))


def _program(data: Path, extensions: Path) -> list[str]:
    return [str(TOOLS / "code-server"), "--user-data-dir", str(data), "--extensions-dir", str(extensions)]


def _run(command: list[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    command[0] = shutil.which(command[0]) or command[0]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE * 3)
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
