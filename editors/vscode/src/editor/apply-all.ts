/** All changes of an answer at once: looked through in one editor, made together, undone together. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { EditParams } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Checkpoints } from "./checkpoints";
import { withParts } from "./parts";
import { documentInFront } from "./proposals";
import { changed, changeOf, filesOf, type FileEdit } from "./wire-edits";

const SCHEME = "rejoinder-preview";

export class ApplyAll implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly shown = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private previews = 0;

  constructor(
    private readonly server: Server,
    private readonly checkpoints: Checkpoints,
  ) {}

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.shown.get(uri.toString()) ?? "";
  }

  /** Show what the answer changes in all files, and make it when the user says so. */
  async of(message: Pick<EditParams, "sessionId" | "projectId" | "messageId">): Promise<void> {
    const result = await this.server.request("EDIT", { ...message, ...documentInFront() });
    const files = (await filesOf(result)).filter(({ document, parts }) => parts.length || !document);
    if (!files.length) {
      void vscode.window.showInformationMessage(vscode.l10n.t("The files have all of this already."));
    } else if (await this.wanted(files)) {
      await this.make(files);
    }
  }

  dispose(): void {
    this.registration.dispose();
  }

  /** Show all diffs in one editor; whether the user then wants them. */
  private async wanted(files: readonly FileEdit[]): Promise<boolean> {
    // one preview may be asked for while another is still open
    const query = String((this.previews += 1));
    const diffs = files.map(({ target, document, text, parts }) => {
      const proposed = target.with({ scheme: SCHEME, query });
      this.shown.set(proposed.toString(), withParts(text, parts));
      return [target, document ? target : proposed.with({ query: "" }), proposed];
    });
    const title = vscode.l10n.t("Changes of the answer ({0})", query);
    await vscode.commands.executeCommand("vscode.changes", title, diffs);
    const make = vscode.l10n.t("Apply All");
    const question =
      files.length === 1 ? vscode.l10n.t("Change 1 file as shown?") : vscode.l10n.t("Change {0} files as shown?", files.length);
    const picked = await vscode.window.showInformationMessage(question, make, vscode.l10n.t("Discard"));
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.window.tabGroups.close(tabs.filter(({ label }) => label.startsWith(title)));
    diffs.forEach((uris) => this.shown.delete(String(uris[2])));
    return picked === make;
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
