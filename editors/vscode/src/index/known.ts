/** How far the indexes of the window's projects are, as the server says. */

import * as vscode from "vscode";

import type { IndexFault, IndexStatus } from "../generated/protocol";
import type { Server } from "../server/server";

/** All indexes as one. */
export interface IndexSum {
  state: IndexStatus["state"];
  files: number;
  passages: number;
  done: number;
  total: number;
  bytes: number;
  faults: IndexFault[];
}

/** The worst of several states is what a line says of all. */
const WORST: readonly IndexStatus["state"][] = ["error", "indexing", "starting", "paused", "ready"];

/** Follows the server's word of its indexes. */
export class KnownIndexes implements vscode.Disposable {
  private readonly known = new Map<string, IndexStatus>();
  private readonly changed = new vscode.EventEmitter<void>();

  /** Told of each step. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    server.on("INDEX_CHANGED", (status) => this.take(status));
  }

  /** All of them together; undefined before anything is known. */
  get sum(): IndexSum | undefined {
    const all = [...this.known.values()];
    if (!all.length) {
      return undefined;
    }
    const total = (count: (one: IndexStatus) => number) => all.map(count).reduce((sum, one) => sum + one, 0);
    return {
      state: WORST.find((state) => all.some((one) => one.state === state)) ?? "ready",
      files: total(({ files }) => files),
      passages: total(({ chunks }) => chunks),
      done: total(({ done }) => done),
      total: total((one) => one.total),
      bytes: total(({ bytes }) => bytes),
      faults: all.flatMap(({ errors }) => errors),
    };
  }

  /** Ask the server how it is now. */
  async refresh(): Promise<void> {
    this.take(await this.server.request("INDEX_STATUS", {}));
  }

  dispose(): void {
    this.changed.dispose();
  }

  private take(status: IndexStatus): void {
    this.known.set(status.projectId ?? "", status);
    this.changed.fire();
  }
}
