/** A block of code whose end has not come: only its newest lines are coloured anew. */

import type { Token } from "markdown-it";
import { element } from "./element";
import { highlight, PART_LINES } from "./languages";

const OPENING = /^( {0,3})(`{3,}|~{3,})[^\n]*\n/;

/**
 * The block that an answer's text ends in, for as long as it is open.
 *
 * Code is coloured in parts; when the fence closes the block is drawn as a whole, with colours that cross the parts.
 */
export class OpenFence {
  private readonly indent: number;
  private readonly closing: RegExp;
  /** Where in the text the part that is being coloured begins. */
  private from: number;
  private part: HTMLElement | undefined;

  private constructor(
    opening: RegExpExecArray,
    private readonly language: string,
    private readonly code: Element,
  ) {
    this.indent = opening[1]!.length;
    const mark = opening[2]!;
    this.closing = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}[ \\t]*$`, "m");
    this.from = opening[0].length;
  }

  /** The open fence that `text` consists of, drawn as `drawn`, if it is one. */
  static at(tokens: Token[], text: string, drawn: Element | null): OpenFence | undefined {
    const opening = OPENING.exec(text);
    const code = drawn?.querySelector(".code-bar + pre > code");
    if (tokens.length !== 1 || tokens[0]!.type !== "fence" || !opening || !code) return undefined;
    const fence = new OpenFence(opening, tokens[0]!.info.trim().split(/\s+/)[0] ?? "", code);
    return fence.closing.test(text.slice(fence.from)) ? undefined : fence;
  }

  /** Draw `text`, which begins as before and has grown. False: the fence is closed, or may be soon. */
  grow(text: string): boolean {
    let code = text.slice(this.from);
    if (this.closing.test(code) || /\n {0,3}[`~]+[ \t]*$/.test(code)) return false;
    if (!this.part) this.code.textContent = "";
    this.part ??= this.next();
    for (let end = partEnd(code); end > 0; end = partEnd(code)) {
      this.draw(this.plain(code.slice(0, end)));
      this.part = this.next();
      this.from += end;
      code = code.slice(end);
    }
    this.draw(this.plain(code).replace(/\n$/, ""));
    return true;
  }

  private next(): HTMLElement {
    return this.code.appendChild(element("span", { class: "lines" }));
  }

  /** Lines without what the fence is indented by. */
  private plain(code: string): string {
    return this.indent === 0 ? code : code.replace(new RegExp(`^ {1,${this.indent}}`, "gm"), "");
  }

  private draw(code: string): void {
    this.part!.innerHTML = highlight(code, this.language.toLowerCase());
  }
}

/** The length of the first part when more than that many lines have come, else 0. */
function partEnd(code: string): number {
  let end = 0;
  for (let line = 0; line < PART_LINES; line += 1) {
    end = code.indexOf("\n", end) + 1;
    if (end === 0) return 0;
  }
  return end < code.length ? end : 0;
}
