/** The conversation that is shown: stored messages, the running turn, and a failure below them. */

import type { ChatUpdateParams, Message, RunningTurn, Session } from "../generated/protocol";
import type { Action } from "../panel/messages";
import { AnswerView } from "./answer";
import { element } from "./element";
import { failureCard } from "./failure";
import { Follow } from "./follow";
import { createMarkdown } from "./markdown";
import { Older } from "./older";
import { foldedView, QuestionView } from "./question";
import { chosenText } from "./remember";

/** A turn that is not stored yet. `seq` is that of its last update, -1 before the first. */
interface Turn {
  turnId: string;
  seq: number;
  answer: AnswerView;
  question?: QuestionView;
}

/** When more messages than this are on the page and a turn begins, so many of the newest stay. */
const MOST = 200;
const KEPT = 100;

export interface TranscriptEvents {
  /** The messages before this one are wanted. */
  older(before: string): void;
  /** A text of a message is to be remembered. */
  remember(messageId: string, text: string): void;
  /** A turn has begun, or the last one is over. */
  running(running: boolean): void;
}

export class Transcript {
  readonly list = element("div", { class: "list" });
  readonly log = element(
    "section",
    { class: "log", role: "log", "aria-live": "polite", "aria-label": "Conversation", tabindex: "0" },
    this.list,
  );
  readonly follow = new Follow(this.log, this.list);
  sessionId: string | undefined;
  private readonly markdown = createMarkdown();
  private readonly answers = new WeakMap<Element, AnswerView>();
  private readonly top: Older;
  private turn: Turn | undefined;
  private leftover: Element[] = [];
  /** The message that is to come into view, while older ones are asked for. */
  private wanted: string | undefined;

  constructor(
    private readonly events: TranscriptEvents,
    private readonly welcome: HTMLElement,
  ) {
    this.top = new Older(this.log, () => events.older(this.firstId() ?? ""));
    this.list.append(this.top.root, welcome);
  }

  /** Show a session as it is stored, with its running turn. Messages that are on the page already stay as they are. */
  show(session: Session, messages: Message[], more: boolean, running?: RunningTurn): void {
    const same = session.sessionId === this.sessionId;
    const waiting = this.turn?.seq === -1 && (same || this.sessionId === undefined) ? this.turn : undefined;
    this.sessionId = session.sessionId;
    this.quietly(() => {
      const kept = same ? this.stored() : new Map<string, Element>();
      const failure = same ? this.failure : undefined;
      const part = running ? undefined : this.interrupted(session, messages, same ? this.turn : undefined);
      const shown = messages.map((message) => kept.get(message.messageId) ?? this.draw(message));
      const roots = [...this.before(kept, messages[0]), ...shown];
      if (part) roots.push(part);
      this.turn = undefined;
      this.leftover = part ? [part] : [];
      this.arrange(failure ? [...roots, failure] : roots);
      this.top.more = more || (roots.length > messages.length && this.top.more);
    });
    if (running) for (const update of running.updates) this.update(update);
    else if (waiting && !messages.some((message) => message.turnId === waiting.turnId)) this.adopt(waiting);
    this.changed();
    if (!same) this.follow.jump();
  }

  /** Put older messages above the first one; what is in view stays where it is. */
  older(messages: Message[], more: boolean): void {
    this.quietly(() => {
      const height = this.log.scrollHeight - this.log.scrollTop;
      const kept = this.stored();
      this.top.root.after(...messages.filter((each) => !kept.has(each.messageId)).map((each) => this.draw(each)));
      this.log.scrollTop = this.log.scrollHeight - height;
      this.top.more = more;
    });
    if (this.wanted !== undefined) this.reveal(this.wanted);
  }

  /** Bring a message into view; one that is not on the page is looked for among older ones. */
  reveal(messageId: string): void {
    const root = this.stored().get(messageId);
    this.wanted = root || !this.top.more ? undefined : messageId;
    if (root) {
      root.scrollIntoView({ block: "start" });
      root.classList.remove("revealed");
      requestAnimationFrame(() => root.classList.add("revealed"));
    } else if (this.top.more) {
      this.events.older(this.firstId() ?? "");
    } else {
      this.fail("That message is not in this session any more.", "It was cleared, or stands on another branch.", undefined);
    }
  }

  /** Put the focus on the first call that waits for a decision. */
  focusApproval(): void {
    const button = this.list.querySelector<HTMLElement>(".approval button");
    button?.closest(".approval")?.scrollIntoView({ block: "nearest" });
    button?.focus();
  }

  /** Tell what is to be remembered of a message: what is selected in it, else all of it. */
  remember(messageId: string): void {
    const root = this.stored().get(messageId);
    const all = root && (this.answers.get(root)?.text ?? root.querySelector(".words")?.textContent ?? "");
    if (root && all) this.events.remember(messageId, chosenText(root, all));
  }

  /** Show a question that is on its way to the server. */
  send(turnId: string, text: string): void {
    this.clearFailure();
    this.follow.jump();
    this.adopt({ turnId, seq: -1, answer: new AnswerView(this.markdown, turnId), question: new QuestionView(text) });
    this.changed();
    this.follow.jump();
  }

