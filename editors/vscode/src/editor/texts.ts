/** What files hold, and the short names by which a text is known again. */

import { createHash } from "node:crypto";
import * as vscode from "vscode";

import { repositoryOf } from "../commit/git";

/** What a file holds, in its open buffer if there is one; undefined when there is no such file. */
export async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const isThere = uri.scheme === "untitled" || (await vscode.workspace.fs.stat(uri).then(() => true, () => false));
  return isThere ? (await vscode.workspace.openTextDocument(uri)).getText() : undefined;
}

/** A text's name; it says nothing of what is in it. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The text with this hash, if Git has the file so: staged or committed. Refused while Git does not know yet. */
export async function versionedText(uri: vscode.Uri, hash: string): Promise<string | undefined> {
  const repository = await repositoryOf(uri);
  for (const ref of repository ? ["", "HEAD"] : []) {
    const found = await repository?.show(ref, uri.fsPath).catch(() => undefined);
    const text = found?.replace(/^\ufeff/, "");
    if (text !== undefined && hashOf(text) === hash) {
      return text;
    }
  }
  return undefined;
}
