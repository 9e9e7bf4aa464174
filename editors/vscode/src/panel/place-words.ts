/** A place as people read it, the same on the page and beside it. */

import type { Range } from "../generated/protocol";

/** The last name of a path; that of a folder ends with a slash. */
export function nameOf(path: string): string {
  return /[^/]*\/?$/.exec(path)?.[0] || path;
}

/** `:4-9`, counted from 1. A selection that ends before a line's first character leaves that line out. */
export function linesOf(range: Range | undefined): string {
  if (!range) {
    return "";
  }
  const { start, end } = range;
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return last === start.line ? `:${start.line + 1}` : `:${start.line + 1}-${last + 1}`;
}
