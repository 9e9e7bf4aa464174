/** Keeps what is in the input: at once with VS Code for this page, and with the session when typing pauses. */

import type { Bridge } from "./bridge";

const PAUSE_MS = 400;

export class Drafts {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private kept: string;
  private sessionId: string | undefined;

  constructor(private readonly bridge: Bridge) {
    const saved = bridge.saved();
    this.kept = saved.draft;
    this.sessionId = saved.sessionId;
    document.addEventListener("visibilitychange", () => this.flush());
    window.addEventListener("blur", () => this.flush());
  }

  /** The text that was in the input when the page went away, and its session. */
  get saved(): { draft: string; sessionId: string | undefined } {
    return { draft: this.kept, sessionId: this.sessionId };
  }

  /** The input holds this text now. */
  typed(text: string): void {
    if (text === this.kept) return;
    this.remember(text, this.sessionId);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** The input holds this text of this session, which has it already. */
  remember(text: string, sessionId: string | undefined): void {
    this.kept = text;
    this.sessionId = sessionId;
    this.bridge.save({ draft: text, ...(sessionId === undefined ? {} : { sessionId }) });
  }

  /** The text has been sent: it is no draft any more. */
  sent(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.bridge.post({ type: "draft", text: this.kept });
  }
}
