/** The log that scrolls: which part of the conversation is in view, and what else is drawn because of it. */

import { element } from "./element";
import { Feed, type FeedEvents } from "./feed";
import { Follow } from "./follow";
import type { Place } from "./item";
import { Older } from "./older";
import { walkByKeys } from "./walk";
import { l10n } from "./words";

/** A message that is to be at this distance below the view's upper edge. */
export interface Wanted {
  messageId: string;
  offset: number;
  /** The user is led to it: it is told apart for a moment. */
  marked?: boolean;
}

/** How many messages are asked for at once when one is looked for. */
const MANY = 500;
/** Milliseconds for which what a growing answer pushes out of view may stay in the page. */
const LATER = 250;

export interface LogEvents extends Omit<FeedEvents, "following"> {
  /** The messages before this one are wanted, so many of them at most. */
  older(before: string, limit?: number): void;
  /** This is at the upper edge of the view; nothing: the newest line is in view. */
  moved(place: Wanted | undefined): void;
}

export class Log {
  private readonly list = element("div", { class: "list" });
  readonly root = element(
    "section",
    { class: "log", role: "log", "aria-live": "polite", "aria-label": l10n.t("Conversation"), tabindex: "0" },
    this.list,
  );
  readonly follow = new Follow(this.root, this.list);
  readonly feed: Feed;
  readonly top: Older;
  /** The message that is to come into view, while older ones are asked for. */
  private wanted: Wanted | undefined;
  private frame = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  /** Whether the newest line was in view when the log was scrolled last. */
  private followed = false;

  constructor(
    private readonly events: LogEvents,
    private readonly welcome: HTMLElement,
  ) {
    this.feed = new Feed(this.root, { ...events, following: () => this.follow.following });
    this.top = new Older(() => this.askForOlder());
    this.list.append(this.top.root, this.feed.root, welcome);
    this.root.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.settleSoon()).observe(this.root);
    new ResizeObserver(() => (this.follow.following ? this.settleLater() : this.settleSoon())).observe(this.feed.root);
    walkByKeys(this.root);
  }

  /** Show another conversation, which the feed holds already: at `place`, or else at its end. */
  begin(place: Wanted | undefined): void {
    this.wanted = undefined;
    this.follow.jump();
    this.events.moved(place);
    this.settle();
    if (place) this.lookFor(place);
  }

  /** Older messages have come into the feed. False: one that was looked for is not among them, and there are no more. */
  grown(): boolean {
    const { wanted } = this;
    const found = wanted === undefined || this.lookFor(wanted) || !wanted.marked;
    this.settle();
    return found;
  }

  /** Bring a message to its place in the view, at once or when it has come. False: it is not there. */
  lookFor(wanted: Wanted): boolean {
    const item = this.feed.find(wanted.messageId);
    this.wanted = item || !this.top.more ? undefined : wanted;
    if (item) {
      this.follow.leave();
      this.settle({ item, offset: wanted.offset });
      if (wanted.marked && item.root) mark(item.root);
    } else if (this.wanted) {
      this.askForOlder(MANY);
    }
    return item !== undefined || this.wanted !== undefined;
  }

  /** Put a card below the messages, in place of one that is there. */
  set card(card: HTMLElement | undefined) {
    this.list.querySelector(":scope > .failure")?.remove();
    if (!card) return;
    this.top.release();
    this.list.append(card);
    this.follow.jump();
  }

  /** Draw what is in view, without a screen reader's reading all of it out, and ask for more when the top is near. */
  settle(place?: Place): void {
    this.welcome.hidden = this.feed.all.length > 0;
    this.root.setAttribute("aria-live", "off");
    this.feed.settle(place);
    if (this.follow.following) this.follow.jump();
    requestAnimationFrame(() => this.root.setAttribute("aria-live", "polite"));
    if (!this.wanted && this.root.scrollTop < this.root.clientHeight) this.top.load();
  }

  private askForOlder(limit?: number): void {
    const first = this.feed.all.find(({ messageId }) => messageId !== undefined);
    this.events.older(first?.messageId ?? "", limit);
  }

  private scrolled(): void {
    const { following } = this.follow;
    if (following && this.followed) this.settleLater();
    else this.settle();
    this.followed = following;
    const place = this.follow.following ? undefined : this.feed.place();
    const messageId = place?.item.messageId;
    this.events.moved(place && messageId !== undefined ? { messageId, offset: place.offset } : undefined);
  }

  private settleSoon(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.settle();
    });
  }

  private settleLater(): void {
    this.later ??= setTimeout(() => {
      this.later = undefined;
      this.settle();
    }, LATER);
  }
}

function mark(turn: HTMLElement): void {
  turn.classList.remove("revealed");
  requestAnimationFrame(() => turn.classList.add("revealed"));
}
