/** The tree of sessions: this file's, this project's, those put away, and of all projects. */

import * as vscode from "vscode";

import type { Conversation } from "../chat/conversation";
import { failureOf } from "../failures";
import type { Session } from "../generated/protocol";
import type { Server } from "../server/server";
import { type Group, type More, type Node, ofProject, PAGE, sessionsOf, topGroups } from "./groups";
import { lineOf } from "./lines";

export const TREE_ID = "rejoinder.sessionsView";
/** Changes that come close together are drawn once. */
const TOGETHER_MS = 100;

/** Holds no sessions: each opened group is asked of the server again when something has changed. */
export class SessionTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly view: vscode.TreeView<Node>;
  private readonly listening: vscode.Disposable[];
  /** How many sessions of a group are shown, where that is more than at first. */
  private readonly wanted = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  /** Whether the line with the focus is being looked for. */
  private isLooking = false;
  private file = fileOf(vscode.window.activeTextEditor);

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
  ) {
    this.view = vscode.window.createTreeView(TREE_ID, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
    server.on("SESSION_CHANGED", () => this.refresh());
    this.listening = [
      server.onDidChange(() => this.refresh()),
      conversation.onDidChange(() => this.refresh()),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.look(editor)),
    ];
  }

  /** Show the tree, with the focus in it. */
  async reveal(): Promise<void> {
    await vscode.commands.executeCommand(`${TREE_ID}.focus`);
  }

  /**
   * The sessions that a key in the tree is about, but for those in the trash: the one with the focus, and all that are
   * chosen if it is among them.
   *
   * VS Code tells of no focus. What is chosen changes by that line when the line is toggled, and is as before when it is
   * toggled once more. A key that is pressed in between would see it toggled: it is about none.
   */
  async atFocus(): Promise<Session[]> {
    if (this.isLooking) {
      return [];
    }
    this.isLooking = true;
    try {
      const lines = await this.linesAtFocus();
      return lines.flatMap((node) => (node.kind === "session" && !node.group.of.trashed ? [node.session] : []));
    } finally {
      this.isLooking = false;
    }
  }

  /** Draw it again, soon. */
  refresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire();
    }, TOGETHER_MS);
  }

  /** Show another page of a group. */
  more({ group }: More): void {
    this.wanted.set(group.id, this.count(group) + PAGE);
    this.changed.fire();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return lineOf(node, this.conversation.session?.sessionId);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (this.server.status.state !== "ready") {
      return [];
    }
    try {
      return await this.below(node);
    } catch (error) {
      return [{ kind: "note", text: failureOf(error).message }];
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(this.view, this.changed, ...this.listening).dispose();
  }

  private async linesAtFocus(): Promise<readonly Node[]> {
    const before = this.view.selection;
    await vscode.commands.executeCommand("list.toggleSelection");
    const known = new Set(before.map(keyOf));
    const added = this.view.selection.filter((node) => !known.has(keyOf(node)));
    await vscode.commands.executeCommand("list.toggleSelection");
    return added.length ? added : before;
  }

  private async below(node: Node | undefined): Promise<Node[]> {
    if (node === undefined) {
      return topGroups(this.file);
    }
    if (node.kind === "projects") {
      const { projects } = await this.server.request("PROJECT_LIST", {});
      return projects.filter(({ sessions }) => sessions).map(ofProject);
    }
    return node.kind === "group" ? this.sessions(node) : [];
  }

  private async sessions(group: Group): Promise<Node[]> {
    const { sessions, more } = await sessionsOf(this.server, group, this.count(group));
    if (!sessions.length) {
      return [{ kind: "note", text: group.empty, ...(group.file ? { file: group.file } : {}) }];
    }
    const entries = sessions.map((session): Node => ({ kind: "session", group, session }));
    return [...entries, ...(more ? [{ kind: "more", group } as const] : [])];
  }

  private count(group: Group): number {
    return this.wanted.get(group.id) ?? PAGE;
  }

  private look(editor: vscode.TextEditor | undefined): void {
    const file = fileOf(editor);
    if (file?.toString() !== this.file?.toString()) {
      this.file = file;
      this.refresh();
    }
  }
}

function fileOf(editor: vscode.TextEditor | undefined): vscode.Uri | undefined {
  return editor?.document.uri.scheme === "file" ? editor.document.uri : undefined;
}

/** The same for a line that a refresh has made anew. */
function keyOf(node: Node): string | undefined {
  return lineOf(node, undefined).id;
}
