/** What went wrong, for people: what happened, and one thing to do. */

import * as vscode from "vscode";
import { ResponseError } from "vscode-languageclient/node";

import { ERRORS, type ErrorData, type ErrorInfo } from "./generated/protocol";
import type { Action, ToPage } from "./panel/messages";
import { ServerGone } from "./server/server";

export type Failure = Extract<ToPage, { type: "failure" }>;

/** Something that this extension itself cannot do. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly action?: Action,
  ) {
    super(message);
  }
}

const ACTIONS: Partial<Record<number, Action>> = {
  [ERRORS.MODEL_NOT_CONFIGURED]: { label: vscode.l10n.t("Choose a Model"), command: "rejoinder.chooseModel" },
  [ERRORS.MODEL_AUTH]: { label: vscode.l10n.t("Set a Key"), command: "rejoinder.setKey" },
  [ERRORS.MODEL_UNAVAILABLE]: { label: vscode.l10n.t("Open Settings"), command: "rejoinder.openSettings" },
  [ERRORS.INTERNAL_ERROR]: { label: vscode.l10n.t("Show the Log"), command: "rejoinder.showLog" },
};

/** Any error as a failure to show. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) {
    return failure(error.message, error.hint, error.action);
  }
  if (error instanceof ServerGone) {
    return failure(error.message, vscode.l10n.t("Start it again; nothing that was typed is lost."), {
      label: vscode.l10n.t("Start Again"),
      command: "rejoinder.restart",
    });
  }
  if (error instanceof ResponseError) {
    return failureOfInfo({ code: error.code, message: error.message, data: error.data });
  }
  const message = error instanceof Error ? error.message : String(error);
  return failure(message, vscode.l10n.t("The log says more."), { label: vscode.l10n.t("Show the Log"), command: "rejoinder.showLog" });
}

/** An error as the server tells it, by its reply or by a turn's end. */
export function failureOfInfo(info: ErrorInfo): Failure {
  const data = info.data as Partial<ErrorData> | undefined;
  return failure(info.message, data?.hint, ACTIONS[info.code]);
}

/** Show a failure that does not belong to the chat page. */
export async function show(error: unknown): Promise<void> {
  const { message, hint, action } = failureOf(error);
  const text = [message, hint].filter(Boolean).join(" ");
  const picked = await vscode.window.showErrorMessage(text, ...(action ? [action.label] : []));
  if (picked && action) {
    await vscode.commands.executeCommand(action.command);
  }
}

function failure(message: string, hint?: string, action?: Action): Failure {
  return { type: "failure", message, ...(hint ? { hint } : {}), ...(action ? { action } : {}) };
}
