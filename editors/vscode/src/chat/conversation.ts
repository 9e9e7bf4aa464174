/** The session that the page shows: opened, followed, written to. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";

import { failureOf, failureOfInfo, Refusal } from "../failures";
import type {
  AskAction,
  Attachment,
  ChatUpdateParams,
  Session,
  SessionChangedParams,
  SessionOpenParams,
  SessionOpenResult,
  Since,
} from "../generated/protocol";
import type { ToPage } from "../panel/messages";
import { ServerGone, type Server } from "../server/server";
import type { Attachments } from "./attachments";
import { Waiting } from "./waiting";

/** A turn that this editor has sent and that has not ended. */
interface Sent {
  text: string;
  attachments: Attachment[];
}

/** One conversation at a time. What it tells the page is told again in full when the page or the server is new. */
export class Conversation implements vscode.Disposable {
  private shown: Session | undefined;
  /** The last update of the running turn. */
  private running: Since | undefined;
  private readonly waiting = new Waiting();
  private answering = "";
  private readonly sent = new Map<string, Sent>();
  /** Set while another session is on its way: what is sent then is meant for that one. */
  private switching: Promise<void> | undefined;
  private draft: string | undefined;
  private readonly changed = new vscode.EventEmitter<void>();

  /** Told when another session is shown, when it is renamed, and when a turn begins or ends. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly attachments: Attachments,
    private readonly post: (message: ToPage) => void,
  ) {
    server.on("CHAT_UPDATE", (update) => this.updated(update));
    server.on("SESSION_CHANGED", (change) => void this.noticed(change));
  }

  get session(): Session | undefined {
    return this.shown;
  }

  /** The session's name; one that nobody has written in has none that means anything. */
  get title(): string {
    return this.shown?.messageCount ? this.shown.name : "Chat";
  }

  /** What requests about the shown session say; empty before there is one. */
  get address(): Partial<Address> {
    return this.shown ? addressOf(this.shown) : {};
  }

  /** Whether the running turn waits for the user's decision. */
  get isWaiting(): boolean {
    return !this.waiting.isEmpty;
  }

  /** The agent that answers what is sent here; empty: none. */
  get agent(): string {
    return this.answering;
  }

