/** A commit's message, written by the model into the Git view. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";

import { nameOf } from "../chat/models";
import { Refusal, show } from "../failures";
import type { TurnResult } from "../generated/protocol";
import type { Action } from "../panel/messages";
import type { Server } from "../server/server";
import { repositoryAt, type Repository } from "./git";

/** What the server calls changes that it finds by itself. */
const DIFF_URI = "git:diff";
/** An answer that is one block of code as a whole. */
const FENCED = /^\s*```[^\n]*\n([\s\S]*?)\n?```\s*$/;

export class CommitMessage {
  /** What was written last: of two messages that are asked for at once, the second takes the first one's place. */
  private last: string | undefined;

  constructor(private readonly server: Server) {}

  /** Write the message of a repository's next commit, for what is staged, or for all changes when nothing is. */
  async write(of?: Pick<vscode.SourceControl, "rootUri">): Promise<void> {
    const repository = await repositoryAt(of?.rootUri);
    if (!repository) {
      return;
    }
    const staged = await repository.diff(true);
    const diff = staged || (await repository.diff());
    if (!diff) {
      throw new Refusal(vscode.l10n.t("Nothing has changed."), vscode.l10n.t("Stage what shall be committed; new files count once they are staged."));
    }
    if (!nameOf(await this.server.request("MODELS", {}))) {
      const action: Action = { label: vscode.l10n.t("Choose a Model"), command: "rejoinder.chooseModel" };
      throw new Refusal(vscode.l10n.t("No model is set."), vscode.l10n.t("Choose one to write the message."), action);
    }
    const title = staged ? vscode.l10n.t("Writing a message for what is staged") : vscode.l10n.t("Writing a message for all changes");
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const typed = repository.inputBox.value;
    const answer = await vscode.window.withProgress(options, (_, cancel) => this.ask(repository, diff, typed, cancel));
    const message = answer && messageIn(answer);
    if (message) {
      this.put(repository, message, typed);
    }
  }

  /** Put a message in the place of what it was asked with. What was typed since then stays below it. */
  private put(repository: Repository, message: string, asked: string): void {
    const before = repository.inputBox.value;
    const isTyped = before.trim() !== "" && before !== asked && before !== this.last;
    this.last = isTyped ? `${message}\n\n${before}` : message;
    repository.inputBox.value = this.last;
    offerUndo(repository, before, this.last);
  }

  /** `typed` is what the user says about it. Undefined: it was cancelled. */
  private async ask(
    { rootUri }: Repository,
    diff: string,
    typed: string,
    cancel: vscode.CancellationToken,
  ): Promise<TurnResult | undefined> {
    const about = {
      text: typed,
      action: "commit" as const,
      uri: rootUri.toString(),
      turnId: randomUUID(),
      attachments: [{ uri: DIFF_URI, text: diff }],
      tools: [],
      remember: false,
    };
    try {
      const answer = await this.server.request("ASK", about, cancel);
      return cancel.isCancellationRequested ? undefined : answer;
    } catch (error) {
      if (cancel.isCancellationRequested) {
        return undefined;
      }
      throw error;
    }
  }
}

function messageIn({ text, stopReason }: TurnResult): string {
  const answer = stopReason === "cancelled" ? "" : (text ?? "");
  return (FENCED.exec(answer)?.[1] ?? answer).trim();
}

/** The Git view's own undo does not know of what is put into it. */
function offerUndo(repository: Repository, before: string, written: string): void {
  const undo = vscode.l10n.t("Undo");
  const restore = (picked: string | undefined) => {
    if (picked !== undo) {
      return;
    }
    if (repository.inputBox.value !== written) {
      throw new Refusal(vscode.l10n.t("The message was changed since."), vscode.l10n.t("Clear the box to begin anew."));
    }
    repository.inputBox.value = before;
  };
  // not waited for: it stays until somebody answers
  void vscode.window.showInformationMessage(vscode.l10n.t("A commit message was written."), undo).then(restore).then(undefined, show);
}
