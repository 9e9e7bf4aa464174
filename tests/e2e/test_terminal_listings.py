"""Listings as JSON, which the terminal prints as they came over the wire."""

import json
import subprocess
import sys
from pathlib import Path

from e2e.command import Command
from e2e.kit import Home

SESSIONS = 53
"""More than are on one page."""

SLOW = {"asyncio", "attr", "cattrs", "orjson", "rejoinder.protocol", "rejoinder_client.async_client"}
"""What a listing has no time to load."""


async def test_listings_are_those_of_the_whole_command(home: Home, project: Path) -> None:
    rejoinder = Command(home, project)
    async with home.editor(project) as editor:
        for number in range(SESSIONS):
            await editor.call("session/create", name=f"é {number}")
        whole = rejoinder.json("session", "list", "--project", str(project))
        assert len(whole["sessions"]) == SESSIONS
        assert rejoinder.json("session", "list") == whole
        assert rejoinder.json("project", "list") == rejoinder.json("project", "list", "--project", str(project))
        assert rejoinder.json("models") == rejoinder.json("models", "--project", str(project))
        assert rejoinder("session", "list", "--json", LC_ALL="C").out.count("é ") == SESSIONS


def test_a_listing_loads_nothing_slow(home: Home, project: Path) -> None:
    program = (
        "import sys; from rejoinder.cli import main; code = main(['session', 'list', '--json']);"
        f"print(sorted({SLOW!r} & sys.modules.keys()), file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=project, env=home.environment, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr.strip()) == (0, "[]")
    assert json.loads(ran.stdout) == {"sessions": []}


def test_a_listing_that_fails_says_so_like_any_command(home: Home, project: Path) -> None:
    rejoinder = Command(home, project)
    home.data.mkdir(parents=True, exist_ok=True)
    missing = str(project / "file")
    Path(missing).write_text("")
    failed = rejoinder("session", "list", "--json", code=1, REJOINDER_DATA_DIR=missing)
    assert "dataDir" in failed.err and "Traceback" not in failed.err
