/** What the server is told of the editor's settings. */

import * as vscode from "vscode";

import { GUARDED_SETTINGS, SETTINGS, type Settings } from "../generated/protocol";

const SECTION = "rejoinder";

/**
 * The settings that somebody has set. The editor would tell every default too, and those would hide what the user's
 * own `config.toml` says.
 */
export function chosenSettings(scope?: vscode.Uri): Settings {
  return chosenOf(SETTINGS, scope);
}

/** The options of `initialize`: what the server takes from a trusted workspace alone. */
export function initializationOptions(): object {
  return vscode.workspace.isTrusted ? { trusted: true, ...chosenOf(GUARDED_SETTINGS) } : {};
}

/** Arguments of `serve` for what is settled before the server hears of any client: its folders, and how long it stays. */
export function serveArguments(): string[] {
  const { dataDir, cacheDir, idleSeconds } = chosenOf(GUARDED_SETTINGS);
  const given = { "--data-dir": dataDir, "--cache-dir": cacheDir, "--idle-seconds": idleSeconds };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

/** Whether a change reaches the server only by a new start. */
export function needsRestart(event: vscode.ConfigurationChangeEvent): boolean {
  return ["path", ...GUARDED_SETTINGS].some((key) => event.affectsConfiguration(`${SECTION}.${key}`));
}

function chosenOf(keys: readonly string[], scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const isSet = (key: string) => {
    const found = configuration.inspect(key);
    // what a workspace says that is not trusted does not even hide what the user's own file says
    const ofWorkspace = vscode.workspace.isTrusted ? [found?.workspaceValue, found?.workspaceFolderValue] : [];
    const values = [found?.globalValue, ...ofWorkspace];
    return values.some((value) => value !== undefined) && configuration.get(key) !== "";
  };
  return Object.fromEntries(keys.filter(isSet).map((key) => [key, configuration.get(key)]));
}
