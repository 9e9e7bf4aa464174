/** The parts of a change, each to be decided by itself. Places are offsets in the text as it is now. */

/** New text for a span; `id` stays the same while other parts are taken or left. */
export interface Part {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all parts taken. They do not overlap and are in order. */
export function withParts(text: string, parts: readonly Part[]): string {
  let [done, result] = [0, ""];
  for (const part of parts) {
    result += text.slice(done, part.start) + part.text;
    done = part.end;
  }
  return result + text.slice(done);
}

/** The parts that are left once one of them is in the text. */
export function afterTaking(parts: readonly Part[], taken: Part): Part[] {
  const longer = taken.text.length - (taken.end - taken.start);
  return without(parts, taken).map((part) =>
    part.start < taken.start ? part : { ...part, start: part.start + longer, end: part.end + longer },
  );
}

export function without(parts: readonly Part[], left: Part): Part[] {
  return parts.filter(({ id }) => id !== left.id);
}

/** Where a part begins and ends in the text that has all parts in it. */
export function spanIn(parts: readonly Part[], part: Part): [start: number, end: number] {
  const before = parts.filter(({ start, id }) => start < part.start || (start === part.start && id < part.id));
  const start = before.reduce((at, { text, start: from, end }) => at + text.length - (end - from), part.start);
  return [start, start + part.text.length];
}
