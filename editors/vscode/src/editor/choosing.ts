/** Which parts of several files' changes are wanted: ticked in a list, while a preview follows. */

import * as vscode from "vscode";

import { brief } from "../chat/words";
import type { Part } from "./parts";
import type { FileEdit } from "./wire-edits";

/** A part of a file's changes. */
interface Row extends vscode.QuickPickItem {
  readonly part: Part;
}

/**
 * Let the user tick what is wanted; `show` gets it at each step, and what was `taken` before when it is called off, as it
 * is by `gone`.
 */
export async function chooseParts(
  files: readonly FileEdit[],
  taken: readonly FileEdit[],
  show: (taken: readonly FileEdit[]) => void,
  gone: vscode.Event<void>,
): Promise<void> {
  const before = new Set(taken.flatMap(({ parts }) => parts));
  const picker = vscode.window.createQuickPick<Row>();
  picker.title = vscode.l10n.t("Which changes are made?");
  picker.placeholder = vscode.l10n.t("Untick what is left out; a file's name finds its parts");
  picker.canSelectMany = true;
  picker.ignoreFocusOut = true;
  picker.matchOnDescription = true;
  picker.items = files.flatMap((file) => file.parts.map((part) => rowOf(file, part)));
  picker.selectedItems = picker.items.filter(({ part }) => before.has(part));
  picker.onDidChangeSelection((rows) => {
    const ticked = new Set(rows.map(({ part }) => part));
    const left = files.map((file) => ({ ...file, parts: file.parts.filter((part) => ticked.has(part)) }));
    // a new file with nothing in it has no parts
    show(left.filter(({ parts }, at) => parts.length || !files[at]!.parts.length));
  });
  await new Promise<void>((resolve) => {
    let isAccepted = false;
    const listening = gone(() => picker.hide());
    picker.onDidAccept(() => {
      isAccepted = true;
      picker.hide();
    });
    picker.onDidHide(() => {
      if (!isAccepted) {
        show(taken);
      }
      listening.dispose();
      picker.dispose();
      resolve();
    });
    picker.show();
  });
}

function rowOf(file: FileEdit, part: Part): Row {
  const name = vscode.workspace.asRelativePath(file.target);
  if (!file.document) {
    return { part, label: `$(new-file) ${name}`, description: vscode.l10n.t("new file") };
  }
  // the first line that comes, or that goes
  const isNew = part.text.trim() !== "";
  const lines = isNew ? part.text : file.text.slice(part.start, part.end);
  const line = brief(lines.split(/\r\n|\r|\n/).find((one) => one.trim()) ?? "").replace(/\$\(/g, "$\u200b(");
  const number = file.document.positionAt(part.start).line + 1;
  return { part, label: `$(${isNew ? "diff-added" : "diff-removed"}) ${line}`, description: `${name}:${number}` };
}
