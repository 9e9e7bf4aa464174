/** The list of sessions to choose from. */

import * as vscode from "vscode";

import { show } from "../failures";
import type { Session } from "../generated/protocol";
import type { Server } from "../server/server";
import { addressOf, type Conversation } from "./conversation";
import { since } from "./words";

interface Item extends vscode.QuickPickItem {
  session?: Session;
}

const RENAME: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("edit"), tooltip: "Rename" };
const DELETE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: "Delete" };
const PAGE = 100;

/** New, switch, rename, delete with undo. */
export class Sessions {
  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly reveal: () => Promise<void>,
  ) {}

  /** A new session, shown at once. */
  async create(): Promise<void> {
    await this.switchTo(() => this.server.request("SESSION_CREATE", {}));
  }

  /** Let the user choose one; its buttons rename and delete. */
  async pick(): Promise<void> {
    const picker = vscode.window.createQuickPick<Item>();
    picker.title = "Sessions";
    picker.placeholder = "Go on with a session, or begin a new one";
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    picker.busy = true;
    picker.onDidHide(() => picker.dispose());
    picker.onDidAccept(() => {
      const session = picker.selectedItems[0]?.session;
      picker.hide();
      void this.attempt(() => (session ? this.switchTo(async () => session) : this.create()));
    });
    picker.onDidTriggerItemButton(({ item, button }) => {
      const { session } = item;
      if (session) {
        picker.hide();
        void this.attempt(() => (button === DELETE ? this.delete(session) : this.rename(session)));
      }
    });
    picker.show();
    picker.items = await this.items();
    picker.busy = false;
  }

  /** Ask for another name for a session, the one that is shown unless one is named. */
  async rename(session = this.conversation.session): Promise<void> {
    if (!session) {
      return;
    }
    const name = await vscode.window.showInputBox({
      title: "Rename the session",
      value: session.name,
      validateInput: (text) => (text.trim() ? null : "A name has at least one letter."),
    });
    if (name !== undefined) {
      await this.server.request("SESSION_UPDATE", { ...addressOf(session), name: name.trim() });
    }
  }

  /** Put a session into the trash, the one that is shown unless one is named; it can be taken back. */
  async delete(session = this.conversation.session): Promise<void> {
    if (!session) {
      return;
    }
    await this.server.request("SESSION_DELETE", addressOf(session));
    const undo = "Undo";
    void vscode.window.showInformationMessage(`Deleted “${session.name}”.`, undo).then((picked) => {
      if (picked === undo) {
        void this.attempt(() => this.switchTo(() => this.server.request("SESSION_RESTORE", addressOf(session))));
      }
    });
  }

  /** Show the session with this ID, of this project unless another is named. */
  async goTo(sessionId: string, projectId?: string): Promise<void> {
    if (sessionId === this.conversation.session?.sessionId) {
      await this.reveal();
    } else {
      await this.switchTo(() => this.server.request("SESSION_GET", { sessionId, ...(projectId ? { projectId } : {}) }));
    }
  }

  /** The page has the focus before the session is in it: taken later, it would close what the user opens meanwhile. */
  private async switchTo(find: () => Promise<Session>): Promise<void> {
    await this.conversation.goTo(async () => {
      const [session] = await Promise.all([find(), this.reveal()]);
      return session;
    });
  }

  private async items(): Promise<Item[]> {
    const { sessions } = await this.server.request("SESSION_LIST", { limit: PAGE });
    const begin: Item = { label: "$(add) New session", alwaysShow: true };
    if (!sessions.length) {
      return [begin];
    }
    return [begin, { label: "", kind: vscode.QuickPickItemKind.Separator }, ...sessions.map((session) => this.item(session))];
  }

  private item(session: Session): Item {
    const isShown = session.sessionId === this.conversation.session?.sessionId;
    const count = session.messageCount === 1 ? "1 message" : `${session.messageCount} messages`;
    return {
      label: `$(${isShown ? "comment-discussion" : "comment"}) ${session.name}`,
      description: `${count}, ${since(session.updatedAt)}`,
      ...(session.description ? { detail: session.description } : {}),
      buttons: [RENAME, DELETE],
      session,
    };
  }

  private async attempt(step: () => Promise<void>): Promise<void> {
    await step().catch(show);
  }
}
