/** What is in the input, kept with the session that it was typed in. */

import type { Session } from "../generated/protocol";
import type { Server } from "../server/server";
import { addressOf, type Address } from "./address";

/** The page may tell of a draft when another session is shown already, so each goes by the session that it names. */
export class Drafts {
  private readonly addresses = new Map<string, Address>();
  /** What the shown sessions have as far as is known. */
  private readonly texts = new Map<string, string>();
  private onTheWay: Promise<unknown> = Promise.resolve();

  constructor(private readonly server: Server) {}

  /** A session is shown, with its draft. */
  shown(session: Session): void {
    this.addresses.set(session.sessionId, addressOf(session));
    this.texts.set(session.sessionId, session.draft ?? "");
  }

  /** Whether the page shows this text as the session's draft. */
  has(sessionId: string | undefined, text: string): boolean {
    return sessionId !== undefined && this.texts.get(sessionId) === text;
  }

  /** Keep what is in the input with its session. */
  async keep(sessionId: string, text: string): Promise<void> {
    this.texts.set(sessionId, text);
    // of a page that is older than this window nothing but the session's ID is known
    const address = this.addresses.get(sessionId) ?? { sessionId };
    const kept = this.server.request("SESSION_UPDATE", { ...address, draft: text });
    this.onTheWay = Promise.allSettled([this.onTheWay, kept]);
    await kept;
  }

  /** What was typed is sent: it is no draft any more. What comes back is told to the page by itself. */
  sent(sessionId: string | undefined): void {
    if (sessionId !== undefined) {
      this.texts.delete(sessionId);
    }
  }

  /** Wait for those on their way: behind the message that it became, a draft would be there again. */
  async settled(): Promise<void> {
    await this.onTheWay;
  }
}
