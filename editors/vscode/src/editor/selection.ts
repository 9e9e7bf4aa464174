/** What is selected, as the protocol's attachment. */

import * as vscode from "vscode";

import type { Attachment, Range } from "../generated/protocol";
import { SYNCED_SCHEMES } from "../server/client";

/** A range on the wire; both sides count in UTF-16. */
export function rangeOut(range: vscode.Range): Range {
  const { start, end } = range;
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

/** A range from the wire. */
export function rangeIn(range: Range): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

/** What is selected in an editor; the whole document when nothing is. The buffer counts, saved or not. */
export function attachmentOf(editor: vscode.TextEditor, range: vscode.Range = editor.selection): Attachment {
  const { document } = editor;
  const uri = document.uri.toString();
  const part = range.isEmpty ? {} : { range: rangeOut(range) };
  if (SYNCED_SCHEMES.includes(document.uri.scheme)) {
    return { uri, ...part, version: document.version };
  }
  // the server does not see such a document, so its text goes along
  return { uri, ...part, text: document.getText(range.isEmpty ? undefined : range) };
}
