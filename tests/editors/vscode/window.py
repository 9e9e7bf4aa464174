"""A window of VS Code, driven as a person would: by keys, menus and what is on the screen."""

import asyncio
import os
import re
from pathlib import Path

from playwright.async_api import ElementHandle, Error, FrameLocator, Locator, Page, Position, expect
from playwright.async_api import TimeoutError as NothingCame

PATIENCE_MS = 90_000
_PICKER_MS = 15_000
_MENU_MS = 10_000
_AGAIN_MS = 5_000
_REMEMBER_WHAT_IS_TOLD = """
    window.told = [];
    new MutationObserver(() => {
      for (const { textContent } of document.querySelectorAll(".notification-list-item, .statusbar-item")) {
        if (!window.told.includes(textContent)) window.told.push(textContent);
      }
    }).observe(document, { childList: true, subtree: true, characterData: true });
"""
_REMEMBER_CLICKS = """
    (element) => element.ownerDocument.defaultView.addEventListener("click", ({ target }) => {
      element.wasClicked ||= element.contains(target);
    }, { capture: true });
"""
_TABS_ARE_KEPT = """
    async (label) => {
      const done = (request) => new Promise((resolve, reject) => {
        Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) });
      });
      const areKept = async () => {
        for (const { name } of await indexedDB.databases()) {
          if (!name.startsWith("vscode-web-state-db")) continue;
          const database = await done(indexedDB.open(name));
          const table = database.transaction("ItemTable").objectStore("ItemTable");
          const tabs = await done(table.get("memento/workbench.parts.editor"));
          database.close();
          if (tabs?.includes(label)) return true;
        }
        return false;
      };
      while (!(await areKept())) await new Promise((resolve) => setTimeout(resolve, 500));
    }
"""
_SHOWN = {
    "tabs": ".tab",
    "tree": ".customview-tree .monaco-list-row",
    "menu": ".monaco-menu .action-label",
    "picker": ".quick-input-widget .monaco-list-row",
    "notifications": ".notification-list-item",
    "dialog": ".monaco-dialog-box",
    "status": ".statusbar-item",
}
_THEMES = {
    "Dark 2026": "vs-dark",
    "Dark High Contrast": "hc-black",
    "Light High Contrast": "hc-light",
    "Light 2026": "vs",
}
PICTURES = os.environ.get("REJOINDER_PICTURES")
"""The folder that pictures go to; none are taken without it. Read before the tests' own environment is made."""

expect.set_options(timeout=PATIENCE_MS)


