/** The messages in their order. Those in view, and some before and after it, are in the page; gaps stand for the rest. */

import type { Message } from "../generated/protocol";
import { element } from "./element";
import { heightOf, type Item, type Place, SPACE } from "./item";
import { l10n } from "./words";

/** How much is drawn above and below the view, in views. */
const MARGIN = 1.5;
/** Elements so many items away from what is drawn are kept, so that what was folded open there stays so. */
const KEPT = 60;
/** Drawing shows how high a message really is, and then others may be in view. */
const ROUNDS = 4;

export interface FeedEvents {
  draw(message: Message): HTMLElement;
  /** Elements were put into the page. */
  drawn(): void;
  /** Whether the end is what is in view, whatever becomes of the rest. */
  following(): boolean;
}

export class Feed {
  readonly root = element("div", { class: "turns", role: "feed", "aria-label": l10n.t("Messages") });
  private items: Item[] = [];
  private drawn: Item[] = [];
  /** How many stored messages come before the first item, as far as is known. */
  private before = 0;
  private width = 0;

  constructor(
    private readonly log: HTMLElement,
    private readonly events: FeedEvents,
  ) {}

  get all(): readonly Item[] {
    return this.items;
  }

  /** Hold these items and no others; `before` stored messages are older than they. */
  set(items: Item[], before: number): void {
    const gone = new Set(this.drawn);
    for (const item of items) gone.delete(item);
    for (const item of gone) item.root?.remove();
    this.drawn = this.drawn.filter((item) => !gone.has(item));
    this.items = items;
    this.before = before;
  }

  add(...items: Item[]): void {
    this.items.push(...items);
  }

  /** Put older items above all others; `before` stored messages are older still. */
  prepend(items: Item[], before: number): void {
    this.items.unshift(...items);
    this.before = before;
  }

  remove(...items: Item[]): void {
    this.set(
      this.items.filter((item) => !items.includes(item)),
      this.before,
    );
  }

  find(messageId: string): Item | undefined {
    return this.items.find((item) => item.messageId === messageId);
  }

  /** The item that a node in the page is part of. */
  itemOf(node: Node | null): Item | undefined {
    if (!node || !this.root.contains(node)) return undefined;
    return this.drawn.find((item) => item.root!.contains(node));
  }

  /** What is at the upper edge of the view. */
  place(): Place | undefined {
    const { top, bottom } = this.log.getBoundingClientRect();
    for (const item of this.drawn) {
      const edges = item.root!.getBoundingClientRect();
      if (edges.bottom > top && edges.top < bottom) return { item, offset: edges.top - top };
    }
    return this.guessed(top - this.root.getBoundingClientRect().top);
  }

  /** Draw what is in view and take away what is far from it. What is at `place`, or was in view, stays in its place. */
  settle(place = this.events.following() ? undefined : this.place()): void {
    this.root.hidden = this.items.length === 0;
    this.measure();
    for (let round = 0; round < ROUNDS; round += 1) {
      const wanted = this.wanted(place);
      const changed = !sameItems(wanted, this.drawn);
      if (changed) this.arrange(wanted, place ? this.items.indexOf(place.item) : this.items.length - 1);
      this.number();
      if (changed) this.measure();
      if (place) this.goTo(place);
      if (!changed) return;
    }
  }

  private measure(): void {
    const width = this.log.clientWidth;
    if (width !== this.width) {
      this.width = width;
      for (const item of this.items) item.height = undefined;
    }
    for (const item of this.drawn) item.height = item.root!.getBoundingClientRect().height + SPACE;
  }

  private goTo({ item, offset }: Place): void {
    if (!item.root?.isConnected) return;
    const moved = item.root.getBoundingClientRect().top - this.log.getBoundingClientRect().top - offset;
    if (Math.abs(moved) >= 1) this.log.scrollTop += moved;
  }

  /** The item at a distance from the feed's upper edge, by what is known of heights. */
  private guessed(distance: number): Place | undefined {
    let below = 0;
    for (const item of this.items) {
      const height = heightOf(item, this.width);
      if (below + height > distance) return { item, offset: below + SPACE - distance };
      below += height;
    }
    return undefined;
  }

  /** The items to be in the page: around the view, and what must not go. */
  private wanted(place: Place | undefined): Item[] {
    const margin = this.log.clientHeight * MARGIN;
    const heights = this.items.map((item) => heightOf(item, this.width));
    const at = place ? this.items.indexOf(place.item) : -1;
    const sum = (until: number): number => heights.slice(0, until).reduce((all, height) => all + height, 0);
    const top = at < 0 ? sum(heights.length) - this.log.clientHeight : sum(at) + SPACE - place!.offset;
    const held = this.held();
    let below = 0;
    return this.items.filter((item, index) => {
      const above = below;
      below += heights[index]!;
      if (below > top - margin && above < top + this.log.clientHeight + margin) return true;
      return held(item, index) || item === place?.item;
    });
  }

  /** What stays in the page wherever it is: a turn that is not stored, what has the focus, and what is selected. */
  private held(): (item: Item, index: number) => boolean {
    const selection = document.getSelection();
    const ends = selection?.isCollapsed === false ? [selection.anchorNode, selection.focusNode] : [];
    const indexes = ends.map((node) => this.itemOf(node)).flatMap((item) => (item ? [this.items.indexOf(item)] : []));
    const focused = this.itemOf(document.activeElement);
    const [first, last] = [Math.min(...indexes), Math.max(...indexes)];
    return (item, index) => item.messageId === undefined || item === focused || (index >= first && index <= last);
  }

  private arrange(wanted: Item[], middle: number): void {
    const near = new Set(wanted);
    let gap = 0;
    let last: Element | null = null;
    for (const [index, item] of this.items.entries()) {
      if (!near.has(item)) {
        gap += heightOf(item, this.width);
        item.root?.remove();
        if (item.message && !item.live && Math.abs(index - middle) > KEPT) item.root = undefined;
        continue;
      }
      const root: HTMLElement = (item.root ??= this.events.draw(item.message!));
      root.style.marginTop = gap > 0 ? `${gap + SPACE}px` : "";
      const next: Element | null = last ? last.nextElementSibling : this.root.firstElementChild;
      if (next !== root) this.root.insertBefore(root, next);
      [last, gap] = [root, 0];
    }
    this.root.style.paddingBottom = gap > 0 ? `${gap}px` : "";
    this.drawn = wanted;
    this.events.drawn();
  }

  /** Tell screen readers how many messages there are, and which of them these are. */
  private number(): void {
    const size = String(this.before + this.items.length);
    for (const item of this.drawn) {
      const root = item.root!;
      const position = String(this.before + this.items.indexOf(item) + 1);
      if (root.ariaPosInSet !== position) root.ariaPosInSet = position;
      if (root.ariaSetSize !== size) root.ariaSetSize = size;
      if (root.tabIndex !== -1 || !root.hasAttribute("tabindex")) root.tabIndex = -1;
    }
  }
}

function sameItems(some: readonly Item[], others: readonly Item[]): boolean {
  return some.length === others.length && some.every((item, index) => item === others[index]);
}
