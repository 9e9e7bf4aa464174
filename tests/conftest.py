"""What every test gets: folders of its own instead of the user's, and no proxies."""

import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

import llama


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only a test that is marked for it may start a real model; the others have `fake_model` and `fakes`."""
    llama.is_permitted = item.get_closest_marker("real_model") is not None


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: data, cache, configuration, logs and sockets of this test alone."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("REJOINDER_", "XDG_")) or name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("REJOINDER_IDLE_SECONDS", "0")
    return home


# how fast a machine makes examples says nothing about what is tested
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


class WholeFiles(LoadScopeScheduling):
    """A file goes to one process, and all that open VS Code to the same one: two at once would leave no room."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.split("::", 1)[0])
        return path.parent.name if path.parent.name == "vscode" else path.as_posix()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles:
    """How test files are dealt out where they run two at a time."""
    return WholeFiles(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Say how many tests were skipped, a failure in CI, and how a first try failed: it may be a fault of ours."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"first try of {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, and here nothing may be.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where every program is installed (CI), a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
