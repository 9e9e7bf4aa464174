/** What can be done about the index: paused, made anew, asked why a file is not found. */

import { basename } from "node:path";
import * as vscode from "vscode";

import * as places from "../editor/places";
import { Refusal } from "../failures";
import type { IndexFault } from "../generated/protocol";
import type { Server } from "../server/server";
import type { KnownIndexes } from "./known";
import { countsOf, faultsOf, stateOf } from "./line";

interface Choice extends vscode.QuickPickItem {
  step?: () => Promise<unknown>;
}

export class IndexActions {
  constructor(
    private readonly server: Server,
    private readonly indexes: KnownIndexes,
  ) {}

  /** Each command by its ID. */
  get commands() {
    return {
      "rejoinder.showIndex": () => this.show(),
      "rejoinder.pauseIndex": () => this.pause(true),
      "rejoinder.resumeIndex": () => this.pause(false),
      "rejoinder.rebuildIndex": () => this.rebuild(),
      "rejoinder.explainIndex": (uri?: vscode.Uri) => this.explain(uri),
    };
  }

  /** How it is, and what can be done, to choose from. */
  private async show(): Promise<void> {
    await this.indexes.refresh();
    const sum = this.indexes.sum!;
    const isPaused = sum.state === "paused";
    const choices: Choice[] = [
      isPaused
        ? { label: `$(debug-start) ${vscode.l10n.t("Resume Indexing")}`, step: () => this.pause(false) }
        : { label: `$(debug-pause) ${vscode.l10n.t("Pause Indexing")}`, step: () => this.pause(true) },
      { label: `$(refresh) ${vscode.l10n.t("Index All Files Anew")}`, step: () => this.rebuild() },
      ...this.aboutFile(),
      ...(sum.faults.length ? [{ label: `$(warning) ${faultsOf(sum)}…`, step: () => this.showFaults(sum.faults) }] : []),
    ];
    const title = `${stateOf(sum)} (${countsOf(sum)})`;
    const picked = await vscode.window.showQuickPick(choices, { title, placeHolder: vscode.l10n.t("What shall be done?") });
    await picked?.step?.();
  }

  private async pause(paused: boolean): Promise<void> {
    await this.server.request(paused ? "INDEX_PAUSE" : "INDEX_RESUME", {});
    await this.indexes.refresh();
  }

  /** Read a file anew, or all; shown until that is done. */
  private async rebuild(uri?: vscode.Uri): Promise<void> {
    const title = uri ? vscode.l10n.t("Indexing {0} anew", basename(uri.fsPath)) : vscode.l10n.t("Indexing the project anew");
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async (progress) => {
      await this.server.request("INDEX_REBUILD", uri ? { uri: uri.toString() } : {});
      await this.indexes.refresh();
      await this.settled(progress);
    });
  }

  /** Wait until nothing is read any more. */
  private async settled(progress: vscode.Progress<{ increment?: number; message?: string }>): Promise<void> {
    let shown = 0;
    const listening: vscode.Disposable[] = [];
    await new Promise<void>((resolve) => {
      const look = () => {
        const sum = this.indexes.sum;
        if (sum?.state !== "indexing" || this.server.status.state !== "ready") {
          resolve();
          return;
        }
        const percent = sum.total ? (100 * sum.done) / sum.total : shown;
        progress.report({ increment: Math.max(0, percent - shown), message: `${sum.done} / ${sum.total}` });
        shown = Math.max(shown, percent);
      };
      listening.push(this.indexes.onDidChange(look), this.server.onDidChange(look));
      look();
    });
    vscode.Disposable.from(...listening).dispose();
  }

  /** Say whether a file is found, and why or why not: the one that a menu was opened on, or the active editor's. */
  private async explain(given?: vscode.Uri): Promise<void> {
    const uri = given ?? vscode.window.activeTextEditor?.document.uri;
    if (uri?.scheme !== "file") {
      throw new Refusal(vscode.l10n.t("No file is open."), vscode.l10n.t("Open the file in question."));
    }
    const { indexed, reason, chunks } = await this.server.request("INDEX_EXPLAIN", { uri: uri.toString() });
    const name = vscode.workspace.asRelativePath(uri);
    const count = chunks === 1 ? vscode.l10n.t("1 passage") : vscode.l10n.t("{0} passages", chunks);
    const text = indexed ? vscode.l10n.t("{0} is found, in {1}: {2}.", name, count, reason) : vscode.l10n.t("{0} is not found: {1}.", name, reason);
    const again = vscode.l10n.t("Index It Anew");
    // not waited for: it stays until somebody answers
    void vscode.window.showInformationMessage(text, ...(indexed ? [again] : [])).then(async (picked) => {
      if (picked === again) {
        await this.rebuild(uri);
      }
    });
  }

  private aboutFile(): Choice[] {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (uri?.scheme !== "file") {
      return [];
    }
    const label = `$(question) ${vscode.l10n.t("Why Is This File Found or Not?")}`;
    return [{ label, description: basename(uri.fsPath), step: () => this.explain(uri) }];
  }

  private async showFaults(faults: readonly IndexFault[]): Promise<void> {
    const items = faults.map(({ uri, reason }) => ({
      label: vscode.workspace.asRelativePath(vscode.Uri.parse(uri)),
      detail: reason,
      uri,
    }));
    const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("What is not in the index") });
    if (picked) {
      await places.open(picked.uri);
    }
  }
}
