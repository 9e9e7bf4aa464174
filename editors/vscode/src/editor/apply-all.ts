/** All changes of an answer at once: looked through in one editor, left out in parts, made and undone together. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { EditParams } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Checkpoints } from "./checkpoints";
import { chooseParts } from "./choosing";
import { withParts } from "./parts";
import { allTabs, documentInFront } from "./proposals";
import { changed, changeOf, filesOf, type FileEdit } from "./wire-edits";

const SCHEME = "rejoinder-preview";

/** What one answer changes, shown in a tab whose label begins with `title`; `taken` is what is made of it. */
interface Preview {
  readonly title: string;
  readonly files: readonly FileEdit[];
  readonly proposed: ReadonlyMap<FileEdit, vscode.Uri>;
  taken: readonly FileEdit[];
  readonly gone: vscode.EventEmitter<void>;
  /** Whether its tab was there. */
  isOpen: boolean;
}

export class ApplyAll implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly shown = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[];
  private previews: Preview[] = [];
  private count = 0;

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly checkpoints: Checkpoints,
  ) {
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.tabGroups.onDidChangeTabs(() => this.look()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => this.look()),
    ];
    // a window that was loaded anew brings the tabs back, and nothing is known of what they showed
    const left = allTabs().filter((tab) => numberOf(tab) !== undefined);
    this.count = Math.max(0, ...left.map((tab) => numberOf(tab) ?? 0));
    void vscode.window.tabGroups.close(left);
    tellInFront(false);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.shown.get(uri.toString()) ?? "";
  }

  /** Show what the answer changes in all files, to be made when the user says so. */
  async of(message: Pick<EditParams, "sessionId" | "projectId" | "messageId">): Promise<void> {
    const result = await this.server.request("EDIT", { ...message, ...documentInFront() });
    const files = (await filesOf(result)).filter(({ document, parts }) => parts.length || !document);
    if (files.length) {
      await this.show(files);
    } else {
      void vscode.window.showInformationMessage(vscode.l10n.t("The files have all of this already."));
    }
  }

  /** Make the changes as they are shown. */
  async apply(): Promise<void> {
    const preview = this.inFront();
    if (preview.taken.length) {
      await this.make(preview.taken);
    }
    await close(preview);
  }

  /** Let the user leave parts out; what is shown follows. */
  async choose(): Promise<void> {
    const preview = this.inFront();
    await chooseParts(preview.files, preview.taken, (taken) => this.fill(preview, taken), preview.gone.event);
  }

  /** Change nothing. */
  async discard(): Promise<void> {
    await close(this.inFront());
  }

  dispose(): void {
    this.disposables.forEach((disposable) => disposable.dispose());
  }

  /** Show all diffs in one editor. */
  private async show(files: readonly FileEdit[]): Promise<void> {
    // one preview may be asked for while another is still open
    const title = titleOf(String((this.count += 1)));
    const query = randomUUID();
    const proposed = new Map(files.map((file) => [file, file.target.with({ scheme: SCHEME, query })]));
    const preview: Preview = { title, files, proposed, taken: files, gone: new vscode.EventEmitter(), isOpen: false };
    this.previews.push(preview);
    this.fill(preview, files);
    const diffs = [...proposed].map(([{ target, document }, uri]) => [target, document ? target : uri.with({ query: "" }), uri]);
    await vscode.commands.executeCommand("vscode.changes", title, diffs);
  }

  /** Have a preview show, and make, these parts of its files alone, if it is still there. */
  private fill(preview: Preview, taken: readonly FileEdit[]): void {
    if (!this.previews.includes(preview)) {
      return;
    }
    preview.taken = taken;
    for (const [file, uri] of preview.proposed) {
      const parts = taken.find(({ target }) => target === file.target)?.parts ?? [];
      this.shown.set(uri.toString(), withParts(file.text, parts));
      this.changed.fire(uri);
    }
  }

  private inFront(): Preview {
    const preview = this.previews.findLast(isInFront) ?? this.previews.at(-1);
    if (!preview) {
      throw new Refusal(vscode.l10n.t("No changes of an answer are shown."), vscode.l10n.t("Press “Apply all changes” below one first."));
    }
    return preview;
  }

  /** Forget previews whose tabs are gone; commands and keys are there while one is in front. */
  private look(): void {
    for (const preview of this.previews) {
      preview.isOpen ||= tabsOf(preview).length > 0;
    }
    // one that is still to be opened has no tab either
    const closed = this.previews.filter((preview) => preview.isOpen && !tabsOf(preview).length);
    this.previews = this.previews.filter((preview) => !closed.includes(preview));
    for (const { proposed, gone } of closed) {
      proposed.forEach((uri) => this.shown.delete(uri.toString()));
      gone.fire();
      gone.dispose();
    }
    tellInFront(this.previews.some(isInFront));
  }

  private async make(files: readonly FileEdit[]): Promise<void> {
    const other = files.find(({ document, text }) => document && document.getText() !== text);
    if (other) {
      throw changed(other.target);
    }
    const uris = files.map(({ target }) => target);
    let isMade = false;
    const count = await this.checkpoints.around(uris, async () => {
      isMade = await vscode.workspace.applyEdit(changeOf(files));
    });
    if (!isMade) {
      throw new Refusal(vscode.l10n.t("The files could not be changed."), vscode.l10n.t("Look whether they may be written."));
    }
    void this.tell(count, uris);
  }

  private async tell(count: number, uris: readonly vscode.Uri[]): Promise<void> {
    const text = count === 1 ? vscode.l10n.t("1 file was changed.") : vscode.l10n.t("{0} files were changed.", count);
    const [save, undo] = [vscode.l10n.t("Save All"), vscode.l10n.t("Undo")];
    const picked = await vscode.window.showInformationMessage(text, save, undo);
    if (picked === undo) {
      await vscode.commands.executeCommand("rejoinder.undoEdits");
    } else if (picked === save) {
      const open = vscode.workspace.textDocuments.filter(({ uri }) => uris.some((one) => one.toString() === uri.toString()));
      await Promise.all(open.map((document) => document.save()));
    }
  }
}

function titleOf(number: string): string {
  return vscode.l10n.t("Changes of the answer ({0})", number);
}

/** The number in the label of a preview's tab, which goes on with how many files there are. */
function numberOf({ label }: vscode.Tab): number | undefined {
  const found = [...label.matchAll(/\d+/g)].find(([number]) => label.startsWith(titleOf(number)));
  return found && Number(found[0]);
}

function tellInFront(isInFront: boolean): void {
  void vscode.commands.executeCommand("setContext", "rejoinder.previewInFront", isInFront);
}

/** The editor has no other name for a tab of several diffs. */
function tabsOf({ title }: Preview): vscode.Tab[] {
  return allTabs().filter(({ label }) => label.startsWith(title));
}

function isInFront(preview: Preview): boolean {
  return vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith(preview.title) ?? false;
}

async function close(preview: Preview): Promise<void> {
  await vscode.window.tabGroups.close(tabsOf(preview));
}
