/** Changes that a model proposes: shown beside the file, accepted or rejected, whole or part by part. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { EditParams, EditResult } from "../generated/protocol";
import { SYNCED_SCHEMES } from "../server/client";
import type { Server } from "../server/server";
import type { Checkpoints } from "./checkpoints";
import { afterTaking, spanIn, withParts, without, type Part } from "./parts";
import { changed, changeOf, filesOf, type FileEdit } from "./wire-edits";

export const SCHEME = "rejoinder-proposal";

/** The changes of one file that are still to be decided; `again` has them worked out anew. */
interface Proposal extends FileEdit {
  readonly again?: () => Promise<void>;
}

/** Each proposal is a virtual document that holds the file as it would be. */
export class Proposals implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly proposals = new Map<string, Proposal>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[];

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly checkpoints: Checkpoints,
  ) {
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => closed.forEach((tab) => this.forget(tab))),
    ];
    // a window that was loaded anew brings the tabs back, and nothing is known of what they proposed
    void vscode.window.tabGroups.close(allTabs().filter((tab) => proposedBy(tab) !== undefined));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const proposal = this.proposals.get(uri.toString());
    return proposal ? withParts(proposal.text, proposal.parts) : "";
  }

  /** The parts that are to be decided, each with its place in the proposed text. */
  partsOf(uri: vscode.Uri): { part: Part; span: [number, number] }[] {
    const parts = this.proposals.get(uri.toString())?.parts ?? [];
    return parts.map((part) => ({ part, span: spanIn(parts, part) }));
  }

  /** Ask the server what a block of an answer changes, and show it. */
  async propose(block: Pick<EditParams, "sessionId" | "projectId" | "messageId" | "block">): Promise<void> {
    await this.askAbout({ ...block, ...documentInFront() });
  }

  /** Show an edit, one diff for each file. */
  async show(result: EditResult, again?: () => Promise<void>): Promise<void> {
    for (const file of await filesOf(result)) {
      await this.showOne({ ...file, ...(again ? { again } : {}) });
    }
  }

  /** Take what is left of the parts. They are one step of the file's own undo. */
  async accept(uri: vscode.Uri): Promise<void> {
    const proposal = this.proposals.get(uri.toString());
    if (proposal) {
      await this.take(proposal, proposal.parts);
      await this.finish(uri, proposal, proposal.parts[0]);
    }
  }

  /** Take one part. */
  async acceptPart(uri: vscode.Uri, part: Part): Promise<void> {
    const proposal = this.proposals.get(uri.toString());
    if (proposal?.document) {
      await this.take(proposal, [part]);
      await this.goOn(uri, { ...proposal, text: proposal.document.getText(), parts: afterTaking(proposal.parts, part) }, part);
    } else if (proposal) {
      await this.accept(uri);
    }
  }

  /** Leave one part out. */
  async rejectPart(uri: vscode.Uri, part: Part): Promise<void> {
    const proposal = this.proposals.get(uri.toString());
    if (proposal) {
      await this.goOn(uri, { ...proposal, parts: without(proposal.parts, part) }, part);
    }
  }

  /** Leave the file as it is. */
  async reject(uri: vscode.Uri): Promise<void> {
    await this.close(uri);
  }

  dispose(): void {
    this.disposables.forEach((disposable) => disposable.dispose());
  }

  private async askAbout(asked: EditParams): Promise<void> {
    const again = () => this.askAbout({ ...asked, ...(asked.version === undefined ? {} : documentInFront(asked.uri)) });
    await this.show(await this.server.request("EDIT", asked), again);
  }

  private async showOne(proposal: Proposal): Promise<void> {
    const { target, document, parts } = proposal;
    const name = vscode.workspace.asRelativePath(target);
    if (!parts.length) {
      void vscode.window.showInformationMessage(vscode.l10n.t("{0} has this already.", name));
      return;
    }
    const uri = target.with({ scheme: SCHEME, query: target.toString() });
    this.proposals.set(uri.toString(), proposal);
    this.changed.fire(uri);
    // beside a file that is not there yet stands an empty one
    const before = document ? target : uri.with({ query: "" });
    const title = vscode.l10n.t("{0} (proposed)", name);
    await vscode.commands.executeCommand("vscode.diff", before, uri, title, { preview: false });
  }

  private async take(proposal: Proposal, parts: Part[]): Promise<void> {
    const { target, document, text, again } = proposal;
    if (document && document.getText() !== text) {
      await again?.();
      throw again
        ? new Refusal(
            vscode.l10n.t("The file has changed since this was proposed."),
            vscode.l10n.t("It was worked out anew: look at it and accept again."),
          )
        : changed(target);
    }
    let isMade = false;
    await this.checkpoints.around([target], async () => {
      isMade = await vscode.workspace.applyEdit(changeOf([{ ...proposal, parts }]));
    });
    if (!isMade) {
      throw new Refusal(
        vscode.l10n.t("{0} could not be changed.", vscode.workspace.asRelativePath(target)),
        vscode.l10n.t("Look whether it may be written."),
      );
    }
  }

  /** Show what is left after a part was decided; nothing left: show the file. */
  private async goOn(uri: vscode.Uri, proposal: Proposal, decided: Part): Promise<void> {
    if (proposal.parts.length) {
      this.proposals.set(uri.toString(), proposal);
      this.changed.fire(uri);
    } else {
      await this.finish(uri, proposal, decided);
    }
  }

  private async finish(uri: vscode.Uri, { target, text }: Proposal, at: Part | undefined): Promise<void> {
    await this.close(uri);
    if (!(await isThere(target))) {
      return;
    }
    const editor = await vscode.window.showTextDocument(target, { preview: false });
    const line = text.slice(0, at?.start ?? 0).split(/\r\n|\r|\n/).length - 1;
    const place = editor.document.validatePosition(new vscode.Position(line, 0));
    editor.selection = new vscode.Selection(place, place);
    editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private async close(uri: vscode.Uri): Promise<void> {
    await vscode.window.tabGroups.close(allTabs().filter((tab) => proposedBy(tab)?.toString() === uri.toString()));
  }

  private forget(tab: vscode.Tab): void {
    const uri = proposedBy(tab);
    if (uri) {
      this.proposals.delete(uri.toString());
    }
  }
}

/** The document that the user has in front, or the one that is named, as the server has to know it. */
export function documentInFront(uri?: string): Pick<EditParams, "uri" | "version"> {
  const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  const document = uri === undefined ? vscode.window.activeTextEditor?.document : open;
  const isFile = document && SYNCED_SCHEMES.includes(document.uri.scheme);
  return isFile ? { uri: document.uri.toString(), version: document.version } : {};
}

export function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

function proposedBy(tab: vscode.Tab): vscode.Uri | undefined {
  const { input } = tab;
  return input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME ? input.modified : undefined;
}

function isThere(uri: vscode.Uri): Thenable<boolean> {
  const isOpen = vscode.workspace.textDocuments.some((one) => one.uri.toString() === uri.toString());
  return isOpen ? Promise.resolve(true) : vscode.workspace.fs.stat(uri).then(() => true, () => false);
}
