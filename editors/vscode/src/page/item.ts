/** A message of the conversation as the page holds it: drawn or not. */

import type { Message } from "../generated/protocol";

/** Pixels between two messages, as in the style sheet. */
export const SPACE = 12;

const LETTER = 6.5;
const LINE = 20;
const AROUND = 48;
const BUBBLE = 254;
const LEAST = 16;

/** One message; what is not stored has no ID, and only an element. */
export interface Item {
  /** Of a message that is stored. */
  messageId?: string;
  /** What the element is drawn from, again and again. */
  message?: Message;
  /** The element has come in live, and shows more than `message` says: it is not drawn anew. */
  live?: boolean;
  root?: HTMLElement | undefined;
  /** Pixels that it takes with the space above it, as they were measured last. */
  height?: number | undefined;
}

/** A place in the conversation: an item, and how many pixels its upper edge is below that of the view. */
export interface Place {
  item: Item;
  offset: number;
}

/** The pixels that an item takes with the space above it, measured or guessed for a view of this width. */
export function heightOf(item: Item, width: number): number {
  item.height ??= item.message ? guess(item.message, width) : AROUND;
  return item.height;
}

/** The item of a message that is told again: drawn anew only when the message is another than before. */
export function renewed(item: Item | undefined, message: Message): Item {
  const { messageId, siblings } = message;
  if (!item) return { messageId, message };
  const changed = item.live ? (siblings?.length ?? 0) > 1 : JSON.stringify(item.message) !== JSON.stringify(message);
  return changed ? { messageId, message } : Object.assign(item, { message, live: false });
}

function guess({ role, content }: Message, width: number): number {
  if (role !== "user" && role !== "assistant") return AROUND;
  const perLine = Math.max(LEAST, width / LETTER);
  let lines = 0;
  for (let from = 0; from >= 0 && from < content.length; lines += 1) {
    const end = content.indexOf("\n", from);
    if (end > from) lines += Math.floor((end - from) / perLine);
    else if (end < 0) lines += Math.floor((content.length - from) / perLine);
    from = end < 0 ? -1 : end + 1;
  }
  const height = lines * LINE + AROUND;
  return role === "user" ? Math.min(height, BUBBLE + SPACE) : height;
}