  set agent(name: string) {
    this.answering = name;
    this.post({ type: "agent", name });
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Show a session: the one that is named, else the current one of the workspace. Throws what the server answers. */
  async open(which: SessionOpenParams = {}): Promise<void> {
    const before = this.shown;
    const opened = await this.server.request("SESSION_OPEN", which);
    if (before && before.sessionId !== opened.session.sessionId) {
      await this.server.request("SESSION_CLOSE", addressOf(before));
    }
    this.show(opened);
  }

  /** Go to the session that a step finds or makes, and show it. What is sent meanwhile waits, and goes there too. */
  async goTo(find: () => Promise<Session>): Promise<void> {
    const before = this.switching?.catch(() => undefined);
    const step = (async () => {
      await before;
      const used = await this.server.request("SESSION_USE", addressOf(await find()));
      await this.open(addressOf(used));
    })();
    this.switching = step;
    await step.finally(() => {
      if (this.switching === step) {
        this.switching = undefined;
      }
    });
  }

  /** Show the session again that was shown: to a new page in full, after a new start of the server what was missed. */
  async reopen(since?: Since): Promise<void> {
    const session = this.shown;
    if (!session) {
      await this.open();
      return;
    }
    const opened = await this.server.request("SESSION_OPEN", { ...addressOf(session), ...(since ? { since } : {}) });
    if (since && opened.running?.turnId === since.turnId) {
      opened.running.updates.forEach((update) => this.updated(update));
    } else {
      this.show(opened);
    }
  }

  /** Go on after a new start of the server. What it did not get is given back to the user. */
  async reattach(): Promise<void> {
    await this.reopen(this.running);
    for (const [turnId, { text, attachments }] of this.sent) {
      this.sent.delete(turnId);
      if (this.running?.turnId !== turnId) {
        this.post(failureOf(new Refusal("The server ended in the middle of the answer.", "It runs again: send the text once more.")));
        this.giveBack(text, attachments);
      }
    }
  }

  /** Send a message. Nothing is thrown: a failure is shown, and the text is given back. */
  async send(turnId: string, text: string): Promise<void> {
    await this.turn(turnId, text, (address, attachments) =>
      this.server.request("CHAT", { ...address, turnId, text, attachments, ...(this.agent ? { agent: this.agent } : {}) }),
    );
  }

  /** Ask for one of the known actions on something. */
  async ask(action: AskAction, about: Attachment): Promise<void> {
    this.attachments.add(about);
    const turnId = randomUUID();
    await this.turn(turnId, "", (address, attachments) =>
      this.server.request("ASK", { ...address, turnId, text: "", action, attachments }),
    );
  }

  /** Stop the running turn. */
  async stop(): Promise<void> {
    if (this.shown) {
      await this.server.notify("CHAT_CANCEL", addressOf(this.shown));
    }
  }

  /** Tell the page of the messages before one of them. */
  async older(before: string): Promise<void> {
    if (this.shown) {
      const page = await this.server.request("SESSION_HISTORY", { ...addressOf(this.shown), before });
      this.post({ type: "older", messages: page.messages, more: page.nextCursor !== undefined });
    }
  }

  /** Bring a message of the shown session into view. */
  reveal(messageId: string): void {
    this.post({ type: "reveal", messageId });
  }

  /** Keep what is in the input with the session. */
  async keepDraft(text: string): Promise<void> {
    if (this.shown && text !== this.draft) {
      this.draft = text;
      await this.server.request("SESSION_UPDATE", { ...addressOf(this.shown), draft: text });
    }
  }

  /** Take a session as it is now, after a change that this editor has made. */
  rename(session: Session): void {
    this.shown = session;
    this.post({ type: "renamed", session });
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  private show(opened: SessionOpenResult): void {
    const { session, messages, running } = opened;
    if (this.agent && session.sessionId !== this.shown?.sessionId) {
      // agents may be kept with a session, and another one does not know them
      this.agent = "";
    }
    this.shown = session;
    this.draft = session.draft;
    this.running = running && { turnId: running.turnId, seq: running.updates.at(-1)?.seq ?? -1 };
    this.waiting.clear();
    running?.updates.forEach(({ update }) => this.waiting.take(update));
    const more = Boolean(messages[0]?.parentId);
    this.post({ type: "session", session, messages, more, ...(running ? { running } : {}) });
    this.changed.fire();
  }

  private async turn(
    turnId: string,
    text: string,
    request: (address: Address, attachments: Attachment[]) => Promise<unknown>,
  ): Promise<void> {
    const attachments = this.attachments.take();
    this.sent.set(turnId, { text, attachments });
    // what is sent is no draft any more, and what comes back is told to the page by itself
    this.draft = undefined;
    try {
      await this.switching;
      if (!this.shown) {
        await this.open();
      }
      await request(addressOf(this.shown!), attachments);
      this.sent.delete(turnId);
    } catch (error) {
      // when the server is started anew, `reattach` sees to it
      if (!(error instanceof ServerGone) || this.server.status.state !== "restarting") {
        this.sent.delete(turnId);
        this.post(failureOf(error));
        this.giveBack(text, attachments);
      }
    }
  }

  private giveBack(text: string, attachments: Attachment[]): void {
    this.attachments.add(...attachments);
    if (text && this.draft !== text) {
      this.post({ type: "draft", text });
    }
  }

  private updated(params: ChatUpdateParams): void {
    if (params.sessionId !== this.shown?.sessionId) {
      return;
    }
    const expected = this.running?.turnId === params.turnId ? this.running.seq + 1 : 0;
    if (params.seq > expected) {
      void this.reopen(this.running).catch((error: unknown) => this.post(failureOf(error)));
      return;
    }
    if (params.seq < expected) {
      return;
    }
    this.post({ type: "update", at: performance.timeOrigin + performance.now(), ...params });
    const { turnId, seq, update } = params;
    this.running = update.type === "end" ? undefined : { turnId, seq };
    if (update.type === "end" && update.error && !this.sent.has(turnId)) {
      this.post(failureOfInfo(update.error));
    }
    if (this.waiting.take(update) || update.type === "end" || seq === 0) {
      this.changed.fire();
    }
  }

  private async noticed({ sessionId, kind }: SessionChangedParams): Promise<void> {
    const session = this.shown;
    if (sessionId !== session?.sessionId || kind === "created") {
      return;
    }
    try {
      if (kind === "deleted") {
        this.shown = undefined;
        await this.open();
      } else {
        this.rename(await this.server.request("SESSION_GET", addressOf(session)));
      }
    } catch (error) {
      this.post(failureOf(error));
    }
  }
}

/** What names a session on the wire. */
export type Address = Pick<Session, "sessionId" | "projectId">;

export function addressOf({ sessionId, projectId }: Session): Address {
  return { sessionId, projectId };
}
