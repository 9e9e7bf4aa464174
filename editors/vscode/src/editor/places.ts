/** Going to places in files, and writing at the cursor. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { Range } from "../generated/protocol";
import { rangeIn } from "./selection";

/** What VS Code calls a language that is written in another way before code. */
const LANGUAGES: Record<string, string> = {
  bash: "shellscript",
  "c#": "csharp",
  "c++": "cpp",
  console: "shellscript",
  js: "javascript",
  jsx: "javascriptreact",
  md: "markdown",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "shellscript",
  shell: "shellscript",
  ts: "typescript",
  tsx: "typescriptreact",
  yml: "yaml",
};
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
  throw new Refusal(
    vscode.l10n.t("There is no file {0} in this workspace.", path),
    vscode.l10n.t("It may have been renamed: search for its name."),
  );
}

/** Open a link outside of the editor. */
export async function openLink(href: string): Promise<void> {
  const uri = vscode.Uri.parse(href);
  if (!OUTSIDE.has(uri.scheme)) {
    throw new Refusal(vscode.l10n.t("Links that begin with “{0}:” are not opened.", uri.scheme), vscode.l10n.t("Copy its address if you trust it."));
  }
  await vscode.env.openExternal(uri);
}

/** Put a text at the cursor. What is selected there stays. */
export async function insert(text: string): Promise<void> {
  const editor = used();
  await editor.edit((edit) => editor.selections.forEach(({ active }) => edit.insert(active, text)));
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}

/** Put a text in the place of what is selected. */
export async function replace(text: string): Promise<void> {
  const editor = used();
  if (editor.selection.isEmpty) {
    throw new Refusal(vscode.l10n.t("Nothing is selected."), vscode.l10n.t("Select what the code is to take the place of."));
  }
  await editor.edit((edit) => edit.replace(editor.selection, text));
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}

/** Put a text into a file that has no name yet. `language`: as people and answers call it. */
export async function newFile(content: string, language: string): Promise<void> {
  const wanted = LANGUAGES[language.toLowerCase()] ?? language.toLowerCase();
  const known = (await vscode.languages.getLanguages()).includes(wanted);
  const document = await vscode.workspace.openTextDocument({ content, ...(known ? { language: wanted } : {}) });
  await vscode.window.showTextDocument(document, { preview: false });
}

function used(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new Refusal(
      vscode.l10n.t("No editor is open that the text could go into."),
      vscode.l10n.t("Open a file and put the cursor where it belongs."),
    );
  }
  return editor;
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
    throw new Refusal(
      vscode.l10n.t("{0} cannot be opened.", vscode.workspace.asRelativePath(uri)),
      vscode.l10n.t("It may be gone: look in the history of the project."),
    );
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
