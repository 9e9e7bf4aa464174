/** Changes that an answer proposes: shown beside the file, accepted or rejected. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { EditParams, TextDocumentEdit } from "../generated/protocol";
import { SYNCED_SCHEMES } from "../server/client";
import type { Server } from "../server/server";
import { rangeIn } from "./selection";

const SCHEME = "rejoinder-proposal";

/** The changes of one file; `document` as it was at `version` when they were made, or none for a file that is new. */
interface Proposal {
  asked: EditParams;
  target: vscode.Uri;
  document?: vscode.TextDocument;
  version?: number;
  edits: vscode.TextEdit[];
}

/** Each proposal is a virtual document that holds the file as it would be. */
export class Proposals implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly proposals = new Map<string, Proposal>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[];

  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => closed.forEach((tab) => this.forget(tab))),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const proposal = this.proposals.get(uri.toString());
    return proposal ? applied(proposal) : "";
  }

  /** Ask the server what a block of an answer changes, and show it. */
  async propose(block: Pick<EditParams, "sessionId" | "projectId" | "messageId" | "block">): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const isFile = document && SYNCED_SCHEMES.includes(document.uri.scheme);
    await this.show({ ...block, ...(isFile ? { uri: document.uri.toString(), version: document.version } : {}) });
  }

  /** Make the changes; they are one step of the file's own undo. */
  async accept(uri: vscode.Uri): Promise<void> {
    const proposal = this.proposals.get(uri.toString());
    if (!proposal) {
      return;
    }
    const { target, document, version, asked } = proposal;
    if (document && document.version !== version) {
      await this.show({ ...asked, ...(asked.version === undefined ? {} : { version: document.version }) });
      throw new Refusal("The file has changed since this was proposed.", "It was worked out anew: look at it and accept again.");
    }
    if (!(await vscode.workspace.applyEdit(changeOf(proposal)))) {
      throw new Refusal(`${vscode.workspace.asRelativePath(target)} could not be changed.`, "Look whether it may be written.");
    }
    await this.close(uri);
    const editor = await vscode.window.showTextDocument(target, { preview: false });
    const at = proposal.edits[0]?.range.start;
    if (at) {
      editor.selection = new vscode.Selection(at, at);
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  /** Leave the file as it is. */
  async reject(uri: vscode.Uri): Promise<void> {
    await this.close(uri);
  }

  dispose(): void {
    this.disposables.forEach((disposable) => disposable.dispose());
  }

  private async show(asked: EditParams): Promise<void> {
    const { edit } = await this.server.request("EDIT", asked);
    const changes = edit.documentChanges;
    const created = changes.flatMap((change) => ("kind" in change ? [change.uri] : []));
    for (const change of changes) {
      if (!("kind" in change)) {
        await this.showOne(asked, change, created.includes(change.textDocument.uri));
      }
    }
  }

  private async showOne(asked: EditParams, change: TextDocumentEdit, isNew: boolean): Promise<void> {
    const target = vscode.Uri.parse(change.textDocument.uri);
    const edits = change.edits.map(({ range, newText }) => vscode.TextEdit.replace(rangeIn(range), newText));
    const uri = target.with({ scheme: SCHEME, query: target.toString() });
    const document = isNew ? undefined : await vscode.workspace.openTextDocument(target);
    this.proposals.set(uri.toString(), { asked, target, edits, ...(document ? { document, version: document.version } : {}) });
    this.changed.fire(uri);
    // beside a file that is not there yet stands an empty one
    const before = isNew ? uri.with({ query: "" }) : target;
    const title = `${vscode.workspace.asRelativePath(target)} (proposed)`;
    await vscode.commands.executeCommand("vscode.diff", before, uri, title, { preview: false });
  }

  private async close(uri: vscode.Uri): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const shown = tabs.filter((tab) => proposedBy(tab)?.toString() === uri.toString());
    await vscode.window.tabGroups.close(shown);
  }

  private forget(tab: vscode.Tab): void {
    const uri = proposedBy(tab);
    if (uri) {
      this.proposals.delete(uri.toString());
    }
  }
}

function proposedBy(tab: vscode.Tab): vscode.Uri | undefined {
  const { input } = tab;
  return input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME ? input.modified : undefined;
}

function changeOf(proposal: Proposal): vscode.WorkspaceEdit {
  const change = new vscode.WorkspaceEdit();
  if (proposal.document) {
    change.set(proposal.target, proposal.edits);
  } else {
    change.createFile(proposal.target, { contents: new TextEncoder().encode(applied(proposal)) });
  }
  return change;
}

/** The document's text with the changes made; they do not overlap, so the last one goes first. */
function applied({ document, edits }: Proposal): string {
  if (!document) {
    return edits.map(({ newText }) => newText).join("");
  }
  const inReverse = [...edits].sort((one, other) => other.range.start.compareTo(one.range.start));
  return inReverse.reduce((text, { range, newText }) => {
    const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    return text.slice(0, start) + newText + text.slice(end);
  }, document.getText());
}
