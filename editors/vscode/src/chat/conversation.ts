/** The session that the page shows: opened, followed, written to. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";

import { failureOf, failureOfInfo } from "../failures";
import type { AskAction, Attachment, ChatUpdateParams, Session, SessionChangedParams } from "../generated/protocol";
import type { SessionOpenParams, SessionOpenResult, Since } from "../generated/protocol";
import type { ToPage } from "../panel/messages";
import type { Server } from "../server/server";
import { addressOf, type Address } from "./address";
import type { Attachments } from "./attachments";
import type { Choices } from "./choices";
import { Drafts } from "./drafts";
import { Sending, type Said } from "./sending";
import { Waiting } from "./waiting";

export { addressOf, type Address };

/** One conversation at a time. What it tells the page is told again in full when the page or the server is new. */
export class Conversation implements vscode.Disposable {
  private shown: Session | undefined;
  /** The last update of the running turn. */
  private running: Since | undefined;
  private readonly waiting = new Waiting();
  private readonly sending: Sending;
  /** The last message that is shown: where the session's head is another one, the page lacks something. */
  private head: string | undefined;
  /** Whether the running turn began somewhere else than at the path's end. */
  private branches = false;
  /** Set while another session is on its way: what is sent then is meant for that one. */
  private switching: Promise<void> | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  /** What was typed and not sent, of each session. */
  readonly drafts: Drafts;

