/** Keeps what is in the input: at once with VS Code for this page, and with its session when typing pauses. */

import type { Bridge } from "./bridge";

const PAUSE_MS = 400;

export class Drafts {
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The session does not have it yet. */
  private untold = false;
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
    this.untold = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** This session is shown, and the input holds this text. What was typed last belongs to the one before, if any. */
  take(text: string, sessionId: string): void {
    if (sessionId !== this.sessionId) this.flush();
    this.remember(text, sessionId);
    this.flush();
  }

  /** The text has been sent: it is no draft any more. Answers the session that it was typed in. */
  sent(): string | undefined {
    clearTimeout(this.timer);
    this.untold = false;
    return this.sessionId;
  }

  private remember(text: string, sessionId: string | undefined): void {
    this.kept = text;
    this.sessionId = sessionId;
    this.bridge.save({ draft: text, ...(sessionId === undefined ? {} : { sessionId }) });
  }

  /** Before there is a session it waits for one. */
  private flush(): void {
    if (!this.untold || this.sessionId === undefined) return;
    clearTimeout(this.timer);
    this.untold = false;
    this.bridge.post({ type: "draft", sessionId: this.sessionId, text: this.kept });
  }
}