  /** The question that was sent last was not taken. */
  takeBack(): void {
    if (this.turn?.seq !== -1) return;
    this.turn.question?.root.remove();
    this.turn.answer.root.remove();
    this.turn = undefined;
    this.changed();
  }

  /** Draw an update; one that was seen already is left out. */
  update({ turnId, seq, update }: ChatUpdateParams): void {
    if (this.turn?.turnId !== turnId) {
      if (update.type === "end") return;
      this.takeBack();
      this.clearFailure();
      this.adopt({ turnId, seq: -1, answer: new AnswerView(this.markdown, turnId) });
      this.changed();
    }
    const turn = this.turn!;
    if (seq <= turn.seq) return;
    turn.seq = seq;
    if (update.type === "user_message") this.ask(turn, QuestionView.of(update.message));
    else if (update.type === "end") this.end(turn, update);
    else turn.answer.take(update);
  }

  /** Show what went wrong below the conversation. */
  fail(message: string, hint: string | undefined, action: Action | undefined): void {
    this.top.release();
    this.failure?.remove();
    this.list.append(failureCard(message, hint, action));
    this.follow.jump();
  }

  /** Take away a failure, and what an unsuccessful turn left. */
  clearFailure(): void {
    this.failure?.remove();
    for (const root of this.leftover) root.remove();
    this.leftover = [];
  }

  /** The answer that an element on the page is part of. */
  answerOf(inside: Element): AnswerView | undefined {
    const root = inside.closest(".turn.assistant");
    return root ? this.answers.get(root) : undefined;
  }

  /** What the user asked in this conversation, the newest first. */
  questions(): string[] {
    return [...this.list.querySelectorAll(":scope > .turn.user .words")].map((words) => words.textContent).reverse();
  }

  private get failure(): Element | undefined {
    return this.list.querySelector(":scope > .failure") ?? undefined;
  }

  /** Drop old messages of a long conversation, which can be asked for again; each on the page makes every line slower. */
  private trim(): void {
    const roots = [...this.stored().values()];
    if (!this.follow.following || roots.length <= MOST) return;
    for (const root of roots.slice(0, -KEPT)) root.remove();
    this.top.more = true;
    this.follow.jump();
  }

  private adopt(turn: Turn): void {
    this.quietly(() => this.trim());
    this.turn = turn;
    turn.answer.begin();
    this.answers.set(turn.answer.root, turn.answer);
    this.list.append(...(turn.question ? [turn.question.root] : []), turn.answer.root);
  }

  private ask(turn: Turn, question: QuestionView): void {
    if (turn.question) turn.question.root.replaceWith(question.root);
    else turn.answer.root.before(question.root);
    turn.question = question;
  }

  private end(turn: Turn, end: Parameters<AnswerView["end"]>[0]): void {
    turn.answer.end(end);
    this.turn = undefined;
    if (end.error) {
      // history is as it was before; what had come stays readable until the next question
      turn.question?.root.remove();
      if (turn.answer.text === "") turn.answer.root.remove();
      else this.leftover = [turn.answer.root];
    }
    this.changed();
  }

  private draw(message: Message): Element {
    if (message.role === "user") return QuestionView.of(message).root;
    if (message.role !== "assistant") return foldedView(message);
    const view = AnswerView.of(message, this.markdown);
    this.answers.set(view.root, view);
    return view.root;
  }

  /** What there is of an answer whose turn the server's end cut off: as it stood here, or as the session kept it. */
  private interrupted(session: Session, messages: Message[], turn: Turn | undefined): Element | undefined {
    const mark = session.metadata["interrupted"] as { turnId?: unknown; text?: unknown } | undefined;
    const kept = session.draft && typeof mark?.text === "string" ? mark.text : "";
    const seen = turn && turn.seq >= 0 && !messages.some((each) => each.turnId === turn.turnId) ? turn.answer.text : "";
    const text = seen.length > kept.length ? seen : kept;
    if (text === "") return undefined;
    const view = AnswerView.cutOff(text, turn?.turnId ?? String(mark?.turnId), this.markdown);
    this.answers.set(view.root, view);
    return view.root;
  }

  /** The elements on the page that come before `first`, when that one is on the page too. */
  private before(kept: Map<string, Element>, first: Message | undefined): Element[] {
    const ids = [...kept.keys()];
    return ids.slice(0, Math.max(first ? ids.indexOf(first.messageId) : 0, 0)).map((id) => kept.get(id)!);
  }

  private arrange(roots: readonly Element[]): void {
    let place: Element = this.top.root;
    for (const root of roots) {
      if (place.nextElementSibling !== root) place.after(root);
      place = root;
    }
    while (place.nextElementSibling) place.nextElementSibling.remove();
    this.list.append(this.welcome);
  }

  private stored(): Map<string, Element> {
    const roots = [...this.list.querySelectorAll<HTMLElement>(":scope > .turn[data-message-id]")];
    return new Map(roots.map((root) => [root.dataset.messageId!, root]));
  }

  private firstId(): string | undefined {
    return this.stored().keys().next().value;
  }

  private changed(): void {
    this.welcome.hidden = this.list.querySelector(":scope > .turn") !== null;
    this.events.running(this.turn !== undefined);
  }

  /** Change the list without a screen reader's reading all of it out. */
  private quietly(change: () => void): void {
    this.log.setAttribute("aria-live", "off");
    change();
    requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite"));
  }
}
