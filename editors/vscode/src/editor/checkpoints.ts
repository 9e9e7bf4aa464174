/** What files held before changes of an answer went into them, and how they become that again. */

import * as vscode from "vscode";

import { Refusal } from "../failures";

const KEPT = 20;

/** A file before and after; undefined: there was none. Kept in memory alone: a file's text may hold secrets. */
interface Saved {
  readonly uri: vscode.Uri;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export class Checkpoints {
  private readonly kept: Saved[][] = [];

  /** Do something to files; answers how many of them are different now. */
  async around(uris: readonly vscode.Uri[], work: () => Thenable<unknown>): Promise<number> {
    const before = await Promise.all(uris.map(textOf));
    await work();
    const after = await Promise.all(uris.map(textOf));
    const all = uris.map((uri, at): Saved => ({ uri, before: before[at], after: after[at] }));
    const different = all.filter((saved) => saved.before !== saved.after);
    if (different.length) {
      this.kept.push(different);
      this.kept.splice(0, this.kept.length - KEPT);
      this.tell();
    }
    return different.length;
  }

  /** Make every file of the last checkpoint what it was, saved ones on the disk too. Asks about those changed since. */
  async undo(): Promise<void> {
    const last = this.kept.at(-1);
    if (!last) {
      throw new Refusal(
        vscode.l10n.t("There is no change of an answer to undo."),
        vscode.l10n.t("What was changed in another way, the editor's own undo takes back."),
      );
    }
    const wanted = await asked(last);
    if (!wanted) {
      return;
    }
    const unsaved = new Set(vscode.workspace.textDocuments.filter((one) => one.isDirty).map(({ uri }) => uri.toString()));
    if (!(await vscode.workspace.applyEdit(await restoring(wanted)))) {
      throw new Refusal(vscode.l10n.t("The files could not be changed."), vscode.l10n.t("Look whether they may be written."));
    }
    for (const { uri, before } of wanted) {
      if (before !== undefined && !unsaved.has(uri.toString())) {
        await (await vscode.workspace.openTextDocument(uri)).save();
      }
    }
    // what was left as it is can still be restored
    const left = last.filter((saved) => !wanted.includes(saved));
    this.kept.splice(this.kept.indexOf(last), 1, ...(left.length ? [left] : []));
    this.tell();
    void vscode.window.showInformationMessage(
      wanted.length === 1
        ? vscode.l10n.t("{0} is as it was before.", vscode.workspace.asRelativePath(wanted[0]!.uri))
        : vscode.l10n.t("{0} files are as they were before.", wanted.length),
    );
  }

  private tell(): void {
    void vscode.commands.executeCommand("setContext", "rejoinder.canUndoEdits", this.kept.length > 0);
  }
}

/** The files to restore: all of them, unless some have changed since and the user says otherwise. */
async function asked(saved: readonly Saved[]): Promise<readonly Saved[] | undefined> {
  const now = await Promise.all(saved.map(({ uri }) => textOf(uri)));
  const since = saved.filter(({ after, before }, at) => now[at] !== after && now[at] !== before);
  if (!since.length) {
    return saved;
  }
  const others = saved.filter((one) => !since.includes(one));
  const [all, rest] = [vscode.l10n.t("Restore All"), vscode.l10n.t("Restore the Others")];
  const names = since.map(({ uri }) => vscode.workspace.asRelativePath(uri)).join("\n");
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t("Some files have changed since. What was changed in them would be lost."),
    { modal: true, detail: names },
    ...(others.length ? [rest] : []),
    all,
  );
  return picked === all ? saved : picked === rest ? others : undefined;
}

async function restoring(saved: readonly Saved[]): Promise<vscode.WorkspaceEdit> {
  const change = new vscode.WorkspaceEdit();
  for (const { uri, before } of saved) {
    const now = await textOf(uri);
    if (before === undefined) {
      change.deleteFile(uri, { ignoreIfNotExists: true });
    } else if (now === undefined) {
      change.createFile(uri, { contents: new TextEncoder().encode(before) });
    } else if (now !== before) {
      const document = await vscode.workspace.openTextDocument(uri);
      change.replace(uri, new vscode.Range(new vscode.Position(0, 0), document.positionAt(now.length)), before);
    }
  }
  return change;
}

/** What a file holds, in its open buffer if there is one; undefined when there is no such file. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const isThere = uri.scheme === "untitled" || (await vscode.workspace.fs.stat(uri).then(() => true, () => false));
  return isThere ? (await vscode.workspace.openTextDocument(uri)).getText() : undefined;
}
