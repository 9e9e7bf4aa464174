/** Lets the user choose what goes along with the next message. */

import * as vscode from "vscode";

import { attachmentOf } from "../editor/selection";
import { Refusal } from "../failures";
import type { Attachments } from "./attachments";

/** More files of a folder are not attached: nobody would look at so many chips. */
const MOST_FILES = 30;

/** Attach what is named, such as files of the explorer; else ask: what is selected, files or folders. */
export async function attach(attachments: Attachments, uris: readonly vscode.Uri[]): Promise<boolean> {
  if (uris.length > 0) {
    await addAll(attachments, uris);
    return true;
  }
  const editor = vscode.window.activeTextEditor;
  const name = editor && vscode.workspace.asRelativePath(editor.document.uri);
  const selected = editor && !editor.selection.isEmpty;
  const here = {
    label: selected ? vscode.l10n.t("$(selection) What is selected") : vscode.l10n.t("$(file) The file that is open"),
    description: name ?? "",
    what: "here",
  };
  const items = [
    ...(editor ? [here] : []),
    { label: vscode.l10n.t("$(files) Files and pictures…"), description: "", what: "files" },
    { label: vscode.l10n.t("$(folder) Folders…"), description: "", what: "folders" },
  ];
  const title = vscode.l10n.t("Attach to the message");
  const picked = await vscode.window.showQuickPick(items, { title });
  if (picked?.what === "here" && editor) {
    attachments.add(attachmentOf(editor));
  } else if (picked) {
    await addAll(attachments, await chosen(title, picked.what === "folders"));
  }
  return picked !== undefined;
}

async function addAll(attachments: Attachments, uris: readonly vscode.Uri[]): Promise<void> {
  const files = await Promise.all(uris.map(filesOf));
  attachments.add(...files.flat().map((uri) => ({ uri: uri.toString() })));
}

/** A file itself; of a folder its files, as the explorer shows them. */
async function filesOf(uri: vscode.Uri): Promise<vscode.Uri[]> {
  const { type } = await vscode.workspace.fs.stat(uri);
  if (!(type & vscode.FileType.Directory)) {
    return [uri];
  }
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(uri, "**/*"), undefined, MOST_FILES + 1);
  if (found.length === 0 || found.length > MOST_FILES) {
    const name = vscode.workspace.asRelativePath(uri);
    const message = found.length
      ? vscode.l10n.t("{0} has more than {1} files.", name, MOST_FILES)
      : vscode.l10n.t("{0} has no files.", name);
    throw new Refusal(message, vscode.l10n.t("Attach those that it is about, or add the folder to the knowledge."));
  }
  return found.sort((one, other) => one.path.localeCompare(other.path));
}

async function chosen(title: string, folders: boolean): Promise<vscode.Uri[]> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const found = await vscode.window.showOpenDialog({
    title,
    openLabel: vscode.l10n.t("Attach"),
    canSelectMany: true,
    canSelectFiles: !folders,
    canSelectFolders: folders,
    ...(folder ? { defaultUri: folder.uri } : {}),
  });
  return found ?? [];
}
