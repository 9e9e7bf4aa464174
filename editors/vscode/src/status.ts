/** The line of the status bar: the model, the running turn, the index. */

import * as vscode from "vscode";

import type { IndexStatus } from "./generated/protocol";
import { nameOf } from "./chat/models";
import type { Conversation } from "./chat/conversation";
import type { Server } from "./server/server";

/** Also sets the context keys that menus look at. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("rejoinder.status", vscode.StatusBarAlignment.Right, 100);
  private readonly told = new vscode.EventEmitter<string>();
  private model = "Rejoinder";
  private index: IndexStatus | undefined;

  /** Told of the model's name when it may have changed. */
  readonly onDidChangeModel = this.told.event;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
  ) {
    this.item.name = "Rejoinder";
    server.on("INDEX_CHANGED", (index) => {
      this.index = index;
      this.draw();
    });
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
      const [models, index] = await Promise.all([
        this.server.request("MODELS", {}),
        this.server.request("INDEX_STATUS", {}),
      ]);
      this.model = nameOf(models);
      this.index = index;
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
        ? "$(question) Waiting for you"
        : `${iconOf(state, running)} ${this.model || "No model"}${progressOf(this.index)}`;
    // what is wrong, the chat says
    const commandOf = state === "ready" ? "rejoinder.chooseModel" : "rejoinder.openChat";
    this.item.command = waiting ? "rejoinder.showApproval" : commandOf;
    const loud = failed || waiting;
    this.item.backgroundColor = loud ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const lines = [`Rejoinder: ${detail ?? (waiting ? "a tool call waits for your decision" : wordsOf(state, running))}`];
    if (!failed) {
      lines.push(indexOf(this.index));
    }
    if (state === "ready" && !waiting) {
      lines.push(`Model: ${this.model || "none"}. Choose another`);
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

function wordsOf(state: string, running: boolean): string {
  return running ? "answering" : state === "ready" ? "ready" : `the server is ${state}`;
}

function progressOf(index: IndexStatus | undefined): string {
  return index?.state === "indexing" && index.total ? ` $(search) ${Math.floor((100 * index.done) / index.total)} %` : "";
}

function indexOf(index: IndexStatus | undefined): string {
  if (!index) {
    return "Index: not there yet";
  }
  const files = `${index.files} files`;
  return index.state === "ready" ? `Index: ${files}` : `Index: ${index.state}, ${files}`;
}
