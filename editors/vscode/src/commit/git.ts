/** As much of the Git extension's interface as is used. */

import * as vscode from "vscode";

import { Refusal } from "../failures";

/** How long Git may take to look for repositories. */
const PATIENCE_MS = 10_000;

/** A repository that the Git view shows. */
export interface Repository {
  readonly rootUri: vscode.Uri;
  /** What the message of the next commit is typed into. */
  readonly inputBox: { value: string };
  /** What has changed: what is staged against the last commit, or else the files against what is staged. */
  diff(cached?: boolean): Promise<string>;
  /** What a file holds in a commit, or, with an empty name, staged. Fails where there is no such file. */
  show(ref: string, path: string): Promise<string>;
}

type GitState = "uninitialized" | "initialized";

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

interface GitApi {
  /** Whether the folders of the window were looked through. That goes on when the extension is active already. */
  readonly state: GitState;
  readonly onDidChangeState: vscode.Event<GitState>;
  readonly repositories: Repository[];
  getRepository(uri: vscode.Uri): Repository | null;
}

/** The repository at a folder; without one the only one, or the one that the user chooses. */
export async function repositoryAt(root?: vscode.Uri): Promise<Repository | undefined> {
  const git = await gitApi();
  if (git && !git.repositories.length) {
    await scanned(git);
  }
  const all = git?.repositories ?? [];
  if (!all.length) {
    throw new Refusal(vscode.l10n.t("There is no Git repository."), vscode.l10n.t("Open a folder that is in one."));
  }
  if (root || all.length === 1) {
    return all.find(({ rootUri }) => rootUri.toString() === root?.toString()) ?? all[0];
  }
  const items = all.map((repository) => ({ label: vscode.workspace.asRelativePath(repository.rootUri), repository }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Which repository?") }))?.repository;
}

/** The repository that a file is in; undefined: in none, or Git is not used. Refused while that is not known yet. */
export async function repositoryOf(uri: vscode.Uri): Promise<Repository | undefined> {
  const git = await gitApi();
  if (git) {
    // of two around the file the inner one may be found last
    await scanned(git);
  }
  return git?.getRepository(uri) ?? undefined;
}

async function gitApi(): Promise<GitApi | undefined> {
  const git = await vscode.extensions.getExtension<GitExtension>("vscode.git")?.activate();
  return git?.enabled ? git.getAPI(1) : undefined;
}

/** Wait until Git has looked for repositories. Refused when that takes too long. */
async function scanned({ state, onDidChangeState }: GitApi): Promise<void> {
  if (state === "initialized") {
    return;
  }
  const isScanned = await new Promise<boolean>((resolve) => {
    const done = (answer: boolean) => {
      clearTimeout(timer);
      listening.dispose();
      resolve(answer);
    };
    const timer = setTimeout(() => done(false), PATIENCE_MS);
    const listening = onDidChangeState((now) => now === "initialized" && done(true));
  });
  if (!isScanned) {
    throw new Refusal(vscode.l10n.t("Git is still looking for repositories."), vscode.l10n.t("Try again when the Git view shows them."));
  }
}
