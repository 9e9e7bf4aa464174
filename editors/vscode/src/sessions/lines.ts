/** How the nodes of the sessions tree look and sound. */

import * as vscode from "vscode";

import { aboutSession, since } from "../chat/words";
import type { Session } from "../generated/protocol";
import type { Entry, Group, More, Node, Note } from "./groups";

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** A node as a line; `shownId` is the session that the chat shows. */
export function lineOf(node: Node, shownId: string | undefined): vscode.TreeItem {
  switch (node.kind) {
    case "group":
      return ofGroup(node);
    case "projects":
      return iconed(new vscode.TreeItem(vscode.l10n.t("All Projects"), Collapsed), "folder-library", "projects");
    case "session":
      return ofSession(node, node.session.sessionId === shownId);
    case "more":
      return ofMore(node);
    case "note":
      return ofNote(node);
  }
}

function ofGroup(group: Group): vscode.TreeItem {
  const line = iconed(new vscode.TreeItem(group.label, group.isOpen ? Expanded : Collapsed), group.icon, group.id);
  line.contextValue = group.file ? "group.file" : "group";
  if (group.description) {
    line.description = group.description;
    line.tooltip = group.file?.fsPath ?? group.description;
    // the tooltip alone would be read out
    line.accessibilityInformation = { label: `${group.label}, ${group.description}` };
  }
  return line;
}

function ofSession(node: Entry, isShown: boolean): vscode.TreeItem {
  const { session, group } = node;
  const isTrashed = group.of.trashed === true;
  const line = iconed(
    new vscode.TreeItem(session.name, None),
    session.pinned ? "pinned" : isShown ? "comment-discussion" : session.archived ? "archive" : "comment",
    `${group.id}/${session.sessionId}`,
  );
  line.contextValue = isTrashed
    ? "trashed"
    : `session ${session.pinned ? "pinned" : "loose"} ${session.archived ? "archived" : "active"}`;
  line.description = aboutSession(session);
  line.tooltip = tooltipOf(session);
  const marks = [
    ...(isShown ? [vscode.l10n.t("shown in the chat")] : []),
    ...(session.pinned ? [vscode.l10n.t("pinned")] : []),
    ...(session.archived ? [vscode.l10n.t("archived")] : []),
    ...(isTrashed ? [vscode.l10n.t("in the trash")] : []),
  ];
  line.accessibilityInformation = { label: [session.name, aboutSession(session), ...marks].join(", ") };
  if (!isTrashed) {
    line.command = { command: "rejoinder.openSession", title: vscode.l10n.t("Open"), arguments: [node] };
  }
  return line;
}

/** Names come from anybody, so nothing in them is taken for Markdown. */
function tooltipOf(session: Session): vscode.MarkdownString {
  const text = new vscode.MarkdownString().appendText(session.name);
  const said = [
    session.description,
    vscode.l10n.t("Begun {0}, last used {1}", since(session.createdAt), since(session.updatedAt)),
    session.model ? vscode.l10n.t("Model: {0}", session.model) : undefined,
    session.forkedFrom ? vscode.l10n.t("Forked from another session") : undefined,
  ];
  said.filter((line) => line !== undefined).forEach((line) => text.appendMarkdown("\n\n").appendText(line));
  return text;
}

function ofMore(node: More): vscode.TreeItem {
  const line = iconed(new vscode.TreeItem(vscode.l10n.t("Show More…"), None), "ellipsis", `${node.group.id}/more`);
  line.command = { command: "rejoinder.moreSessions", title: vscode.l10n.t("Show More…"), arguments: [node] };
  return line;
}

function ofNote({ text, file }: Note): vscode.TreeItem {
  const line = new vscode.TreeItem(text, None);
  if (file) {
    line.iconPath = new vscode.ThemeIcon("add");
    line.command = { command: "rejoinder.newFileSession", title: text, arguments: [{ file }] };
  }
  return line;
}

function iconed(line: vscode.TreeItem, icon: string, id: string): vscode.TreeItem {
  line.iconPath = new vscode.ThemeIcon(icon);
  line.id = id;
  return line;
}
