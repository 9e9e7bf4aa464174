/** Finds the server: the setting, the Python extension's environment, the search path, `uvx` after a yes. */

import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

import type { Action } from "../panel/messages";
import { output, runs, type Program } from "./programs";
import { chosenInterpreter } from "./python";

/** Why there is no server, and what can be done about it. */
export interface Missing {
  detail: string;
  hint: string;
  actions: Action[];
}

export const INSTALL_COMMAND = "pipx install rejoinder";
const UVX_ALLOWED = "uvxAllowed";

/** The server's program without its own arguments, or why none was found. */
export async function findServer(memory: vscode.Memento): Promise<Program | Missing> {
  const named = namedProgram();
  if (named) {
    const tried = await output(named, "--version");
    return "text" in tried ? named : unusable(named.command, tried.reason);
  }
  const places = vscode.workspace.isTrusted ? [await inPythonEnvironment(), onPath()] : [onPath()];
  for (const program of places) {
    if (program && (await runs(program))) {
      return program;
    }
  }
  const uvx = { command: "uvx", args: [] };
  const hasUvx = await runs(uvx);
  if (hasUvx && memory.get(UVX_ALLOWED)) {
    return { command: "uvx", args: ["rejoinder"] };
  }
  return notFound(hasUvx, await hasPython());
}

/** Remember that `uvx` may download and run the server. */
export async function allowUvx(memory: vscode.Memento): Promise<void> {
  await memory.update(UVX_ALLOWED, true);
}

function namedProgram(): Program | undefined {
  const named = vscode.workspace.getConfiguration("rejoinder").get<string>("path")?.trim();
  if (!named) {
    return undefined;
  }
  return { command: named.startsWith("~/") ? path.join(homedir(), named.slice(2)) : named, args: [] };
}

async function inPythonEnvironment(): Promise<Program | undefined> {
  const interpreter = await chosenInterpreter().catch(() => undefined);
  // -P: nothing is imported from the folder that the process stands in
  return interpreter ? { command: interpreter, args: ["-P", "-m", "rejoinder"] } : undefined;
}

function onPath(): Program {
  return { command: "rejoinder", args: [] };
}

async function hasPython(): Promise<boolean> {
  const found = await Promise.all(["python3", "python"].map((command) => runs({ command, args: [] })));
  return found.includes(true);
}

function unusable(command: string, reason: string): Missing {
  return {
    detail: vscode.l10n.t("The setting rejoinder.path names {0}, which cannot be run: {1}.", command, reason),
    hint: vscode.l10n.t("Correct the setting, or clear it to have the server looked for."),
    actions: [
      { label: vscode.l10n.t("Open Settings"), command: "rejoinder.openSettings" },
      { label: vscode.l10n.t("Try Again"), command: "rejoinder.restart" },
    ],
  };
}

function notFound(hasUvx: boolean, python: boolean): Missing {
  const actions: Action[] = [
    { label: vscode.l10n.t("Copy the Install Command"), command: "rejoinder.copyInstallCommand" },
    { label: vscode.l10n.t("Try Again"), command: "rejoinder.restart" },
    { label: vscode.l10n.t("Open Settings"), command: "rejoinder.openSettings" },
  ];
  if (hasUvx) {
    actions.unshift({ label: vscode.l10n.t("Run It with uvx"), command: "rejoinder.runWithUvx" });
  }
  return {
    detail: python
      ? vscode.l10n.t("It is not in the Python environment of this workspace, and not on the search path.")
      : vscode.l10n.t("There is no Python on this machine either."),
    hint: python
      ? vscode.l10n.t("Install it with `{0}`, or name it in the setting rejoinder.path.", INSTALL_COMMAND)
      : vscode.l10n.t("Install Python 3.11 or newer, then the server with `{0}`; or name it in the setting rejoinder.path.", INSTALL_COMMAND),
    actions,
  };
}
