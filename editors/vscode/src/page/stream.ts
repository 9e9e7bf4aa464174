/** An answer that grows: each delta draws its last Markdown block anew and nothing above it. */

import type { Env, MarkdownIt, Token } from "markdown-it";
import { OpenFence } from "./open-fence";
import { lineStart, OpenList } from "./open-list";
import { patchChildren } from "./patch";

/** Milliseconds within which deltas are drawn together. */
const BURST = 8;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * Markdown drawn into an element while it comes in.
 *
 * Blocks are cut off where a later one has begun on a whole line: by CommonMark nothing that follows changes them,
 * save a link definition, for which the whole is drawn once more at the end.
 */
export class MarkdownStream {
  /** All of the text so far. */
  text = "";
  /** What is not drawn for good yet. */
  private tail = "";
  /** How many of the element's children are drawn for good. */
  private settled = 0;
  /** How many lines of the tail were whole when it was last cut. */
  private cutAt = 0;
  private env: Env = {};
  /** The last block, when it can be drawn in part. */
  private open: OpenFence | OpenList | undefined;
  private drawnAt = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly target: HTMLElement,
    private readonly markdown: MarkdownIt,
  ) {}

  /**
   * Take a delta. It is drawn at once, unless the one before it has just been: then those that come in a burst are
   * drawn together. Frames are not waited for: where they are slow, each delta would come a frame late.
   */
  append(delta: string): void {
    this.take(delta);
    const rest = this.drawnAt + BURST - performance.now();
    if (rest <= 0) this.draw();
    else this.waiting ??= setTimeout(() => this.draw(), rest);
  }

  /** Take all of a text that is whole. */
  show(text: string): void {
    this.take(text);
    this.finish();
  }

  /** Nothing more comes: draw what was waiting. */
  finish(): void {
    this.open = undefined;
    if (DEFINITION.test(this.text)) {
      this.tail = this.text;
      this.settled = this.cutAt = 0;
      this.env = {};
    }
    this.draw();
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
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.redraw();
    this.drawnAt = performance.now();
  }

  private redraw(): void {
    if (this.open?.grow(this.tail)) return;
    this.open = undefined;
    const settled = this.cut();
    const nodes = settled === "" ? [] : rendered(this.markdown.render(settled, this.env));
    // a definition of which only a part is there must not stay
    const env: Env = { references: { ...(this.env["references"] as object | undefined) } };
    const tokens = this.markdown.parse(this.tail, env);
    const rest = rendered(this.markdown.renderer.render(tokens, this.markdown.options, env));
    patchChildren(this.target, this.settled, [...nodes, ...rest]);
    this.settled += nodes.length;
    const last = this.target.lastElementChild;
    this.open = OpenFence.at(tokens, this.tail, last) ?? OpenList.at(this.markdown, tokens, this.tail, last);
  }

  /** Take the blocks that are final off the tail. */
  private cut(): string {
    const end = this.tail.lastIndexOf("\n") + 1;
    if (end === this.cutAt) return "";
    this.cutAt = end;
    const tokens: Token[] = [];
    this.markdown.block.parse(this.tail.slice(0, end), this.markdown, this.env, tokens);
    const starts = tokens.filter((token) => token.level === 0 && token.nesting >= 0 && token.map !== null);
    const line = starts.length > 1 ? starts.at(-1)!.map![0] : 0;
    const offset = lineStart(this.tail, line);
    const settled = this.tail.slice(0, offset);
    this.tail = this.tail.slice(offset);
    this.cutAt = end - offset;
    return settled;
  }
}

function rendered(html: string): Node[] {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.childNodes].filter((node) => !(node instanceof Text && node.data.trim() === ""));
}
