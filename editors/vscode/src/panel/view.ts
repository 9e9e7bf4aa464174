/** The chat page in the side bar. */

import * as vscode from "vscode";

import { pageHtml } from "./html";
import type { FromPage, ToPage } from "./messages";

export const VIEW_ID = "rejoinder.chatView";

/** What a page that is drawn anew is told again by whoever holds it; anything else waits for the page. */
const STATE = new Set<ToPage["type"]>(["session", "renamed", "update", "status", "attachments", "choices", "context", "picture"]);

/** Draws nothing itself: passes messages on. */
export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private listens = false;
  private waiting: ToPage[] = [];
  private readonly received = new vscode.EventEmitter<FromPage>();

  /** What the page says. */
  readonly onMessage = this.received.event;

  constructor(private readonly extensionUri: vscode.Uri) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    const dist = vscode.Uri.joinPath(this.extensionUri, "dist");
    this.view = view;
    this.listens = false;
    view.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    view.webview.onDidReceiveMessage((message: FromPage) => this.take(message));
    view.onDidDispose(() => {
      if (this.view === view) {
        this.view = undefined;
        this.listens = false;
      }
    });
    view.webview.html = pageHtml(view.webview, dist);
  }

  /** Tell the page. */
  post(message: ToPage): void {
    if (this.listens) {
      void this.view?.webview.postMessage(message);
    } else if (!STATE.has(message.type)) {
      this.waiting.push(message);
    }
  }

  /** Show the page, and put the cursor into its input. */
  async reveal(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    this.post({ type: "focus" });
  }

  /** The line above the page says the session's name. */
  setTitle(name: string): void {
    if (this.view) {
      this.view.title = name;
    }
  }

  dispose(): void {
    this.received.dispose();
  }

  private take(message: FromPage): void {
    if (message.type === "ready") {
      this.listens = true;
    }
    this.received.fire(message);
    if (message.type === "ready") {
      for (const held of this.waiting.splice(0)) {
        this.post(held);
      }
    }
  }
}
