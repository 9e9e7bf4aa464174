/** A server's edit as the files that it changes. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { EditResult } from "../generated/protocol";
import type { Part } from "./parts";
import { rangeIn } from "./selection";

/** One file of an edit. `text` is what it holds now; without a `document` it is to be made. */
export interface FileEdit {
  readonly target: vscode.Uri;
  readonly document?: vscode.TextDocument;
  readonly text: string;
  readonly parts: Part[];
}

/** The files of an edit, opened. Refused when one of them is not as the server saw it any more. */
export async function filesOf({ edit }: Pick<EditResult, "edit">): Promise<FileEdit[]> {
  const created = new Set(edit.documentChanges.flatMap((change) => ("kind" in change ? [change.uri] : [])));
  const files: FileEdit[] = [];
  for (const change of edit.documentChanges) {
    if ("kind" in change) {
      continue;
    }
    const target = vscode.Uri.parse(change.textDocument.uri);
    if (created.has(change.textDocument.uri)) {
      const parts = change.edits.map(({ newText }, id) => ({ id, start: 0, end: 0, text: newText }));
      files.push({ target, text: "", parts });
      continue;
    }
    const document = await vscode.workspace.openTextDocument(target);
    const { version } = change.textDocument;
    if (version !== null && document.version !== version) {
      throw changed(target);
    }
    const end = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
    const parts = change.edits.map(({ range, newText }, id) => {
      const place = rangeIn(range);
      const [from, to] = [document.offsetAt(place.start), document.offsetAt(place.end)];
      return { id, start: from, end: to, text: newText.replace(/\r\n|\r|\n/g, end) };
    });
    files.push({ target, document, text: document.getText(), parts });
  }
  return files;
}

/** The changes of files, for the editor to make. */
export function changeOf(files: readonly FileEdit[]): vscode.WorkspaceEdit {
  const change = new vscode.WorkspaceEdit();
  for (const { target, document, parts } of files) {
    if (!document) {
      const contents = new TextEncoder().encode(parts.map(({ text }) => text).join(""));
      change.createFile(target, { contents });
      continue;
    }
    for (const { start, end, text } of parts) {
      change.replace(target, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
    }
  }
  return change;
}

/** That a file is not what it was. */
export function changed(target: vscode.Uri): Refusal {
  return new Refusal(
    vscode.l10n.t("{0} has changed since this was proposed.", vscode.workspace.asRelativePath(target)),
    vscode.l10n.t("Nothing was changed. Undo what was typed there, or ask again."),
  );
}
