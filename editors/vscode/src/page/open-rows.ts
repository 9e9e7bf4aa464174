/** A long list or table at the end of an answer: only its newest items or rows are drawn anew. */

import type { Env, MarkdownIt, Token } from "markdown-it";
import { drawn, patchChildren } from "./patch";

const LEAST = 8;

/**
 * The list or table that an answer's text ends in, for as long as nothing else follows.
 *
 * Whether items stand apart is judged by the newest ones alone; a list is drawn as a whole when it ends.
 */
export class OpenRows {
  /** Where in the text the first row that is drawn anew begins, and how many come before it. */
  private from = 0;
  private before = 0;

  private constructor(
    private readonly markdown: MarkdownIt,
    private readonly env: Env,
    private readonly rows: Element,
    private readonly opening: Token,
    /** What makes rows that stand alone a table. */
    private readonly head: string,
  ) {}

  /** The long list or table that `text` consists of, drawn as `last`, if it is one. */
  static at(markdown: MarkdownIt, tokens: Token[], env: Env, text: string, last: Element | null): OpenRows | undefined {
    const starts = startsOf(tokens);
    const rows = last && rowsIn(last);
    if (!starts || starts.length <= 2 * LEAST || !rows) return undefined;
    const head = tokens[0]!.type === "table_open" ? text.slice(0, lineStart(text, starts[0]!)) : "";
    const open = new OpenRows(markdown, env, rows, tokens[0]!, head);
    open.advance(text, starts);
    return open;
  }

  /** Draw `text`, which begins as before and has grown. False: something else follows. */
  grow(text: string): boolean {
    const part = `${this.head}${text.slice(this.from)}`;
    const tokens = this.markdown.parse(part, this.env);
    const starts = startsOf(tokens);
    if (!starts || tokens[0]!.type !== this.opening.type || tokens[0]!.markup !== this.opening.markup) return false;
    const [block] = drawn(this.markdown.renderer.render(tokens, this.markdown.options, {}));
    // white space stands before each row
    patchChildren(this.rows, 2 * this.before, [...rowsIn(block as Element)!.childNodes]);
    if (starts.length > 2 * LEAST) this.advance(part, starts, this.head.length);
    return true;
  }

  /** Draw fewer of the rows in `part` anew, which is the text from `from` on, after a head of so many characters. */
  private advance(part: string, starts: number[], head = 0): void {
    const passed = starts.length - LEAST;
    this.from += lineStart(part, starts[passed]!) - head;
    this.before += passed;
  }
}

/** The lines in which the items or rows begin, if the tokens are one list or one table. */
function startsOf(tokens: Token[]): number[] | undefined {
  const blocks = tokens.filter((token) => token.level === 0 && token.nesting >= 0);
  if (blocks.length !== 1 || !/^(?:bullet_list|ordered_list|table)_open$/.test(blocks[0]!.type)) return undefined;
  const body = Math.max(0, tokens.findIndex(({ type }) => type === "tbody_open"));
  const rows = blocks[0]!.type === "table_open" ? { type: "tr_open", level: 2 } : { type: "list_item_open", level: 1 };
  return tokens
    .slice(body)
    .filter(({ type, level }) => type === rows.type && level === rows.level)
    .map((token) => token.map![0]);
}

/** The element whose children are the items or rows of a drawn block. */
function rowsIn(block: Element): Element | null {
  return block.matches("ul, ol") ? block : block.querySelector(":scope > table > tbody");
}

/** Where a line begins. */
export function lineStart(text: string, line: number): number {
  let offset = 0;
  for (let passed = 0; passed < line; passed += 1) offset = text.indexOf("\n", offset) + 1;
  return offset;
}
