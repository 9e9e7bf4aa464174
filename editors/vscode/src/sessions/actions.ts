/** What can be done with sessions that stand in a list: pinned, put away, forked, written to a file, brought back. */

import * as vscode from "vscode";

import { addressOf } from "../chat/conversation";
import type { Sessions } from "../chat/sessions";
import { Refusal } from "../failures";
import type { Session, SessionUpdateParams } from "../generated/protocol";
import type { Server } from "../server/server";

/** Asked for before the file's name: not every save dialog of the editor lets one choose it. */
const FORMS = [
  { label: "Markdown", format: "markdown", ending: "md" },
  { label: "JSON", format: "json", ending: "json" },
] as const;

export class SessionActions {
  constructor(
    private readonly server: Server,
    private readonly sessions: Sessions,
  ) {}

  /** Change the same in each of them. */
  async change(sessions: readonly Session[], changes: Omit<SessionUpdateParams, "sessionId">): Promise<void> {
    for (const session of sessions) {
      await this.server.request("SESSION_UPDATE", { ...addressOf(session), ...changes });
    }
  }

  /** A copy that goes its own way, shown at once. */
  async fork(session: Session): Promise<void> {
    const { sessionId, projectId } = await this.server.request("SESSION_FORK", addressOf(session));
    await this.sessions.goTo(sessionId, projectId);
  }

  /** Write sessions to a file, in the form and under the name that the user chooses. */
  async export(sessions: readonly Session[]): Promise<void> {
    const [first] = sessions;
    if (!first) {
      return;
    }
    if (sessions.some(({ projectId }) => projectId !== first.projectId)) {
      throw new Refusal(vscode.l10n.t("These sessions belong to several projects."), vscode.l10n.t("Export those of one project at a time."));
    }
    const form = await vscode.window.showQuickPick(FORMS, { title: vscode.l10n.t("Export as") });
    if (!form) {
      return;
    }
    const { format, ending, label } = form;
    const file = await vscode.window.showSaveDialog({
      title: vscode.l10n.t("Export"),
      saveLabel: vscode.l10n.t("Export"),
      defaultUri: proposed(first, ending),
      filters: { [label]: [ending] },
    });
    if (file) {
      const sessionIds = sessions.map(({ sessionId }) => sessionId);
      const { content } = await this.server.request("SESSION_EXPORT", { sessionIds, projectId: first.projectId, format });
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(content));
      this.offer(file);
    }
  }

  /** Take sessions out of the trash. */
  async restore(sessions: readonly Session[]): Promise<void> {
    for (const session of sessions) {
      await this.server.request("SESSION_RESTORE", addressOf(session));
    }
  }

  /** Delete sessions of the trash for good, after a yes. */
  async deleteForever(sessions: readonly Session[]): Promise<void> {
    const yes = vscode.l10n.t("Delete Forever");
    const question =
      sessions.length === 1 ? vscode.l10n.t("Delete “{0}” forever?", sessions[0]!.name) : vscode.l10n.t("Delete {0} sessions forever?", sessions.length);
    const detail = vscode.l10n.t("What was said there is gone, from the disk and from what is searched.");
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes) {
      for (const session of sessions) {
        await this.server.request("SESSION_DELETE", { ...addressOf(session), permanent: true });
      }
    }
  }

  private offer(file: vscode.Uri): void {
    const open = vscode.l10n.t("Open");
    const text = vscode.l10n.t("Exported to {0}.", vscode.workspace.asRelativePath(file));
    // not waited for: it stays until somebody answers
    void vscode.window.showInformationMessage(text, open).then(async (picked) => {
      if (picked === open) {
        await vscode.window.showTextDocument(file);
      }
    });
  }
}

function proposed({ name }: Session, ending: string): vscode.Uri {
  const file = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "session"}.${ending}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder ? vscode.Uri.joinPath(folder, file) : vscode.Uri.file(file);
}
