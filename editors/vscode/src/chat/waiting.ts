/** Which tool calls of the running turn wait for the user. */

import type { Update } from "../generated/protocol";

export class Waiting {
  private readonly calls = new Set<string>();

  get isEmpty(): boolean {
    return this.calls.size === 0;
  }

  clear(): void {
    this.calls.clear();
  }

  /** Take an update; answers whether there are others to wait for now. */
  take(update: Update): boolean {
    const before = this.calls.size;
    if (update.type === "approval") {
      this.calls.add(update.callId);
    } else if (update.type === "tool_update" && update.status !== "waiting") {
      this.calls.delete(update.callId);
    } else if (update.type === "end") {
      this.calls.clear();
    }
    return this.calls.size !== before;
  }
}
