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
  /** What a file holds in a commit, or, with an empty name, staged. Fails where there is no such file. */
  show(ref: string, path: string): Promise<string>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

interface GitApi {
  readonly repositories: Repository[];
  getRepository(uri: vscode.Uri): Repository | null;
}

/** The repository at a folder; without one the only one, or the one that the user chooses. */
export async function repositoryAt(root?: vscode.Uri): Promise<Repository | undefined> {
  const all = (await gitApi())?.repositories ?? [];
  if (!all.length) {
    throw new Refusal(vscode.l10n.t("There is no Git repository."), vscode.l10n.t("Open a folder that is in one."));
  }
  if (root || all.length === 1) {
    return all.find(({ rootUri }) => rootUri.toString() === root?.toString()) ?? all[0];
  }
  const items = all.map((repository) => ({ label: vscode.workspace.asRelativePath(repository.rootUri), repository }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Which repository?") }))?.repository;
}

/** The repository that a file is in; undefined: in none, or Git is not used. */
export async function repositoryOf(uri: vscode.Uri): Promise<Repository | undefined> {
  return (await gitApi())?.getRepository(uri) ?? undefined;
}

async function gitApi(): Promise<GitApi | undefined> {
  const git = await vscode.extensions.getExtension<GitExtension>("vscode.git")?.activate();
  return git?.enabled ? git.getAPI(1) : undefined;
}