class Window:
    """One browser page with a folder open."""

    def __init__(self, page: Page, folder: Path, data: Path) -> None:
        self.page = page
        self.folder = folder
        self.data = data
        page.set_default_timeout(PATIENCE_MS)

    async def open(self, address: str) -> None:
        """Load the folder, and wait for the workbench and the extension."""
        await self.page.add_init_script(_REMEMBER_WHAT_IS_TOLD)
        await self.page.goto(f"{address}/?folder={self.folder}")
        await self.page.locator(".monaco-workbench .statusbar").wait_for()
        await self.status.wait_for()

    @property
    def status(self) -> Locator:
        """The extension's entry of the status bar."""
        return self.page.locator("#rejoinder\\.rejoinder\\.rejoinder\\.status, [id='rejoinder.rejoinder.status']").first

    @property
    def chat(self) -> FrameLocator:
        """The chat page."""
        return self.page.frame_locator("iframe.webview").frame_locator("#active-frame")

    @property
    def app(self) -> Locator:
        """The chat page's root."""
        return self.chat.locator("#app")

    @property
    def input(self) -> Locator:
        """Where one types to the model."""
        return self.chat.get_by_role("textbox", name="Message")

    def questions(self) -> Locator:
        return self.chat.locator(".turn.user")

    def answers(self) -> Locator:
        return self.chat.locator(".turn.assistant")

    def button(self, name: str) -> Locator:
        """A button of the chat page."""
        return self.chat.get_by_role("button", name=name, exact=True)

    def action(self, name: str) -> Locator:
        """A button of VS Code's own, beside a title."""
        return self.page.locator(f".action-label[aria-label^='{name}']").first

    async def open_chat(self, state: str = "ready") -> None:
        """Show the chat, and wait until it is in a state."""
        await self.command("Rejoinder: Open Chat")
        await expect(self.app).to_have_attribute("data-state", state)

    async def new_session(self) -> None:
        """Begin a session, and wait until it is the one that is shown."""
        await expect(self.app).to_have_attribute("data-session", re.compile("."))
        before = await self.app.get_attribute("data-session")
        await self.command("Rejoinder: New Session")
        await expect(self.app).not_to_have_attribute("data-session", str(before))

    async def command(self, title: str) -> None:
        """Run a command by its title, from the palette."""
        await self._choose("F1", f">{title}", title)

    async def open_file(self, name: str) -> None:
        """Show a file of the folder and put the cursor into it."""
        await self._choose("Control+p", name, name)
        await self.page.locator(f".tab.active[aria-label^='{name}']").wait_for()
        await self.page.locator(".editor-instance .monaco-editor.focused").wait_for()

    async def send(self, text: str) -> None:
        """Type a message and send it."""
        await self.input.fill(text)
        # an answer that is still coming in keeps the next question back, and so does a server that is on its way
        await expect(self.button("Send")).to_be_enabled()
        await self.input.press("Enter")

    async def press(self, what: Locator) -> None:
        """Click on something, and again where the click went nowhere.

        What is drawn anew between press and release gets no click. A person sees that, and clicks once more; what does
        its work when it is pressed may be gone by then, and stays away.
        """
        async with asyncio.timeout(PATIENCE_MS / 1000):
            element = await what.element_handle()
            while not await self._was_clicked(element):
                try:
                    element = await what.element_handle(timeout=_AGAIN_MS)
                except NothingCame:
                    return

    async def _was_clicked(self, element: ElementHandle) -> bool:
        """Click on something; False when it was drawn anew meanwhile."""
        try:
            await element.evaluate(_REMEMBER_CLICKS)
            await element.click()
        except NothingCame:
            raise
        except Error:
            return False
        try:
            return await element.evaluate("(element) => element.wasClicked === true")
        except Error:
            # what it stood in has closed
            return True

    async def menu(self, *path: str) -> None:
        """Choose from the context menu of the editor, opened on its first line."""
        # a click beside the selection would drop it
        await self.menu_of(self.page.locator(".editor-instance .view-line").first, *path, position={"x": 8, "y": 8})

    async def menu_of(self, what: Locator, *path: str, position: Position | None = None) -> None:
        """Choose from the context menu of something; one that does not come, or goes again, is opened once more."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while True:
                await what.click(button="right", position=position)
                try:
                    await self.choose(*path, patience_ms=_MENU_MS)
                    return
                except NothingCame:
                    await self.page.keyboard.press("Escape")

    async def choose(self, *path: str, patience_ms: int = PATIENCE_MS) -> None:
        """Choose from the menu that is open."""
        # by key: a menu that has just come up takes no clicks yet
        for name in path:
            entry = self.page.locator(".monaco-menu .action-label", has_text=name).first
            await entry.hover(timeout=patience_ms)
            await self.page.keyboard.press("Enter")

    @property
    def preview(self) -> Locator:
        """All changes of an answer, in one editor."""
        return self.page.locator(".monaco-component.multiDiffEditor")

    @property
    def quick_input(self) -> Locator:
        """The box of a picker that is open."""
        return self.page.locator(".quick-input-widget:visible input[type=text]").first

    @property
    def rows(self) -> Locator:
        """The rows of a picker that is open."""
        return self.page.locator(".quick-input-widget:visible .monaco-list-row")

    @property
    def notifications(self) -> Locator:
        return self.page.locator(".notification-list-item")

    async def notified(self, text: str) -> None:
        """Wait until a notification or the status bar has said something; it may be gone again by now."""
        await self.page.wait_for_function("text => window.told.some((told) => told.includes(text))", arg=text)

    async def reload_with(self, label: str) -> None:
        """Load the window anew once the tab with this label will come back.

        VS Code notes every few seconds which tabs are open, and not when its page goes.
        """
        async with asyncio.timeout(PATIENCE_MS / 1000):
            await self.page.evaluate(_TABS_ARE_KEPT, label)
        await self.page.reload()
        await expect(self.app).to_have_attribute("data-state", "ready")

    async def answer_notification(self, text: str, button: str) -> None:
        """Press a button of a notification, which is opened again if it has gone."""
        await self.notified(text)
        # a toast and the list may both show it for a moment
        item = self.notifications.filter(has_text=text).first
        if not await item.is_visible():
            await self.command("Notifications: Show Notifications")
        # it stays as long as the pointer is on it
        await item.hover()
        await self.press(item.get_by_role("button", name=button))

    async def words(self) -> str:
        """What is to be read, for a test that failed where nobody saw it."""
        shown = {name: await self.page.locator(what).all_inner_texts() for name, what in _SHOWN.items()}
        return "\n".join(f"{name}: {' | '.join(texts)}" for name, texts in shown.items() if texts)

    async def pictures(self, name: str) -> None:
        """A picture in each kind of theme, the light one last, if pictures are wanted."""
        for theme, kind in _THEMES.items() if PICTURES else ():
            await self.page.keyboard.press("Control+k")
            await self.page.keyboard.press("Control+t")
            await self.quick_input.fill(theme)
            # the theme of the chosen row is shown at once
            await self.page.locator(f".monaco-workbench.{kind}").wait_for()
            await self.quick_input.press("Enter")
            await expect(self.quick_input).to_have_count(0)
            await self.picture(f"{name}-{kind}")

    async def picture(self, name: str) -> None:
        """Keep what the window shows, if pictures are wanted."""
        if PICTURES:
            await self.page.screenshot(path=Path(PICTURES) / f"vscode-{name}.png", animations="disabled")

    async def _choose(self, key: str, text: str, row: str) -> None:
        """Open a picker by its key, type into it, and take the row that comes up.

        Typed only once the widget is there: a busy machine would lose the first letters. Taken only once the row is the
        chosen one: until the list is filtered, another is. What closes the picker meanwhile has it opened again.
        """
        chosen = self.page.locator(".quick-input-widget:visible .monaco-list-row.focused", has_text=row)
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while True:
                await self.page.keyboard.press(key)
                try:
                    await self.quick_input.fill(text, timeout=_PICKER_MS)
                    await chosen.wait_for(timeout=_PICKER_MS)
                    await self.quick_input.press("Enter", timeout=_PICKER_MS)
                    return
                except NothingCame:
                    await self.page.keyboard.press("Escape")
