/** Which agent answers. Which there are, the server says. */

import * as vscode from "vscode";

import type { Server } from "../server/server";
import type { Conversation } from "./conversation";

/** Let the user choose the one that answers in this conversation from now on, or none. */
export async function chooseAgent(server: Server, conversation: Conversation): Promise<void> {
  const { agents, notes } = await server.request("AGENTS_LIST", conversation.address);
  const items = agents.map(({ name, role }) => ({
    label: `${name === conversation.choices.agent ? "$(check) " : "$(person) "}${name}`,
    detail: role ?? "",
    name,
  }));
  const none = { label: `${conversation.choices.agent ? "$(circle-slash) " : "$(check) "}${vscode.l10n.t("No agent")}`, detail: vscode.l10n.t("The model answers as it is."), name: "" };
  const placeHolder = notes?.[0] ?? (items.length ? vscode.l10n.t("Who answers?") : vscode.l10n.t("No agent is set up yet: the documentation says how."));
  const picked = await vscode.window.showQuickPick([none, ...items], { title: vscode.l10n.t("Choose an agent"), placeHolder });
  if (picked) {
    conversation.choices.agent = picked.name;
  }
}
