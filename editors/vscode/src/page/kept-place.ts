/** Keeps which message is in view, for a page that is made anew. */

import type { Bridge } from "./bridge";
import type { Wanted } from "./log";

const PAUSE_MS = 200;

export class KeptPlace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private latest: Wanted | undefined;

  constructor(private readonly bridge: Bridge) {
    window.addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => this.flush());
  }

  /** What is in view, or was when the page went away, if it shows this session. */
  of(sessionId: string): Wanted | undefined {
    this.flush();
    const saved = this.bridge.saved();
    return saved.sessionId === sessionId ? saved.place : undefined;
  }

  /** This is in view now. */
  moved(place: Wanted | undefined): void {
    this.latest = place;
    this.timer ??= setTimeout(() => this.flush(), PAUSE_MS);
  }

  private flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest || this.bridge.saved().place) this.bridge.save({ place: this.latest });
  }
}
