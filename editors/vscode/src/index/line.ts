/** The index's entry of the status bar: how much is found, or how far the reading is. */

import * as vscode from "vscode";

import type { Server } from "../server/server";
import type { IndexSum, KnownIndexes } from "./known";

export class IndexLine implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("rejoinder.index", vscode.StatusBarAlignment.Right, 99);
  private readonly listening: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly indexes: KnownIndexes,
  ) {
    this.item.name = vscode.l10n.t("Rejoinder: Index");
    this.item.command = "rejoinder.showIndex";
    this.listening = [indexes.onDidChange(() => this.draw()), server.onDidChange(() => this.draw())];
  }

  dispose(): void {
    vscode.Disposable.from(this.item, ...this.listening).dispose();
  }

  private draw(): void {
    const { sum } = this.indexes;
    // before anybody has asked for something there is no index to tell of
    if (!sum || sum.state === "starting" || this.server.status.state !== "ready") {
      this.item.hide();
      return;
    }
    this.item.text = textOf(sum);
    const lines = [stateOf(sum), countsOf(sum), ...(sum.faults.length ? [faultsOf(sum)] : [])];
    this.item.tooltip = [...lines, vscode.l10n.t("Click for what can be done")].join("\n");
    this.item.accessibilityInformation = { label: lines.join(", "), role: "button" };
    this.item.show();
  }
}

/** The state in a few words. */
export function stateOf(sum: IndexSum): string {
  switch (sum.state) {
    case "ready":
      return vscode.l10n.t("Index: ready");
    case "paused":
      return vscode.l10n.t("Index: paused");
    case "error":
      return vscode.l10n.t("Index: not available");
    case "starting":
      return vscode.l10n.t("Index: starting");
    case "indexing":
      return sum.total ? vscode.l10n.t("Index: reading, {0} of {1} files", sum.done, sum.total) : vscode.l10n.t("Index: reading");
  }
}

/** How much is in the index. */
export function countsOf({ files, passages, bytes }: IndexSum): string {
  const number = new Intl.NumberFormat(vscode.env.language);
  const megabytes = new Intl.NumberFormat(vscode.env.language, { maximumFractionDigits: 1 }).format(bytes / 1e6);
  return vscode.l10n.t("{0} files, {1} passages, {2} MB", number.format(files), number.format(passages), megabytes);
}

/** How many files are missing. */
export function faultsOf({ faults }: IndexSum): string {
  return faults.length === 1 ? vscode.l10n.t("1 problem") : vscode.l10n.t("{0} problems", faults.length);
}

function textOf(sum: IndexSum): string {
  const files = new Intl.NumberFormat(vscode.env.language).format(sum.files);
  switch (sum.state) {
    case "ready":
      return `$(${sum.faults.length ? "warning" : "database"}) ${files}`;
    case "paused":
      return `$(debug-pause) ${files}`;
    case "error":
      return `$(error) ${vscode.l10n.t("Index")}`;
    default:
      return sum.total ? `$(sync~spin) ${Math.floor((100 * sum.done) / sum.total)} %` : `$(sync~spin) ${files}`;
  }
}
