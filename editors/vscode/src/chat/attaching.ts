/** Lets the user choose what goes along with the next message. */

import { extname } from "node:path";
import * as vscode from "vscode";

import { attachmentOf } from "../editor/selection";
import type { Attachment } from "../generated/protocol";
import type { Attachments } from "./attachments";

/** The pictures that models are shown. */
const PICTURES: Record<string, string> = {
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
};

/** In bytes; the server's limit. It refuses what is larger, with words that say so. */
const LARGEST_PICTURE = 10 * 1024 * 1024;

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
    label: selected ? `$(selection) ${vscode.l10n.t("What is selected")}` : `$(file) ${vscode.l10n.t("The file that is open")}`,
    description: name ?? "",
    what: "here",
  };
  const items = [
    ...(editor ? [here] : []),
    { label: `$(files) ${vscode.l10n.t("Files and pictures…")}`, description: "", what: "files" },
    { label: `$(folder) ${vscode.l10n.t("Folders…")}`, description: "", what: "folders" },
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
  attachments.add(...(await Promise.all(uris.map(attachmentTo))));
}

/** A file, or a folder, whose address ends with a slash: its files the server lists. Of most pictures the bytes go along. */
async function attachmentTo(given: vscode.Uri): Promise<Attachment> {
  // what is dropped from the explorer of a remote window names the machine that this runs on
  const uri = given.scheme === "vscode-remote" ? vscode.Uri.file(given.path) : given;
  const { type, size } = await vscode.workspace.fs.stat(uri);
  if (type & vscode.FileType.Directory) {
    return { uri: uri.with({ path: `${uri.path.replace(/\/$/, "")}/` }).toString() };
  }
  const mimeType = PICTURES[extname(uri.path).toLowerCase()];
  if (mimeType === undefined || size > LARGEST_PICTURE) {
    return { uri: uri.toString() };
  }
  // it may lie outside of what the server reads
  const data = Buffer.from(await vscode.workspace.fs.readFile(uri)).toString("base64");
  return { uri: uri.toString(), mimeType, data };
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
