/** The conversation that is shown: stored messages, the running turn, and a failure below them. */

import type { ChatUpdateParams, End, Message, RunningTurn, Session } from "../generated/protocol";
import type { Action } from "../panel/messages";
import { AnswerView } from "./answer";
import { failureCard } from "./failure";
import { type Item, renewed } from "./item";
import { Log, type LogEvents, type Wanted } from "./log";
import { createMarkdown } from "./markdown";
import { foldedView, QuestionView } from "./question";
import { chosenText } from "./remember";
import { interrupted, Turn } from "./turn";
import { l10n } from "./words";

/** How far below the view's edge a message is put that one is led to. */
const LED_TO = 12;

export interface TranscriptEvents extends Omit<LogEvents, "draw"> {
  /** A text of a message is to be remembered. */
  remember(messageId: string, text: string): void;
  /** A turn has begun, or the last one is over. */
  running(running: boolean): void;
}

interface Showing {
  running: RunningTurn | undefined;
  place: Wanted | undefined;
  anew: boolean;
}

export class Transcript {
  readonly view: Log;
  sessionId: string | undefined;
  private readonly markdown = createMarkdown();
  private readonly answers = new WeakMap<Element, AnswerView>();
  private messageCount = 0;
  private turn: Turn | undefined;
  private leftover: Item[] = [];

  constructor(
    private readonly events: TranscriptEvents,
    welcome: HTMLElement,
  ) {
    this.view = new Log({ ...events, draw: (message) => this.draw(message) }, welcome);
  }

  /**
   * Show a session as it is stored, with its running turn. Messages that are on the page already stay as they are,
   * unless all is to be `anew`. That, and a session that was not shown, is shown at `place`, or else at its end.
   */
  show(session: Session, messages: Message[], more: boolean, { running, place, anew }: Showing): void {
    const { feed, top } = this.view;
    const same = session.sessionId === this.sessionId;
    const stays = same && !anew;
    const waiting = this.turn?.seq === -1 && (same || this.sessionId === undefined) ? this.turn : undefined;
    this.sessionId = session.sessionId;
    this.messageCount = session.messageCount;
    const part = running ? undefined : interrupted(session, messages, same ? this.turn : undefined);
    const before = stays ? this.before(messages[0]) : [];
    const known = new Map(stays ? feed.all.map((item) => [item.messageId, item]) : []);
    const stored = [...before, ...messages.map((message) => renewed(known.get(message.messageId), message))];
    this.turn = undefined;
    this.leftover = part ? [{ root: this.kept(AnswerView.cutOff(part.text, part.turnId, this.markdown)) }] : [];
    top.more = more || (before.length > 0 && top.more);
    feed.set([...stored, ...this.leftover], this.unseen(stored.length));
    if (!same) this.view.card = undefined;
    if (running) for (const update of running.updates) this.update(update);
    else if (waiting && !messages.some((message) => message.turnId === waiting.turnId)) this.adopt(waiting);
    if (!stays) this.view.begin(place);
    this.changed();
  }

  /** Put older messages above the first one; what is in view stays where it is. */
  older(messages: Message[], more: boolean): void {
    const { feed, top } = this.view;
    const items = messages.filter((each) => !feed.find(each.messageId)).map((each) => renewed(undefined, each));
    top.more = more;
    feed.prepend(items, this.unseen(feed.all.filter(isStored).length + items.length));
    if (!this.view.grown()) this.missed();
  }

  /** Bring a message into view; one that is not on the page is looked for among older ones. */
  reveal(messageId: string): void {
    if (!this.view.lookFor({ messageId, offset: LED_TO, marked: true })) this.missed();
  }

  /** Put the focus on the first call that waits for a decision. */
  focusApproval(): void {
    const button = this.view.root.querySelector<HTMLElement>(".approval button");
    button?.closest(".approval")?.scrollIntoView({ block: "nearest" });
    button?.focus();
  }

  /** Tell what is to be remembered of a message: what is selected in it, else all of it. */
  remember(messageId: string): void {
    const item = this.view.feed.find(messageId);
    const all = item?.message?.content ?? "";
    if (all) this.events.remember(messageId, item?.root ? chosenText(item.root, all) : all.trim());
  }

  /** Show a question that is on its way to the server: at the end, or in place of `parentId` and what follows it. */
  send(turnId: string, text: string, parentId?: string): void {
    this.clearFailure();
    if (parentId !== undefined) this.cut(parentId, true);
    this.adopt(new Turn(turnId, this.markdown, text));
    this.view.follow.jump();
    this.changed();
  }

  /** The question that was sent last was not taken. */
  takeBack(): void {
    if (this.turn?.seq !== -1) return;
    this.view.feed.remove(...this.turn.items);
    this.turn = undefined;
    this.changed();
  }

