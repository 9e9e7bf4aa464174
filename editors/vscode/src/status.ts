/** The line of the status bar: the model and the running turn. */

import * as vscode from "vscode";

import { nameOf } from "./chat/models";
import type { Conversation } from "./chat/conversation";
import type { KnownIndexes } from "./index/known";
import type { ServerState } from "./panel/messages";
import type { Server } from "./server/server";

/** Also sets the context keys that menus look at. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("rejoinder.status", vscode.StatusBarAlignment.Right, 100);
  private readonly told = new vscode.EventEmitter<string>();
  private model = "Rejoinder";

  /** Told of the model's name when it may have changed. */
  readonly onDidChangeModel = this.told.event;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly indexes: KnownIndexes,
  ) {
    this.item.name = "Rejoinder";
    this.draw();
    this.item.show();
  }

  /** Whether the server says that no model is set. */
  get isWithoutModel(): boolean {
    return this.model === "";
  }

  /** Ask the server anew for what is shown. */
  async refresh(): Promise<void> {
    this.draw();
    if (this.server.status.state === "ready") {
      const [models] = await Promise.all([this.server.request("MODELS", {}), this.indexes.refresh()]);
      this.model = nameOf(models);
      this.told.fire(this.model);
      this.draw();
    }
  }

  /** Show how things are now. */
  draw(): void {
    const { state, detail } = this.server.status;
    const running = this.conversation.isRunning;
    const waiting = state === "ready" && running && this.conversation.isWaiting;
    void vscode.commands.executeCommand("setContext", "rejoinder.state", state);
    void vscode.commands.executeCommand("setContext", "rejoinder.running", running);
    void vscode.commands.executeCommand("setContext", "rejoinder.waiting", waiting);
    const failed = state === "missing" || state === "stopped";
    this.item.text = failed
      ? "$(warning) Rejoinder"
      : waiting
        ? `$(question) ${vscode.l10n.t("Waiting for you")}`
        : `${iconOf(state, running)} ${this.model || vscode.l10n.t("No model")}`;
    // what is wrong, the chat says
    const commandOf = state === "ready" ? "rejoinder.chooseModel" : "rejoinder.openChat";
    this.item.command = waiting ? "rejoinder.showApproval" : commandOf;
    const loud = failed || waiting;
    this.item.backgroundColor = loud ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const lines = [waiting ? vscode.l10n.t("Rejoinder: a tool call waits for your decision") : wordsOf(state, running), ...(detail ? [detail] : [])];
    if (state === "ready" && !waiting) {
      lines.push(this.model ? vscode.l10n.t("Model: {0}. Choose another", this.model) : vscode.l10n.t("No model is set. Choose one"));
    }
    this.item.tooltip = lines.join("\n");
    this.item.accessibilityInformation = { label: lines.join(", "), role: "button" };
  }

  dispose(): void {
    this.item.dispose();
    this.told.dispose();
  }
}

function iconOf(state: string, running: boolean): string {
  return running || state !== "ready" ? "$(loading~spin)" : "$(comment-discussion)";
}

function wordsOf(state: ServerState, running: boolean): string {
  switch (state) {
    case "ready":
      return running ? vscode.l10n.t("Rejoinder: answering") : vscode.l10n.t("Rejoinder: ready");
    case "starting":
      return vscode.l10n.t("Rejoinder: the server is starting");
    case "restarting":
      return vscode.l10n.t("Rejoinder: the server ended and is starting again");
    case "stopped":
      return vscode.l10n.t("Rejoinder: the server has stopped");
    case "missing":
      return vscode.l10n.t("Rejoinder: the server was not found");
  }
}
