"""Knowledge: a file from the explorer's menu, a page by its address; listed and removed."""

import pytest
from playwright.async_api import expect

from editors.vscode.kept import Shared
from editors.vscode.window import Window
from editors.web_page import web_page

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_file_of_the_explorer_is_added_and_removed(window: Window, shared: Shared) -> None:
    await window.command("View: Show Explorer")
    readme = window.page.locator(".explorer-folders-view .monaco-list-row", has_text="README.md")
    await window.menu_of(readme, "Rejoinder", "Add to the Knowledge")
    await window.notified("Added README.md: 1 passage.")
    assert await known(shared) == ["README.md"]
    await window.open_chat()

    await window.command("Rejoinder: Show Knowledge")
    await window.rows.filter(has_text="README.md").wait_for()
    await window.picture("knowledge")
    await window.quick_input.press("Enter")
    # by its name: a row that is drawn anew may show the text of another one for a moment
    await window.press(window.rows.and_(window.page.get_by_role("option", name="Open", exact=True)))
    await window.page.locator(".tab.active[aria-label^='README.md']").wait_for()

    await window.command("Rejoinder: Show Knowledge")
    row = window.rows.filter(has_text="README.md")
    await row.hover()
    await window.press(row.locator("[aria-label='Remove']"))
    dialog = window.page.locator(".monaco-dialog-box")
    await window.press(dialog.get_by_role("button", name="Remove"))
    await expect(dialog).to_have_count(0)
    while await known(shared):
        pass


async def test_a_page_of_ones_own_network_is_fetched_after_a_yes(window: Window, shared: Shared) -> None:
    with web_page() as address:
        await window.command("Rejoinder: Add a Page to the Knowledge")
        await window.quick_input.fill(address)
        await window.quick_input.press("Enter")
        dialog = window.page.locator(".monaco-dialog-box")
        await expect(dialog).to_contain_text("127.0.0.1")
        await window.picture("private-page")
        await window.press(dialog.get_by_role("button", name="Fetch It Anyway"))
        await window.notified("Added Release notes: 1 passage.")
    assert await known(shared) == ["Release notes"]
    async with shared.home.editor(window.folder, model=shared.model) as other:
        await other.call("knowledge/clear")


async def test_a_page_that_does_not_come_is_given_up(window: Window, shared: Shared) -> None:
    with web_page(comes=False) as address:
        await window.command("Rejoinder: Add a Page to the Knowledge")
        await window.quick_input.fill(address)
        await window.quick_input.press("Enter")
        await window.press(window.page.locator(".monaco-dialog-box").get_by_role("button", name="Fetch It Anyway"))
        adding = window.notifications.filter(has_text="Adding notes.html to the knowledge")
        await expect(adding).to_have_count(1)
        await window.press(adding.get_by_role("button", name="Cancel"))
        await expect(adding).to_have_count(0)
        assert await known(shared) == []


async def known(shared: Shared) -> list[str]:
    """What another client of the same user finds in the knowledge."""
    async with shared.home.editor(shared.window.folder, model=shared.model) as other:
        return [item["title"] for item in (await other.call("knowledge/list"))["knowledge"]]