  /** Told when another session is shown, when it is renamed, and when a turn begins or ends. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly attachments: Attachments,
    private readonly post: (message: ToPage) => void,
    /** How the next answers are made. */
    readonly choices: Choices,
  ) {
    this.drafts = new Drafts(server);
    this.sending = new Sending(server, attachments, post, (text) => this.drafts.has(this.shown?.sessionId, text));
    server.on("CHAT_UPDATE", (update) => this.updated(update));
    server.on("SESSION_CHANGED", (change) => void this.noticed(change));
  }

  get session(): Session | undefined {
    return this.shown;
  }

  /** The session's name; one that nobody has written in has none that means anything. */
  get title(): string {
    return this.shown?.messageCount ? this.shown.name : vscode.l10n.t("Chat");
  }

  /** What requests about the shown session say; empty before there is one. */
  get address(): Partial<Address> {
    return this.shown ? addressOf(this.shown) : {};
  }

  /** Whether the running turn waits for the user's decision. */
  get isWaiting(): boolean {
    return !this.waiting.isEmpty;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Show a session: the one that is named, else the current one of the workspace. Throws what the server answers. */
  async open(which: SessionOpenParams = {}): Promise<void> {
    const opened = await this.server.request("SESSION_OPEN", which);
    const before = this.shown;
    // before anything is waited for: what the server tells of it would be missed
    this.show(opened);
    if (before && before.sessionId !== opened.session.sessionId) {
      // where that fails the server goes on telling of it, and nobody listens
      await this.server.request("SESSION_CLOSE", addressOf(before)).catch(() => undefined);
    }
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
  async reopen(since?: Since, anew = false): Promise<void> {
    const session = this.shown;
    if (!session) {
      return this.open();
    }
    const opened = await this.server.request("SESSION_OPEN", { ...addressOf(session), ...(since ? { since } : {}) });
    if (since && opened.running?.turnId === since.turnId) {
      opened.running.updates.forEach((update) => this.updated(update));
    } else if (session.sessionId === this.shown?.sessionId) {
      this.show(opened, anew);
    }
  }

  /** Go on after a new start of the server. What it did not get is given back to the user. */
  async reattach(): Promise<void> {
    await this.reopen(this.running);
    this.sending.giveBackLost(this.running?.turnId);
  }

  /** Send a message, typed in the session `from`. Nothing is thrown: a failure is shown, and the text is given back. */
  async send(said: Said, from?: string): Promise<void> {
    if (from !== undefined && said.parentId === undefined && (this.switching || from !== this.shown?.sessionId)) {
      // it goes to another session: the one that it was typed in would have it as its draft for ever
      this.drafts.keep(from, "").catch(() => undefined);
    }
    const taken = await this.turn(said, (address, attachments) =>
      this.server.request("CHAT", { ...address, ...said, attachments, ...this.choices.params }),
    );
    if (!taken && said.parentId !== undefined && this.shown) {
      // the page has taken away what came after it
      await this.reopen();
    }
  }

  /** Have a question answered anew, by another model if one is named. */
  async regenerate(parentId: string, model?: string): Promise<void> {
    const { sessionId, projectId } = this.shown ?? {};
    if (sessionId !== undefined && projectId !== undefined) {
      const chosen = { ...this.choices.params, ...(model ? { model } : {}) };
      await this.server.request("CHAT", { sessionId, projectId, turnId: randomUUID(), text: "", parentId, ...chosen });
    }
  }

  /** Ask for one of the known actions on something. */
  async ask(action: AskAction, about: Attachment): Promise<void> {
    this.attachments.add(about);
    const turnId = randomUUID();
    await this.turn({ turnId, text: "" }, (address, attachments) =>
      this.server.request("ASK", { ...address, turnId, text: "", action, attachments, ...this.choices.params }),
    );
  }

  /** Take up another version of a message, with what followed it. */
  async switchTo(messageId: string): Promise<void> {
    if (this.shown) {
      await this.server.request("SESSION_ROLLBACK", { ...addressOf(this.shown), messageId, latest: true });
      await this.reopen();
    }
  }

  /** Stop the running turn. */
  async stop(): Promise<void> {
    if (this.shown) {
      await this.server.notify("CHAT_CANCEL", addressOf(this.shown));
    }
  }

  /** Tell the page of the messages before one of them. */
  async older(before: string, limit?: number): Promise<void> {
    if (this.shown) {
      const page = await this.server.request("SESSION_HISTORY", { ...addressOf(this.shown), before, ...(limit ? { limit } : {}) });
      this.post({ type: "older", messages: page.messages, more: page.nextCursor !== undefined });
    }
  }

  /** Bring a message of the shown session into view. */
  reveal(messageId: string): void {
    this.post({ type: "reveal", messageId });
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

  private show({ session, messages, ...opened }: SessionOpenResult, anew = false): void {
    // right after a turn's end the server may still tell of it: its messages are there already
    const running = opened.running?.updates.at(-1)?.update.type === "end" ? undefined : opened.running;
    if (this.choices.agent && session.sessionId !== this.shown?.sessionId) {
      // agents may be kept with a session, and another one does not know them
      this.choices.agent = "";
    }
    this.shown = session;
    // not the session's: a turn may have been stored after its messages were read
    this.head = messages.at(-1)?.messageId;
    this.branches = false;
    this.drafts.shown(session);
    this.running = running && { turnId: running.turnId, seq: running.updates.at(-1)?.seq ?? -1 };
    this.waiting.clear();
    running?.updates.forEach(({ update }) => this.waiting.take(update));
    const more = Boolean(messages[0]?.parentId);
    this.post({ type: "session", session, messages, more, anew, ...(running ? { running } : {}) });
    this.changed.fire();
  }

  private turn(
    said: Said,
    request: (address: Address, attachments: Attachment[]) => Promise<unknown>,
  ): Promise<boolean> {
    this.drafts.sent(this.shown?.sessionId);
    const place = async () => {
      await this.drafts.settled();
      await this.switching;
      if (!this.shown) {
        await this.open();
      }
      return addressOf(this.shown!);
    };
    return this.sending.turn(said, place, request);
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
    if (update.type === "end" && update.error) {
      if (update.messageId) {
        this.sending.keep(turnId);
      }
      if (!this.sending.has(turnId)) {
        this.post(failureOfInfo(update.error));
      }
    }
    this.follow(params);
    if (this.waiting.take(update) || update.type === "end" || seq === 0) {
      this.changed.fire();
    }
  }

  /** Keep up with the path: after a turn that has made a branch, the messages have other versions now. */
  private follow({ turnId, update }: ChatUpdateParams): void {
    if (update.type === "user_message") {
      this.branches = Boolean(update.message.siblings) || update.message.turnId !== turnId;
    } else if (update.type === "end") {
      this.head = update.messageId ?? this.head;
      if (this.branches) {
        void this.reopen().catch((error: unknown) => this.post(failureOf(error)));
      }
    }
  }

  private async noticed({ sessionId, kind, rewritten }: SessionChangedParams): Promise<void> {
    const session = this.shown;
    if (sessionId !== session?.sessionId || kind === "created") {
      return;
    }
    try {
      if (kind === "deleted") {
        this.shown = undefined;
        await this.open();
      } else if (rewritten) {
        await this.reopen(undefined, true);
      } else {
        const now = await this.server.request("SESSION_GET", addressOf(session));
        if (now.sessionId !== this.shown?.sessionId) {
          return;
        }
        this.rename(now);
        if (!this.running && now.head !== this.head) {
          // somebody took up another branch, cleared it, or put messages in
          await this.reopen();
        }
      }
    } catch (error) {
      this.post(failureOf(error));
    }
  }
}
