/** Where something comes from that was remembered, recalled or cited: what it is called, and how one gets there. */

import * as vscode from "vscode";

import * as places from "../editor/places";
import type { Origin, Range } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Conversation } from "./conversation";
import { OWN_SCHEME } from "./own-scheme";
import type { Sessions } from "./sessions";

export class Origins {
  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly sessions: Sessions,
  ) {}

  /** Go to the place of a URI: a message in its session, a page outside of the editor, or a document. */
  async openUri(uri: string, range?: Range): Promise<void> {
    const { scheme, path, fragment } = vscode.Uri.parse(uri);
    const [, kind, sessionId] = path.split("/");
    if (scheme === OWN_SCHEME && kind === "session" && sessionId) {
      await this.open({ sessionId, messageId: fragment });
    } else if (scheme === OWN_SCHEME && kind === "knowledge") {
      // a text that was added has no place of its own
      await vscode.commands.executeCommand("rejoinder.showKnowledge");
    } else if (scheme === "https" || scheme === "http") {
      await places.openLink(uri);
    } else {
      await places.open(uri, range);
    }
  }

  /** Go to where something came from. */
  async open({ sessionId, messageId, uri }: Origin): Promise<void> {
    if (sessionId) {
      await this.sessions.goTo(sessionId);
      if (messageId) {
        this.conversation.reveal(messageId);
      }
    } else if (uri) {
      await this.openUri(uri);
    }
  }

  /** What origins are called; sessions are asked for their names once. */
  async names(): Promise<(origin: Origin | undefined) => string> {
    const { sessions } = await this.server.request("SESSION_LIST", { limit: 200 });
    const names = new Map(sessions.map(({ sessionId, name }) => [sessionId, name]));
    return ({ sessionId, uri } = {}) => {
      const name = sessionId && names.get(sessionId);
      if (sessionId) {
        return name ? vscode.l10n.t("from the session “{0}”", name) : vscode.l10n.t("from another session");
      }
      return uri ? vscode.l10n.t("from {0}", vscode.workspace.asRelativePath(vscode.Uri.parse(uri))) : "";
    };
  }
}
