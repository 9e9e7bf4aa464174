/** The server as the rest of the extension sees it: started, lost, started again, and asked. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { State, WorkDoneProgress, type LanguageClient } from "vscode-languageclient/node";

import { METHODS, type Params, type Results } from "../generated/protocol";
import type { Action, ServerState } from "../panel/messages";
import { newRun } from "./client";
import { findServer } from "./find";
import type { Keys } from "./keys";

/** The state, and for people what it is about and what can be done. */
export interface ServerStatus {
  state: ServerState;
  detail?: string;
  hint?: string;
  actions?: Action[];
}

/** A request was not sent, or not answered, because there is no server. */
export class ServerGone extends Error {}

/** After so many losses within this time the user has to say that it shall go on. */
const LOSSES_ALLOWED = 4;
const LOSSES_WITHIN_MS = 180_000;
const PAUSE_MS = 1_000;

type Wiring = (client: LanguageClient) => void;

/** Keeps one server running. Starts and stops go through one promise, so that they never overlap. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private changing: Promise<void> = Promise.resolve();
  private losses: number[] = [];
  private readonly wirings: Wiring[] = [];
  private readonly listeners: { [M in keyof Params]?: unknown[] } = {};
  private readonly changed = new vscode.EventEmitter<ServerStatus>();
  private current: ServerStatus = { state: "starting" };

  /** Told of each new state. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly keys: Keys,
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  get status(): ServerStatus {
    return this.current;
  }

  /** The running client's converters between the editor's types and the protocol's; undefined without a server. */
  get converters(): Pick<LanguageClient, "code2ProtocolConverter" | "protocol2CodeConverter"> | undefined {
    return this.client;
  }

  /** Set up something on each new client: handlers of notifications and requests. */
  wire(wiring: Wiring): void {
    this.wirings.push(wiring);
  }

  /** Be told of a notification, whichever run of the server sends it. */
  on<M extends keyof Params>(notification: M, listener: (params: Params[M]) => void): void {
    const all = (this.listeners[notification] ??= []) as ((params: Params[M]) => void)[];
    all.push(listener);
    if (all.length === 1) {
      // a client has room for one handler of each notification
      this.wire((client) => client.onNotification(METHODS[notification], (params: Params[M]) => all.forEach((each) => each(params))));
    }
  }

  /** Start, or start anew. The promise ends when the server runs or cannot. */
  restart(): Promise<void> {
    this.losses = [];
    return this.startAnew("starting");
  }

  /** Ask the server. A start under way is waited for. Throws ServerGone, or the server's ResponseError. */
  async request<M extends keyof Params & keyof Results>(
    method: M,
    params: Params[M],
    cancel?: vscode.CancellationToken,
  ): Promise<Results[M]> {
    await this.changing;
    const client = this.client;
    if (client?.state !== State.Running) {
      throw new ServerGone([vscode.l10n.t("Rejoinder's server is not running."), this.current.detail].filter(Boolean).join(" "));
    }
    try {
      const name = METHODS[method];
      // the client would take a token that is undefined for another parameter
      return await (cancel ? client.sendRequest<Results[M]>(name, params, cancel) : client.sendRequest<Results[M]>(name, params));
    } catch (error) {
      // a connection that ends takes its requests along
      throw client === this.client && client.state === State.Running ? error : new ServerGone(vscode.l10n.t("The server has ended."));
    }
  }

  /**
   * Ask for something that takes long: a notification shows how far it is, and cancels it. Undefined: it was cancelled.
   */
  async requestWithProgress<M extends keyof Params & keyof Results>(
    method: M,
    params: Params[M],
    title: string,
  ): Promise<Results[M] | undefined> {
    await this.changing;
    const token = randomUUID();
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, cancel) => {
        let done = 0;
        const listening = this.client?.onProgress(WorkDoneProgress.type, token, (work) => {
          const percentage = "percentage" in work ? (work.percentage ?? done) : done;
          progress.report({ increment: percentage - done, ...(work.message ? { message: work.message } : {}) });
          done = percentage;
        });
        try {
          return await this.request(method, { ...params, workDoneToken: token }, cancel);
        } catch (error) {
          if (cancel.isCancellationRequested) {
            return undefined;
          }
          throw error;
        } finally {
          listening?.dispose();
        }
      },
    );
  }

  /** Tell the server something; nothing happens without one. */
  async notify<M extends keyof Params>(notification: M, params: Params[M]): Promise<void> {
    await this.client?.sendNotification(METHODS[notification], params);
  }

  /** Stop the server as an editor should that closes. */
  async stop(): Promise<void> {
    this.changing = this.changing.then(() => this.stopClient());
    await this.changing;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private startAnew(state: "starting" | "restarting", pauseMs = 0): Promise<void> {
    this.changing = this.changing
      .then(() => this.start(state, pauseMs))
      .catch((error: unknown) => this.failed(error));
    return this.changing;
  }

  private async start(state: "starting" | "restarting", pauseMs: number): Promise<void> {
    this.tell({ state });
    await this.stopClient();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const program = await findServer(this.memory);
    if ("detail" in program) {
      this.tell({ state: "missing", ...program });
      return;
    }
    this.log.info(`starting ${[program.command, ...program.args].join(" ")} serve`);
    const { client, lastWords } = newRun({
      program,
      keys: await this.keys.environment(),
      log: this.log,
      lost: () => this.lost(client),
    });
    for (const wiring of this.wirings) {
      wiring(client);
    }
    await client.start().catch(async (error: unknown) => {
      const words = await lastWords();
      throw words ? new Error(words) : error;
    });
    this.client = client;
    this.tell({ state: "ready" });
  }

  /** The connection ended by itself: start anew, unless that happens again and again. */
  private lost(client: LanguageClient): void {
    if (client !== this.client) {
      return;
    }
    this.client = undefined;
    const now = Date.now();
    this.losses = [...this.losses.filter((at) => now - at < LOSSES_WITHIN_MS), now];
    if (this.losses.length > LOSSES_ALLOWED) {
      this.failed(vscode.l10n.t("It ended several times in a row."));
    } else {
      void this.startAnew("restarting", (this.losses.length - 1) * PAUSE_MS);
    }
  }

  private async stopClient(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.state === State.Running) {
      await client.stop().catch((error: unknown) => this.log.warn(`while stopping: ${String(error)}`));
    }
  }

  private failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.log.error(`the server cannot run: ${reason}`);
    this.tell({
      state: "stopped",
      detail: reason,
      hint: vscode.l10n.t("Start it again; the log says more."),
      actions: [
        { label: vscode.l10n.t("Start Again"), command: "rejoinder.restart" },
        { label: vscode.l10n.t("Show the Log"), command: "rejoinder.showLog" },
      ],
    });
  }

  private tell(status: ServerStatus): void {
    this.current = status;
    this.changed.fire(status);
  }
}
