/** How full the context is, and what the session has used. */

import type { ToPage } from "../panel/messages";
import type { Server } from "../server/server";
import type { Conversation } from "./conversation";

/** Any text will do to be told of the prompt around it. */
const SOMETHING = "?";

/** Asks the server when the conversation has become another one, and not while an answer comes in. */
export class Fullness {
  private seen = "";
  private latest: Promise<unknown> | undefined;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly post: (message: ToPage) => void,
  ) {}

  /** Tell the page, if it may not know. `anew`: it does not, or another model counts now. */
  async refresh(anew = false): Promise<void> {
    const { session, address, choices, isRunning } = this.conversation;
    const key = JSON.stringify([session?.sessionId, session?.head, session?.messageCount, session?.usage]);
    if (!session || isRunning || this.server.status.state !== "ready" || (!anew && key === this.seen)) {
      return;
    }
    this.seen = key;
    const asked = { of: "chat", ...address, ...choices.params, text: SOMETHING, retrieve: false } as const;
    const preview = this.server.request("PREVIEW", asked);
    this.latest = preview;
    const { tokens, budget } = await preview;
    if (preview !== this.latest) {
      return;
    }
    if (session.sessionId === this.conversation.session?.sessionId) {
      this.post({ type: "context", tokens, budget, usage: session.usage });
    } else {
      // nothing of it has been told: it is asked about again when it is shown again
      this.seen = "";
    }
  }
}
