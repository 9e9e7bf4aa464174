/** A question at the cursor or on the selection, whose answer is a change of the file. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import { SYNCED_SCHEMES } from "../server/client";
import type { Server } from "../server/server";
import type { Proposals } from "./proposals";
import { rangeOut } from "./selection";

export class InlineEdits {
  /** What was asked for and did not come about: it is in the box when the next question is asked. */
  private kept = "";

  constructor(
    private readonly server: Server,
    private readonly proposals: Proposals,
  ) {}

  /** Ask what to change, have it worked out, and show it as a diff. */
  async ask(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !SYNCED_SCHEMES.includes(editor.document.uri.scheme)) {
      throw new Refusal(
        vscode.l10n.t("No file is open that could be changed."),
        vscode.l10n.t("Open a file and put the cursor where the change belongs."),
      );
    }
    const { document, selection } = editor;
    const title = vscode.l10n.t("Change {0}", nameOf(document.uri, selection));
    const placeHolder = selection.isEmpty
      ? vscode.l10n.t("What is to be written or changed at the cursor?")
      : vscode.l10n.t("What is to be done with the selection?");
    const asked = await vscode.window.showInputBox({ title, placeHolder, value: this.kept, ignoreFocusOut: true });
    const instruction = asked?.trim();
    if (instruction) {
      this.kept = instruction;
      await this.carryOut(document, selection, instruction);
    }
  }

  private async carryOut(document: vscode.TextDocument, range: vscode.Range, instruction: string): Promise<void> {
    const params = { uri: document.uri.toString(), version: document.version, range: rangeOut(range), instruction };
    const title = `Rejoinder: ${instruction}`;
    const working = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const result = await vscode.window.withProgress(working, async (_, cancel) => {
      try {
        return await this.server.request("EDIT", params, cancel);
      } catch (error) {
        if (cancel.isCancellationRequested) {
          return undefined;
        }
        throw error;
      }
    });
    if (result) {
      await this.proposals.show(result);
      this.kept = "";
    }
  }
}

/** Such as `pool.py:4-9`. */
function nameOf(uri: vscode.Uri, { start, end, isSingleLine }: vscode.Selection): string {
  const last = end.character === 0 && !isSingleLine ? end.line : end.line + 1;
  const lines = last > start.line + 1 ? `${start.line + 1}-${last}` : String(start.line + 1);
  return `${vscode.workspace.asRelativePath(uri)}:${lines}`;
}
