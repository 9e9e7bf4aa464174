/** What files held before changes of an answer went into them, and how they become that again. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import { hashOf, textOf, versionedText } from "./texts";

const MOST = 20;
const KEY = "rejoinder.checkpoints";

/** A file before and after, by the hashes of its texts; null: there was none. */
interface Saved {
  readonly uri: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A file and the text to restore; undefined: it is deleted. */
interface Wanted {
  readonly uri: vscode.Uri;
  readonly saved: Saved;
  readonly before: string | undefined;
}

/**
 * Texts are kept in memory alone: they may hold secrets. Hashes outlive the window, and what Git holds is found again
 * by them.
 */
export class Checkpoints {
  private readonly texts = new Map<string, string>();
  /** The last one last. What is kept is a copy, in which none could be told from another. */
  private all: readonly (readonly Saved[])[] = [];
  /** Ends with the last undo that was asked for. */
  private undoing: Promise<void> = Promise.resolve();

  constructor(private readonly kept: vscode.Memento) {
    this.keep(kept.get<Saved[][]>(KEY, []));
  }

  /** Do something to files; answers how many of them are different now. */
  async around(uris: readonly vscode.Uri[], work: () => Thenable<unknown>): Promise<number> {
    const before = await Promise.all(uris.map(textOf));
    await work();
    const after = await Promise.all(uris.map(textOf));
    const different: Saved[] = [];
    for (const [at, uri] of uris.entries()) {
      const [was, is] = [before[at], after[at]];
      if (was !== is) {
        const saved = { uri: uri.toString(), before: hash(was), after: hash(is) };
        different.push(saved);
        if (saved.before !== null && was !== undefined) {
          this.texts.set(saved.before, was);
        }
      }
    }
    if (different.length) {
      this.keep([...this.all, different].slice(-MOST));
    }
    return different.length;
  }

  /**
   * Make every file of the last checkpoint what it was, saved ones on the disk too. Asks about those changed since.
   *
   * Asked for twice it is done one after the other: the second time the checkpoint before is the last.
   */
  undo(): Promise<void> {
    const done = this.undoing.then(() => this.undoLast());
    this.undoing = done.catch(() => undefined);
    return done;
  }

  private async undoLast(): Promise<void> {
    const last = this.all.at(-1);
    if (!last) {
      throw new Refusal(
        vscode.l10n.t("There is no change of an answer to undo."),
        vscode.l10n.t("What was changed in another way, the editor's own undo takes back."),
      );
    }
    const known = await this.known(last);
    const wanted = known.length ? await asked(known) : [];
    if (!wanted) {
      return;
    }
    if (wanted.length) {
      await restore(wanted);
    }
    // what was left as it is can still be restored; others may have come after it meanwhile
    const left = known.filter((one) => !wanted.includes(one)).map(({ saved }) => saved);
    this.keep(this.all.flatMap((one) => (one !== last ? [one] : left.length ? [left] : [])));
    const lost = last.filter((saved) => !known.some((one) => one.saved === saved));
    if (wanted.length) {
      void vscode.window.showInformationMessage(
        wanted.length === 1
          ? vscode.l10n.t("{0} is as it was before.", vscode.workspace.asRelativePath(wanted[0]!.uri))
          : vscode.l10n.t("{0} files are as they were before.", wanted.length),
      );
    }
    if (lost.length) {
      const names = lost.map(({ uri }) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
      throw new Refusal(
        vscode.l10n.t("What was in {0} before is not known since the window was loaded anew.", names.join(", ")),
        vscode.l10n.t("The Timeline view of the Explorer may have it."),
      );
    }
  }

  private keep(all: readonly (readonly Saved[])[]): void {
    this.all = all;
    const needed = new Set(all.flat().map(({ before }) => before));
    [...this.texts.keys()].filter((one) => !needed.has(one)).forEach((one) => this.texts.delete(one));
    void this.kept.update(KEY, all);
    void vscode.commands.executeCommand("setContext", "rejoinder.canUndoEdits", all.length > 0);
  }

  /** The files whose text from before is at hand, or that were not there. */
  private async known(all: readonly Saved[]): Promise<Wanted[]> {
    const found = all.map(async (saved): Promise<Wanted | undefined> => {
      const uri = vscode.Uri.parse(saved.uri);
      if (saved.before === null) {
        return { uri, saved, before: undefined };
      }
      const before = this.texts.get(saved.before) ?? (await versionedText(uri, saved.before));
      return before === undefined ? undefined : { uri, saved, before };
    });
    return (await Promise.all(found)).filter((one) => one !== undefined);
  }
}

function hash(text: string | undefined): string | null {
  return text === undefined ? null : hashOf(text);
}

/** The files to restore: all of them, unless some have changed since and the user says otherwise. */
async function asked(known: readonly Wanted[]): Promise<readonly Wanted[] | undefined> {
  const now = await Promise.all(known.map(async ({ uri }) => hash(await textOf(uri))));
  const since = known.filter(({ saved: { after, before } }, at) => now[at] !== after && now[at] !== before);
  if (!since.length) {
    return known;
  }
  const others = known.filter((one) => !since.includes(one));
  const [all, rest] = [vscode.l10n.t("Restore All"), vscode.l10n.t("Restore the Others")];
  const names = since.map(({ uri }) => vscode.workspace.asRelativePath(uri)).join("\n");
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t("Some files have changed since. What was changed in them would be lost."),
    { modal: true, detail: names },
    ...(others.length ? [rest] : []),
    all,
  );
  return picked === all ? known : picked === rest ? others : undefined;
}

async function restore(wanted: readonly Wanted[]): Promise<void> {
  const unsaved = new Set(vscode.workspace.textDocuments.filter((one) => one.isDirty).map(({ uri }) => uri.toString()));
  if (!(await vscode.workspace.applyEdit(await restoring(wanted)))) {
    throw new Refusal(vscode.l10n.t("The files could not be changed."), vscode.l10n.t("Look whether they may be written."));
  }
  for (const { uri, before } of wanted) {
    if (before !== undefined && !unsaved.has(uri.toString())) {
      await (await vscode.workspace.openTextDocument(uri)).save();
    }
  }
}

async function restoring(wanted: readonly Wanted[]): Promise<vscode.WorkspaceEdit> {
  const change = new vscode.WorkspaceEdit();
  for (const { uri, before } of wanted) {
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
