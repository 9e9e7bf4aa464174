/** What is remembered: added, listed with where it came from, corrected and forgotten. */

import * as vscode from "vscode";

import { show } from "../failures";
import type { MemoryAddParams, MemoryEntry, Origin } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Conversation } from "./conversation";
import { entryUri } from "./entries";
import type { Origins } from "./origins";
import { brief, since } from "./words";

interface Item extends vscode.QuickPickItem {
  entry: MemoryEntry;
}

const OPEN: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("go-to-file"), tooltip: vscode.l10n.t("Open where it came from") };
const EDIT: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("edit"), tooltip: vscode.l10n.t("Correct") };
const FORGET: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Forget") };

export class Memory {
  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly origins: Origins,
  ) {}

  /** Remember what is selected in the editor, or else what is typed. */
  async rememberSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const selected = editor && !editor.selection.isEmpty ? editor.document.getText(editor.selection) : "";
    if (editor && selected.trim()) {
      await this.add(selected, { uri: editor.document.uri.toString() });
      return;
    }
    const text = await vscode.window.showInputBox({ title: vscode.l10n.t("Remember for this project"), placeHolder: vscode.l10n.t("Releases are cut on Fridays") });
    if (text?.trim()) {
      await this.add(text, {});
    }
  }

  /** Remember something that stands in a message of the session that is shown. */
  async rememberMessage(text: string, messageId: string): Promise<void> {
    const { sessionId } = this.conversation.address;
    await this.add(text, { ...(sessionId ? { sessionId } : {}), messageId });
  }

  /** All that is remembered, to choose from. */
  async pick(): Promise<void> {
    const picker = vscode.window.createQuickPick<Item>();
    picker.title = vscode.l10n.t("Memory");
    picker.placeholder = vscode.l10n.t("What is remembered for this project; Enter says what can be done");
    picker.matchOnDetail = true;
    picker.busy = true;
    picker.onDidHide(() => picker.dispose());
    const then = (step: (entry: MemoryEntry) => Promise<void>, entry: MemoryEntry | undefined) => {
      picker.hide();
      if (entry) {
        step(entry).catch(show);
      }
    };
    picker.onDidAccept(() => then((entry) => this.decide(entry), picker.selectedItems[0]?.entry));
    picker.onDidTriggerItemButton(({ item, button }) => then((entry) => this.act(button, entry), item.entry));
    picker.show();
    try {
      picker.items = await this.items();
    } catch (error) {
      picker.hide();
      throw error;
    }
    if (!picker.items.length) {
      picker.placeholder = vscode.l10n.t("Nothing is remembered yet: “Rejoinder: Remember…”, or the button below an answer");
    }
    picker.busy = false;
  }

  private async add(text: string, source: Pick<MemoryAddParams, "sessionId" | "messageId" | "uri">): Promise<void> {
    const { projectId } = this.conversation.address;
    const entry = await this.server.request("MEMORY_ADD", { text, ...source, ...(projectId ? { projectId } : {}) });
    const [undo, correct] = [vscode.l10n.t("Undo"), vscode.l10n.t("Correct")];
    // not waited for: it stays until somebody answers
    void vscode.window.showInformationMessage(vscode.l10n.t("Remembered: “{0}”", brief(entry.text)), undo, correct).then(async (picked) => {
      if (picked === undo) {
        await this.forget(entry).catch(show);
      } else if (picked === correct) {
        await this.correct(entry).catch(show);
      }
    });
  }

  /** What a mouse does by the buttons of a line, a keyboard does here. */
  private async decide(entry: MemoryEntry): Promise<void> {
    const choices = buttonsOf(entry).map((button) => ({ label: button.tooltip ?? "", button }));
    const picked = await vscode.window.showQuickPick(choices, { title: brief(entry.text) });
    if (picked) {
      await this.act(picked.button, entry);
    }
  }

  private async act(button: vscode.QuickInputButton, entry: MemoryEntry): Promise<void> {
    if (button === OPEN) {
      await this.origins.open(entry.source ?? {});
    } else if (button === EDIT) {
      await this.correct(entry);
    } else if (button === FORGET) {
      const yes = vscode.l10n.t("Forget");
      const question = vscode.l10n.t("Forget “{0}”?", brief(entry.text));
      const detail = vscode.l10n.t("It is taken out of the memory for good, and out of the index.");
      if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes) {
        await this.forget(entry);
        vscode.window.setStatusBarMessage(vscode.l10n.t("Forgotten."), 5000);
      }
    }
  }

  private async correct(entry: MemoryEntry): Promise<void> {
    await vscode.window.showTextDocument(entryUri(entry), { preview: false });
  }

  private async forget({ memoryId }: MemoryEntry): Promise<void> {
    const { projectId } = this.conversation.address;
    await this.server.request("MEMORY_DELETE", { memoryId, ...(projectId ? { projectId } : {}) });
  }

  private async items(): Promise<Item[]> {
    const { projectId } = this.conversation.address;
    const [{ entries }, nameOf] = await Promise.all([
      this.server.request("MEMORY_LIST", { limit: 1000, ...(projectId ? { projectId } : {}) }),
      this.origins.names(),
    ]);
    return entries.map((entry) => itemOf(entry, nameOf(entry.source)));
  }
}

function itemOf(entry: MemoryEntry, origin: string): Item {
  const age = since(entry.createdAt);
  return {
    label: brief(entry.text),
    description: entry.kind === "short" ? vscode.l10n.t("short term, {0}", age) : age,
    ...(origin ? { detail: origin } : {}),
    buttons: buttonsOf(entry),
    entry,
  };
}

function buttonsOf({ source }: MemoryEntry): vscode.QuickInputButton[] {
  const hasOrigin = (origin: Origin | undefined) => Boolean(origin?.sessionId ?? origin?.uri);
  return [...(hasOrigin(source) ? [OPEN] : []), EDIT, FORGET];
}
