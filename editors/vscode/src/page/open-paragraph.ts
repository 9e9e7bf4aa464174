/** A long paragraph at the end of an answer: only its newest words are drawn anew. */

import type { Env, MarkdownIt, Token } from "markdown-it";
import { drawn, patchChildren } from "./patch";

/** At least so many characters at the end are drawn anew. */
const LEAST = 400;
const TRIES = 3;
/** Signs that words to come may make part of a span, of code, of a link. Where they cannot be that, they are no such. */
const OPENING = /[`[]|~~|(?<!\s)\*|\*(?!\s)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u;
const BETWEEN_WORDS = /^[\p{L}\p{N}] [^\s]$/u;

/**
 * The paragraph that an answer's text ends in, for as long as nothing else follows.
 *
 * It is cut between two words before which everything that was opened is closed: what follows changes nothing there.
 */
export class OpenParagraph {
  /** Where in the paragraph that begins which is drawn anew, and how many nodes come before it. */
  private from = 0;
  private before = 0;
  /** How long the paragraph was when a place to cut it was looked for. */
  private tried = 0;

  private constructor(
    private readonly markdown: MarkdownIt,
    private readonly paragraph: Element,
    private readonly env: Env,
  ) {}

  /** The long paragraph that `tokens` are, drawn as `last`, if they are one. */
  static at(markdown: MarkdownIt, tokens: Token[], env: Env, last: Element | null): OpenParagraph | undefined {
    const content = contentOf(tokens);
    if (content === undefined || content.length <= 2 * LEAST || !last) return undefined;
    return new OpenParagraph(markdown, last, env);
  }

  /** Draw `text`, which begins as before and has grown. False: it is not one paragraph any more. */
  grow(text: string): boolean {
    const tokens: Token[] = [];
    this.markdown.block.parse(text, this.markdown, {}, tokens);
    const content = contentOf(tokens);
    if (content === undefined) return false;
    const settled = this.settled(content);
    const rest = this.nodes(this.inline(content.slice(this.from)));
    patchChildren(this.paragraph, this.before, [...settled, ...rest]);
    this.before += settled.length;
    return true;
  }

  /** What of the paragraph is final by now, and was not before. */
  private settled(content: string): Node[] {
    if (content.length - this.from <= 2 * LEAST || content.length < this.tried + LEAST) return [];
    this.tried = content.length;
    let end = content.length - LEAST;
    for (let tries = 0; tries < TRIES; tries += 1) {
      do end = content.lastIndexOf(" ", end - 1);
      while (end > this.from && !BETWEEN_WORDS.test(content.slice(end - 1, end + 2)));
      if (end <= this.from) break;
      const tokens = this.inline(content.slice(this.from, end));
      if (isOpen(tokens[0]!.children!)) continue;
      this.from = end;
      return this.nodes(tokens);
    }
    return [];
  }

  private inline(content: string): Token[] {
    return this.markdown.parseInline(content, this.env);
  }

  private nodes(tokens: Token[]): Node[] {
    return drawn(this.markdown.renderer.render(tokens, this.markdown.options, this.env));
  }
}

/** Whether something was opened and not closed, in what a picture is described by too. */
function isOpen(tokens: Token[]): boolean {
  return tokens.some(({ type, content, children }) => (type === "text" ? OPENING.test(content) : isOpen(children ?? [])));
}

function contentOf(tokens: Token[]): string | undefined {
  return tokens.length === 3 && tokens[0]!.type === "paragraph_open" ? tokens[1]!.content : undefined;
}
