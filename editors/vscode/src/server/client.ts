/** One run of the server: the language client with what Rejoinder needs beyond it. */

import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";

import { EDITOR_CONTEXT_FEATURE, PROTOCOL_VERSION, type ClientHandshake } from "../generated/protocol";
import type { Program } from "./programs";
import { chosenSettings, initializationOptions, serveArguments } from "./settings";

/** The documents that the server is told of. */
export const SYNCED_SCHEMES = ["file", "untitled"];

/** What a run needs to know. */
export interface Run {
  program: Program;
  keys: Record<string, string>;
  log: vscode.LogOutputChannel;
  /** Called when the connection ends and nobody has asked for it. */
  lost: () => void;
}

/** What goes wrong is shown on the page, with something to do about it, and not a second time as a notification. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** After so long a server that did not start is not waited for to say why. */
const LAST_WORDS_MS = 1_000;

/** One run of the server, with the last line that it wrote for people, known when it has ended. */
export interface ServerRun {
  client: LanguageClient;
  lastWords(): Promise<string>;
}

/** A run that is not started yet. */
export function newRun(run: Run): ServerRun {
  let last = "";
  let silent: Promise<unknown> = Promise.resolve();
  const hear = (lines: string[]) => {
    last = lines.findLast((line) => line.trim()) ?? last;
    lines.filter((line) => line.trim()).forEach((line) => run.log.warn(line));
  };
  const client = new Client(
    "rejoinder",
    "Rejoinder",
    {
      command: run.program.command,
      args: [...run.program.args, "serve", ...serveArguments()],
      options: { env: { ...process.env, ...run.keys }, cwd: homedir() },
    },
    {
      ...options(run),
      stdioOptions: {
        stderr: (stream) => {
          stream.on("data", (data) => hear(String(data).split("\n")));
          silent = new Promise((resolve) => stream.once("close", resolve));
        },
        stdout: () => undefined,
      },
    },
  );
  const lastWords = async () => {
    // the connection may be seen to break before what was said last has arrived
    await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
    return last;
  };
  client.registerFeature(handshake());
  return { client, lastWords };
}

function options(run: Run): LanguageClientOptions {
  return {
    documentSelector: SYNCED_SCHEMES.map((scheme) => ({ scheme })),
    initializationOptions: initializationOptions(),
    outputChannel: run.log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    synchronize: { configurationSection: "rejoinder" },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        run.lost();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      workspace: {
        configuration: (params) =>
          params.items.map((item) => chosenSettings(item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined)),
      },
    },
  };
}

/** Tells the server that this client draws answers itself and answers questions about the editor. */
function handshake(): StaticFeature {
  const told: ClientHandshake = { protocolVersion: PROTOCOL_VERSION, ui: true, features: [EDITOR_CONTEXT_FEATURE] };
  return {
    fillClientCapabilities: (capabilities) => {
      capabilities.experimental = { ...capabilities.experimental, rejoinder: told };
    },
    initialize: () => undefined,
    getState: () => ({ kind: "static" }),
    clear: () => undefined,
  };
}
