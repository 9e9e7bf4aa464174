"""VS Code in German: the extension's menus, messages and chat page speak it too."""

import json
from pathlib import Path

from playwright.async_api import expect

from editors.vscode.opening import Opener
from fake_model import FakeModel


def have_german(data: Path) -> None:
    """What VS Code keeps of a language pack that is installed. This one leaves VS Code's own words as they are."""
    pack = data / "german.i18n.json"
    data.mkdir()
    pack.write_text(json.dumps({"contents": {}}))
    by = [{"extensionIdentifier": {"id": "test.german"}, "version": "1.0.0"}]
    known = {"hash": "1", "extensions": by, "translations": {"vscode": str(pack)}, "label": "Deutsch"}
    (data / "languagepacks.json").write_text(json.dumps({"de": known}))


async def test_the_extension_speaks_german(opened: Opener, model: FakeModel, tmp_path: Path) -> None:
    have_german(tmp_path / "code")
    window = await opened(model=model, locale="de")
    # from package.nls.de.json
    await window.command("Rejoinder: Chat öffnen")
    await expect(window.app).to_have_attribute("data-state", "ready")

    # the page has its words by the extension
    message = window.chat.get_by_role("textbox", name="Nachricht")
    await expect(message).to_have_attribute("placeholder", "Fragen Sie zu diesem Projekt")
    await expect(window.chat.locator("html")).to_have_attribute("lang", "de")
    await message.fill("Was ist das?")
    await window.press(window.button("Senden"))
    await expect(window.button("Antwort kopieren")).to_be_visible()
    await window.picture("german")

    # and so has what the extension shows itself, also what it says once when it is loaded
    status = window.status.locator("a")
    await expect(status).to_have_attribute("aria-label", "Rejoinder: bereit, Modell: fake. Anderes auswählen")
    await window.command("Rejoinder: Sitzungen anzeigen…")
    row = window.rows.filter(has_text="Was ist das?")
    await expect(row).to_contain_text("2 Nachrichten")
    await row.hover()
    await expect(row.get_by_role("button", name="Umbenennen")).to_be_visible()
    await window.picture("german-sessions")
