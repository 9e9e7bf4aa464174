/** Running other programs for a moment. */

import { execFile } from "node:child_process";
import { homedir } from "node:os";
import * as vscode from "vscode";

/** A program with what comes before its own arguments. */
export interface Program {
  command: string;
  args: readonly string[];
}

const PATIENCE_MS = 30_000;

/**
 * What a program prints, or why it could not be run. It runs in the home folder: one that is named without a path must
 * never be found in a workspace.
 */
export function output(program: Program, ...args: string[]): Promise<{ text: string } | { reason: string }> {
  return new Promise((resolve) => {
    const all = [...program.args, ...args];
    execFile(program.command, all, { timeout: PATIENCE_MS, cwd: homedir() }, (error, stdout, stderr) => {
      if (!error) {
        resolve({ text: stdout.trim() });
      } else if (error.code === "ENOENT") {
        resolve({ reason: vscode.l10n.t("there is no such program") });
      } else {
        const said = stderr.trim().split("\n").at(-1);
        resolve({ reason: said || error.message });
      }
    });
  });
}

/** Whether a program runs and says its version. */
export async function runs(program: Program): Promise<boolean> {
  return "text" in (await output(program, "--version"));
}
