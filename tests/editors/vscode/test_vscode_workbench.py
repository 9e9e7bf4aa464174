"""Around the chat: the sessions tree, the index's entry, a commit's message, the first steps."""

import json
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from e2e.kit import Home, home_in, sent_texts
from editors.vscode.kept import Kept, Shared
from editors.vscode.opening import open_window, settings_for
from editors.vscode.pool_project import POOL, SEVERAL, small_project
from editors.vscode.window import Window
from fake_model import FakeModel, Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 60
IGNORED = "notes.log"
OF_MINE = "```\nREADME.md\n<<<<<<< SEARCH\n# Pool\n=======\n# Ours\n>>>>>>> REPLACE\n```\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kept_bench(tmp_path_factory: pytest.TempPathFactory, extensions: Path) -> AsyncIterator[Kept]:
    """A window on a repository with many sessions, and another project with one."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[Shared]:
        root = tmp_path_factory.mktemp("workbench")
        project, elsewhere = small_project(root / "pool"), small_project(root / "elsewhere")
        repository(project)
        with home_in(root / "user") as home, FakeModel() as model:
            await begin(home, model, project, [f"Number {number:02}" for number in range(MANY)] + ["About the pool"])
            await begin(home, model, elsewhere, ["In another project"])
            settings = settings_for(model.url) | {"git.enabled": True, "rejoinder.retrieve": True}
            opening = open_window(project, home=home, data=root / "code", extensions=extensions, settings=settings)
            async with opening as window:
                await window.open_chat()
                yield Shared(window, home, model)

    kept = Kept(opening)
    yield kept
    await kept.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bench(kept_bench: Kept, request: pytest.FixtureRequest) -> AsyncIterator[Shared]:
    """The window on the repository."""
    async for shared in kept_bench.lend(request):
        yield shared


async def test_sessions_stand_in_a_tree_and_are_changed_there(bench: Shared) -> None:
    window = bench.window
    await window.open_file("pool.py")
    await window.command("Rejoinder: Show the Sessions View")
    pool = line(window, "About the pool")
    await expect(pool).to_have_attribute("aria-label", re.compile("just now, 1 message|minute"))
    await expect(line(window, "This File")).to_contain_text("pool.py")
    await expect(line(window, "Begin a session of this file")).to_be_visible()
    await window.picture("tree")

    # by keyboard alone
    await go(window, "Home", "ArrowDown", "About the pool")
    await window.page.keyboard.press("Shift+F10")
    await window.page.locator(".monaco-menu").wait_for()
    await go(window, "Home", "ArrowDown", "Rename Session", focused=ENTRIES)
    await window.page.keyboard.press("Enter")
    await expect(window.quick_input).to_have_value("About the pool")
    await window.quick_input.fill("Connections")
    await window.quick_input.press("Enter")
    named = line(window, "Connections")
    await expect(named).to_be_visible()

    # F2 and Delete are about the line with the focus, whichever is chosen
    shown = line(window, "Number 59")
    await window.press(shown)
    await expect(shown).to_have_attribute("aria-label", re.compile("shown in the chat"))
    await window.command("Rejoinder: Show the Sessions View")
    await window.page.locator(".customview-tree .monaco-list:focus").wait_for()
    await go(window, "Home", "ArrowDown", "Connections")
    await window.page.keyboard.press("F2")
    await expect(window.quick_input).to_have_value("Connections")
    await window.page.keyboard.press("Escape")
    await go(window, "Home", "ArrowDown", "Number 58")
    await window.page.keyboard.press("Delete")
    await window.answer_notification("Deleted “Number 58”", "Undo")
    await expect(line(window, "Number 58")).to_be_visible()
    await expect(shown).to_have_attribute("aria-label", re.compile("shown in the chat"))
    await expect(shown).to_have_class(re.compile("selected"))

    await window.menu_of(named, "Pin")
    await expect(line(window, "Connections")).to_have_attribute("aria-label", re.compile("pinned"))
    await window.press(line(window, "Connections"))
    await expect(window.app).to_have_attribute("data-session", re.compile("."))
    await expect(line(window, "Connections")).to_have_attribute("aria-label", re.compile("shown in the chat"))
    await window.menu_of(line(window, "Connections"), "Fork Session")
    await expect(window.page.locator(".customview-tree .monaco-list-row", has_text="Connections")).to_have_count(2)
    await window.picture("tree-menu")

    # another client's doings are seen here
    async with bench.home.editor(window.folder, model=bench.model) as other:
        listed = await other.call("session/list", limit=200)
        last = next(one for one in listed["sessions"] if one["name"] == "Number 59")
        await other.call("session/update", sessionId=last["sessionId"], name="Seen by two")
    gone = line(window, "Seen by two")
    await window.menu_of(gone, "Delete Session")
    await expect(gone).to_have_count(0)
    await window.answer_notification("Deleted “Seen by two”", "Undo")
    await expect(line(window, "Seen by two")).to_be_visible()
    await window.menu_of(line(window, "Seen by two"), "Archive")
    await expect(line(window, "Seen by two")).to_have_count(0)
    await collapse(window)
    await window.press(line(window, "Archived"))
    await expect(line(window, "Seen by two")).to_be_visible()

    # and those of all projects
    await collapse(window)
    for name in ("All Projects", "elsewhere", "In another project"):
        await window.press(line(window, name))
    await expect(window.questions()).to_contain_text(["In another project"])


async def test_several_sessions_are_exported_archived_and_thrown_away(bench: Shared) -> None:
    window = bench.window
    await window.open_file("pool.py")
    await collapse(window)
    await window.press(line(window, "This Project"))
    await expect(line(window, "Number 58")).to_be_visible()
    await window.page.keyboard.press("End")
    await window.press(line(window, "Show More…"))
    await expect(line(window, "Show More…")).to_have_count(0)
    await window.page.keyboard.press("End")
    await expect(line(window, "Number 00")).to_be_visible()
    await window.page.keyboard.press("Home")

    await both(window)
    await window.menu_of(line(window, "Number 57"), "Export Session…")
    await window.press(window.rows.filter(has_text="JSON"))
    await expect(window.quick_input).to_have_value(str(window.folder / "Number-57.json"))
    await window.picture("export")
    await window.quick_input.press("Enter")
    await window.answer_notification("Exported to Number-57.json", "Open")
    await window.page.locator(".tab.active[aria-label^='Number-57.json']").wait_for()
    exported = json.loads((window.folder / "Number-57.json").read_text())
    assert {one["session"]["name"] for one in exported["sessions"]} == {"Number 57", "Number 58"}

    await both(window)
    await window.menu_of(line(window, "Number 57"), "Archive")
    await expect(line(window, "Number 58")).to_have_count(0)
    await both(window, "Archived")
    await window.menu_of(line(window, "Number 57"), "Bring Back from the Archive")
    await expect(line(window, "Number 58")).to_have_count(0)
    await both(window, "This Project")
    await window.menu_of(line(window, "Number 57"), "Pin")
    await expect(line(window, "Number 58")).to_have_attribute("aria-label", re.compile("pinned"))
    await window.menu_of(line(window, "Number 57"), "Unpin")
    await expect(line(window, "Number 57")).not_to_have_attribute("aria-label", re.compile("pinned"))

    await both(window)
    await window.menu_of(line(window, "Number 57"), "Delete Session")
    await expect(line(window, "Number 58")).to_have_count(0)
    await collapse(window)
    await window.press(line(window, "Trash"))
    await window.menu_of(line(window, "Number 58"), "Delete Forever…")
    await window.picture("trash")
    await window.press(window.page.locator(".monaco-dialog-box").get_by_role("button", name="Delete Forever"))
    await expect(line(window, "Number 58")).to_have_count(0)
    await window.menu_of(line(window, "Number 57"), "Restore")
    await expect(line(window, "The trash is empty")).to_be_visible()
    await collapse(window)
    await window.press(line(window, "This Project"))
    await expect(line(window, "Number 57")).to_be_visible()


async def test_changes_are_undone_and_choices_kept_after_the_window_was_loaded_anew(bench: Shared) -> None:
    window, old, new = bench.window, bench.window.folder / "pool.py", bench.window.folder / "test_pool.py"
    mine, backups = window.folder / "README.md", window.data / "User" / "Backups"
    mine.write_text("# Pool\n\nNot committed.\n")
    await window.new_session()
    await window.press(window.button("Effort"))
    await window.press(window.rows.filter(has_text="High"))
    await window.button("High effort").wait_for()
    bench.model.script(Reply(text=f"{SEVERAL}\n{OF_MINE}"))
    await window.send("Can borrow run forever?")
    await window.press(window.button("Apply all changes"))
    await expect(window.preview).to_contain_text("README.md")
    await window.press(window.action("Apply Changes"))
    await window.answer_notification("3 files were changed.", "Save All")
    # until then what was not saved yet is brought back
    while old.read_text() == POOL or any(path.is_file() for path in backups.rglob("*")):
        await expect(window.page.locator(".tab.dirty")).to_have_count(0)

    await window.page.reload()
    await expect(window.app).to_have_attribute("data-state", "ready")
    await window.button("High effort").wait_for()
    await window.command("Rejoinder: Undo the Changes of an Answer")
    # what was committed is known, and nothing else: no text is kept on the disk
    await window.notified("2 files are as they were before.")
    await window.notified("What was in README.md before is not known since the window was loaded anew.")
    await window.picture("undone-anew")
    await expect(window.page.locator(".tab.dirty")).to_have_count(0)
    assert (old.read_text(), new.exists()) == (POOL, False)
    assert mine.read_text().startswith("# Ours")
    git(window.folder, "checkout", "README.md")


async def test_the_index_says_how_it_is_and_why_a_file_is_not_found(bench: Shared) -> None:
    window = bench.window
    entry = window.page.locator(".statusbar-item a[aria-label^='Index:']")
    await expect(entry).to_have_attribute("aria-label", re.compile(r"Index: ready, \d files, \d+ passages"))
    await window.press(entry)
    await window.rows.filter(has_text="Pause Indexing").wait_for()
    await window.picture("index")
    await window.press(window.rows.filter(has_text="Pause Indexing"))
    await expect(entry).to_have_attribute("aria-label", re.compile("Index: paused"))
    await window.command("Rejoinder: Resume Indexing")
    await expect(entry).to_have_attribute("aria-label", re.compile("Index: ready"))

    await window.command("View: Show Explorer")
    ignored = window.page.locator(".explorer-folders-view .monaco-list-row", has_text=IGNORED)
    await window.menu_of(ignored, "Rejoinder", "Why Is This File Found or Not?")
    await window.notified(f"{IGNORED} is not found: ignored by the pattern *.log (.gitignore:1).")
    await window.picture("index-explained")
    await window.open_file("pool.py")
    await window.command("Rejoinder: Why Is This File Found or Not?")
    await window.answer_notification("pool.py is found, in", "Index It Anew")
    await window.notified("Indexing pool.py anew")


async def test_a_commits_message_is_written_stopped_and_taken_back(bench: Shared) -> None:
    window, model = bench.window, bench.model
    (window.folder / "README.md").write_text("# Pool\n\nStaged words.\n")
    git(window.folder, "add", "README.md")
    (window.folder / "pool.py").write_text("# Not staged.\n")
    await window.press(window.page.get_by_role("tab", name=re.compile("^Source Control")))
    box = window.page.locator(".scm-editor .view-lines")
    await window.press(box)
    await window.page.keyboard.type("For #7")

    model.script(Reply(text="```text\nSay what the pool keeps\n\nIt was not clear.\n```"))
    await press_in_title(window, "Write a Commit Message")
    await expect(box).to_contain_text("It was not clear.")
    await expect(box).not_to_contain_text("```")
    await window.picture("commit")
    asked = sent_texts(model.requests[-1])[-1]
    assert "Staged words" in asked and "For #7" in asked and "Not staged" not in asked
    await window.answer_notification("A commit message was written.", "Undo")
    await expect(box).to_have_text("For\xa0#7")

    gate = model.gate()
    model.script(Reply(gate=gate))
    await press_in_title(window, "Write a Commit Message")
    writing = window.notifications.filter(has_text="Writing a message for what is staged")
    await window.press(writing.get_by_role("button", name="Cancel"))
    await expect(writing).to_have_count(0)
    await expect(box).to_have_text("For\xa0#7")
    gate.open()


async def test_the_first_steps_are_shown(bench: Shared) -> None:
    window = bench.window
    await window.command("Rejoinder: Get Started")
    steps = window.page.locator(".getting-started-step")
    await expect(steps).to_have_count(5)
    # beside the pictures there is room for nothing else
    await window.command("View: Close Primary Side Bar")
    for number, name in enumerate(("server", "question", "model", "sessions", "memory")):
        if number:
            await window.press(steps.nth(number))
        await expect(window.page.locator(".getting-started-media")).to_be_visible()
        await window.picture(f"walkthrough-{name}")


def line(window: Window, name: str) -> Locator:
    """A line of the sessions tree."""
    return window.page.locator(".customview-tree .monaco-list-row", has_text=name).first


async def both(window: Window, group: str = "") -> None:
    """Choose the sessions 57 and 58, in a group that is to be opened if one is named."""
    if group:
        await collapse(window)
        await window.press(line(window, group))
    await window.press(line(window, "Number 57"))
    await expect(line(window, "Number 57")).to_have_attribute("aria-label", re.compile("shown in the chat"))
    await line(window, "Number 58").click(modifiers=["Control"])
    for name in ("Number 57", "Number 58"):
        await expect(line(window, name)).to_have_attribute("aria-selected", "true")


async def collapse(window: Window) -> None:
    """Show the tree with its groups closed."""
    await window.command("Rejoinder: Show the Sessions View")
    await window.press(window.action("Collapse All"))
    await expect(window.page.locator(".customview-tree .monaco-list-row")).to_have_count(5)


LINES = ".customview-tree .monaco-list-row.focused"
ENTRIES = ".monaco-menu .action-item.focused"


async def go(window: Window, first: str, then: str, name: str, *, focused: str = LINES) -> None:
    """Go by key until what has the focus is the one that is meant."""
    await window.page.keyboard.press(first)
    for _ in range(MANY):
        if name in await window.page.locator(focused).inner_text():
            return
        await window.page.keyboard.press(then)
    raise AssertionError(f"{name!r} is not reached by {then}")


async def press_in_title(window: Window, name: str) -> None:
    """Press a button of the Git view's title, which are shown while the pointer is there."""
    await window.page.locator(".scm-view").first.hover()
    await window.press(window.action(name))


async def begin(home: Home, model: FakeModel, folder: Path, names: list[str]) -> None:
    """Sessions that were there before, each with a message that says its name."""
    async with home.editor(folder, model=model) as other:
        for name in names:
            messages = [{"role": "user", "content": name}]
            await other.call("session/create", name=name, messages=messages)


def repository(folder: Path) -> None:
    """Make a folder a repository with one commit, and a file in it that git ignores."""
    (folder / ".gitignore").write_text("*.log\n")
    (folder / IGNORED).write_text("Nothing.\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@localhost", "commit", "-qm", "Begin")


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
