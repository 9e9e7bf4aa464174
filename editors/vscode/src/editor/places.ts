/** Going to places in files, and writing at the cursor. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { Range } from "../generated/protocol";
import { rangeIn } from "./selection";

const OUTSIDE = new Set(["https", "http", "mailto"]);

/** Show a file, with a range of it selected and in the middle. */
export async function open(uri: string, range?: Range): Promise<void> {
  await showAt(vscode.Uri.parse(uri), range && rangeIn(range));
}

/** Show a file that is named by its path in a workspace folder; `line` counts from 1. Nothing outside is opened. */
export async function openPath(path: string, line?: number): Promise<void> {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const root = folder.uri.path.replace(/\/$/, "");
    const uri = path.startsWith(`${root}/`) ? folder.uri.with({ path }) : vscode.Uri.joinPath(folder.uri, path);
    if (uri.path.startsWith(`${root}/`) && (await exists(uri))) {
      const at = line ? new vscode.Range(line - 1, 0, line - 1, 0) : undefined;
      await showAt(uri, at);
      return;
    }
  }
  throw new Refusal(`There is no file ${path} in this workspace.`, "It may have been renamed: search for its name.");
}

/** Open a link outside of the editor. */
export async function openLink(href: string): Promise<void> {
  const uri = vscode.Uri.parse(href);
  if (!OUTSIDE.has(uri.scheme)) {
    throw new Refusal(`A link of the kind ${uri.scheme}: is not opened.`, "Copy its address if you trust it.");
  }
  await vscode.env.openExternal(uri);
}

/** Put a text at the cursor, in the place of what is selected there. */
export async function insert(text: string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new Refusal("No editor is open that the text could go into.", "Open a file and put the cursor where it belongs.");
  }
  await editor.edit((edit) => editor.selections.forEach((selection) => edit.replace(selection, text)));
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}

async function showAt(place: vscode.Uri, range?: vscode.Range): Promise<void> {
  // such as `#page=3`
  const uri = place.with({ fragment: "" });
  try {
    const editor = await vscode.window.showTextDocument(uri, { preview: true });
    if (range) {
      editor.selection = new vscode.Selection(range.start, range.end);
      editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  } catch {
    if (await exists(uri)) {
      // no text: whatever shows such files
      await vscode.commands.executeCommand("vscode.open", uri);
      return;
    }
    throw new Refusal(`${vscode.workspace.asRelativePath(uri)} cannot be opened.`, "It may be gone: look in the history of the project.");
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
