/** As much of the Git extension's interface as is used. */

import * as vscode from "vscode";

import { Refusal } from "../failures";

/** A repository that the Git view shows. */
export interface Repository {
  readonly rootUri: vscode.Uri;
  /** What the message of the next commit is typed into. */
  readonly inputBox: { value: string };
  /** What has changed: what is staged against the last commit, or else the files against what is staged. */
  diff(cached?: boolean): Promise<string>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): { readonly repositories: Repository[] };
}

/** The repository at a folder; without one the only one, or the one that the user chooses. */
export async function repositoryAt(root?: vscode.Uri): Promise<Repository | undefined> {
  const { t } = vscode.l10n;
  const git = await vscode.extensions.getExtension<GitExtension>("vscode.git")?.activate();
  const all = git?.enabled ? git.getAPI(1).repositories : [];
  if (!all.length) {
    throw new Refusal(t("There is no Git repository."), t("Open a folder that is in one."));
  }
  if (root || all.length === 1) {
    return all.find(({ rootUri }) => rootUri.toString() === root?.toString()) ?? all[0];
  }
  const items = all.map((repository) => ({ label: vscode.workspace.asRelativePath(repository.rootUri), repository }));
  return (await vscode.window.showQuickPick(items, { title: t("Which repository?") }))?.repository;
}