  /** Draw an update; one that was seen already is left out. */
  update({ turnId, seq, update }: ChatUpdateParams): void {
    if (this.turn?.turnId !== turnId) {
      if (update.type === "end") return;
      this.takeBack();
      this.clearFailure();
      this.adopt(new Turn(turnId, this.markdown));
      this.changed();
    }
    const turn = this.turn!;
    if (seq <= turn.seq) return;
    turn.seq = seq;
    if (update.type === "user_message") this.ask(turn, update.message);
    else if (update.type === "end") this.end(turn, update);
    else turn.answer.take(update);
  }

  /** Show what went wrong below the conversation. */
  fail(message: string, hint: string | undefined, action: Action | undefined): void {
    this.view.card = failureCard(message, hint, action);
  }

  /** Take away a failure, and what an unsuccessful turn left. */
  clearFailure(): void {
    this.view.card = undefined;
    this.view.feed.remove(...this.leftover.splice(0));
  }

  /** The answer that an element on the page is part of. */
  answerOf(inside: Element): AnswerView | undefined {
    const root = inside.closest(".turn.assistant");
    return root ? this.answers.get(root) : undefined;
  }

  /** The stored message that an element on the page is part of. */
  messageOf(inside: Element): Message | undefined {
    return this.view.feed.itemOf(inside)?.message;
  }

  /** The question that an element on the page is part of, or that its answer is to. */
  questionOf(inside: Element): Message | undefined {
    const items = this.view.feed.all;
    const item = this.view.feed.itemOf(inside);
    return item && items.slice(0, items.indexOf(item) + 1).findLast(({ message }) => message?.role === "user")?.message;
  }

  /** The element of a message, when it is near enough to the view to be drawn. */
  rootOf(messageId: string): HTMLElement | undefined {
    const root = this.view.feed.find(messageId)?.root;
    return root?.isConnected ? root : undefined;
  }

  /** The newest stored message of a kind. */
  last(role: Message["role"]): Message | undefined {
    return this.view.feed.all.findLast(({ message }) => message?.role === role)?.message;
  }

  /** What the user asked in this conversation, the newest first. */
  questions(): string[] {
    const stored = this.view.feed.all.flatMap(({ message }) => (message?.role === "user" ? [message.content] : []));
    const coming = this.turn?.text === undefined || this.turn.questionItem?.message ? [] : [this.turn.text];
    return [...stored, ...coming].reverse();
  }

  private missed(): void {
    this.fail(l10n.t("That message is not in this session any more."), l10n.t("It was cleared, or stands on another branch."), undefined);
  }

  private adopt(turn: Turn): void {
    this.turn = turn;
    this.kept(turn.answer);
    this.view.feed.add(...turn.items);
  }

  /** The server has the question. One that is there already is answered anew; another may begin a branch. */
  private ask(turn: Turn, message: Message): void {
    const { feed } = this.view;
    if (turn.questionItem) feed.remove(turn.questionItem);
    const known = feed.find(message.messageId);
    turn.asksAgain = known !== undefined;
    feed.remove(turn.answerItem);
    if (known) this.cut(message.messageId);
    else if (message.parentId !== undefined) this.cut(message.parentId);
    turn.questionItem = known ?? { messageId: message.messageId, message };
    feed.add(...(known ? [turn.answerItem] : turn.items));
    this.view.settle();
  }

  private end(turn: Turn, end: End): void {
    const { feed } = this.view;
    turn.end(end);
    this.turn = undefined;
    if (end.error && end.messageId === undefined) {
      // history is as it was before; what had come stays readable until the next question
      if (turn.questionItem && !turn.asksAgain) feed.remove(turn.questionItem);
      if (turn.answer.text === "") feed.remove(turn.answerItem);
      else this.leftover = [turn.answerItem];
    }
    this.changed();
  }

  /** Take away what follows a message, and the message `too`. */
  private cut(messageId: string, too = false): void {
    const { feed } = this.view;
    const found = feed.find(messageId);
    if (found) feed.remove(...feed.all.slice(feed.all.indexOf(found) + (too ? 0 : 1)));
  }

  private draw(message: Message): HTMLElement {
    if (message.role === "user") return QuestionView.of(message).root;
    if (message.role !== "assistant") return foldedView(message);
    return this.kept(AnswerView.of(message, this.markdown));
  }

  private kept(answer: AnswerView): HTMLElement {
    this.answers.set(answer.root, answer);
    return answer.root;
  }

  /** The stored messages that come before `first`, when that one is known too. */
  private before(first: Message | undefined): Item[] {
    const { all } = this.view.feed;
    const at = all.findIndex((item) => first !== undefined && item.messageId === first.messageId);
    return all.slice(0, Math.max(at, 0)).filter(isStored);
  }

  /** How many messages of the session are older than the `stored` ones here. */
  private unseen(stored: number): number {
    return this.view.top.more ? Math.max(this.messageCount - stored, 1) : 0;
  }

  private changed(): void {
    this.view.settle();
    this.events.running(this.turn !== undefined);
  }
}

function isStored(item: Item): boolean {
  return item.messageId !== undefined;
}
