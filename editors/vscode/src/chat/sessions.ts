/** The list of sessions to choose from. */

import * as vscode from "vscode";

import { show } from "../failures";
import type { Session, SessionCreateParams } from "../generated/protocol";
import type { Server } from "../server/server";
import { addressOf, type Conversation } from "./conversation";
import { aboutSession } from "./words";

interface Item extends vscode.QuickPickItem {
  session?: Session;
}

const RENAME: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("edit"), tooltip: vscode.l10n.t("Rename") };
const DELETE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Delete") };
const PAGE = 100;

/** New, switch, rename, delete with undo. */
export class Sessions {
  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly reveal: () => Promise<void>,
  ) {}

  /** A new session, shown at once; of the project unless it is said to be of a file. */
  async create(of: Pick<SessionCreateParams, "scope" | "uri"> = {}): Promise<void> {
    await this.switchTo(() => this.server.request("SESSION_CREATE", of));
  }

  /** Let the user choose one; its buttons rename and delete. */
  async pick(): Promise<void> {
    const picker = vscode.window.createQuickPick<Item>();
    picker.title = vscode.l10n.t("Sessions");
    picker.placeholder = vscode.l10n.t("Go on with a session, or begin a new one");
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
        void this.attempt(() => (button === DELETE ? this.delete([session]) : this.rename(session)));
      }
    });
    picker.show();
    picker.items = await this.items();
    picker.busy = false;
  }

  /** Ask for another name for a session. */
  async rename(session: Session): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t("Rename the session"),
      value: session.name,
      validateInput: (text) => (text.trim() ? null : vscode.l10n.t("A name has at least one letter.")),
    });
    if (name !== undefined) {
      await this.server.request("SESSION_UPDATE", { ...addressOf(session), name: name.trim() });
    }
  }

  /** Put sessions into the trash; they can be taken back. The one that was shown is shown again then. */
  async delete(sessions: readonly Session[]): Promise<void> {
    const [first] = sessions;
    if (!first) {
      return;
    }
    const shown = this.conversation.session?.sessionId;
    for (const session of sessions) {
      await this.server.request("SESSION_DELETE", addressOf(session));
    }
    const undo = vscode.l10n.t("Undo");
    const text = sessions.length === 1 ? vscode.l10n.t("Deleted “{0}”.", first.name) : vscode.l10n.t("Deleted {0} sessions.", sessions.length);
    // not waited for: it stays until somebody answers
    void vscode.window.showInformationMessage(text, undo).then((picked) => {
      if (picked === undo) {
        void this.attempt(() => this.takeBack(sessions, shown));
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

  private async takeBack(sessions: readonly Session[], shown: string | undefined): Promise<void> {
    for (const session of sessions) {
      const restore = () => this.server.request("SESSION_RESTORE", addressOf(session));
      await (session.sessionId === shown ? this.switchTo(restore) : restore());
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
    const begin: Item = { label: `$(add) ${vscode.l10n.t("New session")}`, alwaysShow: true };
    if (!sessions.length) {
      return [begin];
    }
    return [begin, { label: "", kind: vscode.QuickPickItemKind.Separator }, ...sessions.map((session) => this.item(session))];
  }

  private item(session: Session): Item {
    const isShown = session.sessionId === this.conversation.session?.sessionId;
    return {
      label: `$(${isShown ? "comment-discussion" : "comment"}) ${session.name}`,
      description: aboutSession(session),
      ...(session.description ? { detail: session.description } : {}),
      buttons: [RENAME, DELETE],
      session,
    };
  }

  private async attempt(step: () => Promise<void>): Promise<void> {
    await step().catch(show);
  }
}
