/** An answer that grows: each delta draws its last Markdown block anew and nothing above it. */

import type { Env, MarkdownIt, Token } from "markdown-it";
import { colourSoon } from "./colours";
import { PLAIN } from "./markdown";
import { OpenFence } from "./open-fence";
import { OpenParagraph } from "./open-paragraph";
import { lineStart, OpenRows } from "./open-rows";
import { Pace } from "./pace";
import { Parts } from "./parts";
import { drawn } from "./patch";

const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;
/** The beginning of a line that is one of a paragraph, whatever follows in it. */
const WORDS = /^(?:\p{L}|\*\*?[\p{L}`]|`[^`\n])/u;

/**
 * Markdown drawn into an element while it comes in.
 *
 * Blocks are cut off where a later one has begun, on a whole line or with words: by CommonMark nothing that follows
 * changes them, save a link definition, for which the whole is drawn once more at the end.
 */
export class MarkdownStream {
  /** All of the text so far. */
  text = "";
  /** What is not drawn for good yet. */
  private tail = "";
  /** How much of the tail was sure to be what it is when it was last cut. */
  private cutAt = 0;
  private readonly env: Env = {};
  /** The last block, when it can be drawn in part. */
  private open: OpenFence | OpenParagraph | OpenRows | undefined;
  private readonly parts: Parts;
  private readonly pace = new Pace(() => this.draw());

  constructor(
    private readonly target: HTMLElement,
    private readonly markdown: MarkdownIt,
  ) {
    this.parts = new Parts(target);
  }

  /** Take a delta. */
  append(delta: string): void {
    this.take(delta);
    this.pace.ask();
  }

  /** Take all of a text that is whole. Its code gets colours when it has been on the screen. */
  show(text: string): void {
    Object.assign(this.env, PLAIN);
    this.take(text);
    this.finish();
    colourSoon(this.target);
  }

  /** Nothing more comes: draw what was waiting. */
  finish(): void {
    this.leave();
    if (DEFINITION.test(this.text)) {
      this.tail = this.text;
      this.cutAt = 0;
      delete this.env["references"];
      this.parts.restart();
    }
    this.pace.now();
  }

  private take(delta: string): void {
    // a line ending may be cut in two by a delta
    const half = this.text.endsWith("\r");
    const clean = (half && delta.startsWith("\n") ? delta.slice(1) : delta).replace(/\r\n/g, "\n");
    if (half) this.tail = `${this.tail.slice(0, -1)}\n`;
    this.text = `${half ? `${this.text.slice(0, -1)}\n` : this.text}${clean}`;
    this.tail += clean;
  }

  private draw(): void {
    if (this.open?.grow(this.tail)) return;
    this.leave();
    const settled = this.cut();
    const blocks = settled === "" ? [] : blocksOf(this.markdown.render(settled, this.env));
    // a definition of which only a part is there must not stay
    const env: Env = { ...this.env, references: { ...(this.env["references"] as object | undefined) } };
    const tokens = this.markdown.parse(this.tail, env);
    this.parts.draw(blocks, blocksOf(this.markdown.renderer.render(tokens, this.markdown.options, env)));
    const { last } = this.parts;
    this.open =
      OpenFence.at(tokens, this.tail, last) ??
      OpenParagraph.at(this.markdown, tokens, env, last) ??
      OpenRows.at(this.markdown, tokens, env, this.tail, last);
  }

  /** The last block is to be drawn as a whole: what it was drawn in by parts is made one. */
  private leave(): void {
    if (this.open) this.parts.last?.normalize();
    this.open = undefined;
  }

  /** Take the blocks that are final off the tail. */
  private cut(): string {
    const whole = this.tail.lastIndexOf("\n") + 1;
    const end = whole + (WORDS.exec(this.tail.slice(whole, whole + 4))?.[0].length ?? 0);
    if (end === this.cutAt) return "";
    this.cutAt = end;
    const tokens: Token[] = [];
    this.markdown.block.parse(this.tail.slice(0, end), this.markdown, {}, tokens);
    const starts = tokens.filter((token) => token.level === 0 && token.nesting >= 0 && token.map !== null);
    const line = starts.length > 1 ? starts.at(-1)!.map![0] : 0;
    const offset = lineStart(this.tail, line);
    const settled = this.tail.slice(0, offset);
    this.tail = this.tail.slice(offset);
    this.cutAt = end - offset;
    return settled;
  }
}

function blocksOf(html: string): Node[] {
  return drawn(html).filter((node) => !(node instanceof Text && node.data.trim() === ""));
}
