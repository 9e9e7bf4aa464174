/** A long list at the end of an answer: only its newest items are drawn anew. */

import type { MarkdownIt, Token } from "markdown-it";
import { patchChildren } from "./patch";

const LEAST = 16;

/**
 * The list that an answer's text ends in, for as long as nothing else follows.
 *
 * Whether items stand apart is judged by the newest ones alone; the list is drawn as a whole when it ends.
 */
export class OpenList {
  /** Where in the text the first item that is drawn anew begins, and how many come before it. */
  private from = 0;
  private before = 0;

  private constructor(
    private readonly markdown: MarkdownIt,
    private readonly list: Element,
    private readonly opening: Token,
  ) {}

  /** The long list that `text` consists of, drawn as `drawn`, if it is one. */
  static at(markdown: MarkdownIt, tokens: Token[], text: string, drawn: Element | null): OpenList | undefined {
    const starts = items(tokens);
    if (!starts || starts.length <= 2 * LEAST || !drawn) return undefined;
    const list = new OpenList(markdown, drawn, tokens[0]!);
    list.advance(text, starts);
    return list;
  }

  /** Draw `text`, which begins as before and has grown. False: something else follows. */
  grow(text: string): boolean {
    const tokens = this.markdown.parse(text.slice(this.from), {});
    const starts = items(tokens);
    if (!starts || tokens[0]!.type !== this.opening.type || tokens[0]!.markup !== this.opening.markup) return false;
    const template = document.createElement("template");
    template.innerHTML = this.markdown.renderer.render(tokens, this.markdown.options, {});
    // white space stands before each item
    patchChildren(this.list, 2 * this.before, [...template.content.firstElementChild!.childNodes]);
    if (starts.length > 2 * LEAST) this.advance(text, starts);
    return true;
  }

  private advance(text: string, starts: number[]): void {
    const passed = starts.length - LEAST;
    this.from = lineStart(text, starts[passed]!, this.from);
    this.before += passed;
  }
}

/** The lines in which the items begin, if the tokens are one list. */
function items(tokens: Token[]): number[] | undefined {
  const blocks = tokens.filter((token) => token.level === 0 && token.nesting >= 0);
  if (blocks.length !== 1 || !/^(?:bullet|ordered)_list_open$/.test(blocks[0]!.type)) return undefined;
  return tokens.filter((token) => token.level === 1 && token.type === "list_item_open").map((token) => token.map![0]);
}

/** Where a line begins, counted from `from`. */
export function lineStart(text: string, line: number, from = 0): number {
  let offset = from;
  for (let passed = 0; passed < line; passed += 1) offset = text.indexOf("\n", offset) + 1;
  return offset;
}
