/** Documents, folders, pages and texts that are looked up in every turn: added with progress, listed, removed. */

import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { ResponseError } from "vscode-languageclient/node";

import * as places from "../editor/places";
import { show } from "../failures";
import { ERRORS, type Knowledge as Item, type KnowledgeAddParams } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Conversation } from "./conversation";
import { since } from "./words";

const REMOVE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Remove") };

export class Knowledge {
  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
  ) {}

  /** Add files and folders: those that a menu was opened on, or else chosen ones. */
  async addFiles(uri?: vscode.Uri, all?: vscode.Uri[]): Promise<void> {
    const chosen = all?.length ? all : uri ? [uri] : await askFiles();
    for (const { fsPath } of chosen ?? []) {
      // whoever points at a file means it, wherever it lies
      await this.add({ source: fsPath, allowOutside: true });
    }
  }

  /** Add a page by its address. It is fetched now, and not again by itself. */
  async addPage(): Promise<void> {
    const source = await vscode.window.showInputBox({
      title: vscode.l10n.t("Add a page to the knowledge"),
      placeHolder: "https://…",
      prompt: vscode.l10n.t("It is fetched once, now."),
      validateInput: (text) => (/^https?:\/\/\S+$/i.test(text.trim()) ? null : vscode.l10n.t("An address begins with https:// or http://.")),
    });
    if (source) {
      const params: KnowledgeAddParams = { source: source.trim(), kind: "url" };
      try {
        await this.add(params);
      } catch (error) {
        if (await isMeantAnyway(error)) {
          await this.add({ ...params, allowPrivate: true });
        } else if (!isNotTrusted(error)) {
          throw error;
        }
      }
    }
  }

  /** All that was added, to be opened or removed. */
  async pick(): Promise<void> {
    const { knowledge } = await this.server.request("KNOWLEDGE_LIST", this.project());
    const picker = vscode.window.createQuickPick<vscode.QuickPickItem & { item: Item }>();
    picker.title = vscode.l10n.t("Knowledge");
    picker.placeholder = knowledge.length
      ? vscode.l10n.t("What is looked up in every turn; Enter says what can be done")
      : vscode.l10n.t("Nothing was added yet: “Rejoinder: Add a File or Folder to the Knowledge…”");
    picker.matchOnDetail = true;
    picker.items = knowledge.map((item) => ({ ...lineOf(item), item }));
    picker.onDidHide(() => picker.dispose());
    picker.onDidAccept(() => {
      const item = picker.selectedItems[0]?.item;
      picker.hide();
      if (item) {
        this.decide(item).catch(show);
      }
    });
    picker.onDidTriggerItemButton(({ item: { item } }) => {
      picker.hide();
      this.remove(item).catch(show);
    });
    picker.show();
  }

  private async decide(item: Item): Promise<void> {
    const [toOpen, toRemove] = [vscode.l10n.t("Open"), vscode.l10n.t("Remove")];
    const choices = [...(item.kind === "file" || item.kind === "url" ? [toOpen] : []), toRemove];
    const picked = await vscode.window.showQuickPick(choices, { title: item.title });
    if (picked === toOpen) {
      await open(item);
    } else if (picked === toRemove) {
      await this.remove(item);
    }
  }

  private async remove({ knowledgeId, title }: Item): Promise<void> {
    const yes = vscode.l10n.t("Remove");
    const detail = vscode.l10n.t("Answers do not look into it any more. The file or page itself stays as it is.");
    const question = vscode.l10n.t("Remove “{0}” from the knowledge?", title);
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes) {
      await this.server.request("KNOWLEDGE_REMOVE", { knowledgeId, ...this.project() });
    }
  }

  private async add(params: KnowledgeAddParams): Promise<void> {
    const title = vscode.l10n.t("Adding {0} to the knowledge", params.source.split(/[/\\]/).at(-1) || params.source);
    const added = await this.server.requestWithProgress("KNOWLEDGE_ADD", { ...params, ...this.project() }, title);
    if (added?.error) {
      void vscode.window.showWarningMessage(`${added.title}: ${added.error}`);
    } else if (added) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Added {0}: {1}.", added.title, passages(added)));
    }
  }

  private project(): { projectId?: string } {
    const { projectId } = this.conversation.address;
    return projectId ? { projectId } : {};
  }
}

async function open({ kind, source }: Item): Promise<void> {
  if (kind === "url") {
    await places.openLink(source);
  } else {
    // what lies in the project is named by its path there
    await (isAbsolute(source) ? places.open(vscode.Uri.file(source).toString()) : places.openPath(source));
  }
}

function isNotTrusted(error: unknown): boolean {
  return error instanceof ResponseError && error.code === ERRORS.NOT_TRUSTED;
}

/** The server does not follow an address into the user's own network by itself; it says so, and the user decides. */
async function isMeantAnyway(error: unknown): Promise<boolean> {
  const yes = vscode.l10n.t("Fetch It Anyway");
  const options = { modal: true, detail: vscode.l10n.t("Fetch it only if you know this address.") };
  const message = error instanceof Error ? error.message : String(error);
  return isNotTrusted(error) && (await vscode.window.showWarningMessage(message, options, yes)) === yes;
}

function askFiles(): Thenable<vscode.Uri[] | undefined> {
  const openLabel = vscode.l10n.t("Add to the Knowledge");
  return vscode.window.showOpenDialog({ canSelectFiles: true, canSelectFolders: true, canSelectMany: true, openLabel });
}

function lineOf(item: Item): vscode.QuickPickItem {
  const about = item.error ?? item.source;
  const icons = { file: "file", folder: "folder", url: "globe", text: "note" };
  return {
    label: `$(${item.error ? "warning" : icons[item.kind]}) ${item.title}`,
    description: `${passages(item)}, ${since(item.updatedAt)}`,
    ...(about === item.title ? {} : { detail: about }),
    buttons: [REMOVE],
  };
}

function passages({ chunks }: Item): string {
  return chunks === 1 ? vscode.l10n.t("1 passage") : vscode.l10n.t("{0} passages", chunks);
}
