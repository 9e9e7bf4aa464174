/** Markdown to HTML that can be put on the page: HTML in it is shown as text, and nothing is loaded from anywhere. */

import markdownIt, { type MarkdownIt, type Token } from "markdown-it";
import { escapeHtml, highlight, isKnown } from "./languages";
import { markPlaces } from "./places";
import { l10n } from "./words";

const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;
const RELATIVE_PATH = /^(?![a-z][a-z0-9+.-]*:|\/\/|#)/i;

/** A call with this in its `env` leaves code without colours, and says in `data-language` which it wants. */
export const PLAIN = { plain: true };

/** A parser with this page's rules. It has no state; link definitions live in the `env` of a call. */
export function createMarkdown(): MarkdownIt {
  const markdown = markdownIt({ html: false, linkify: true, typographer: false, breaks: false });
  // without an explicit scheme `setup.py` would count as a domain of Paraguay
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  markdown.validateLink = (url) => SAFE_LINK.test(url) || RELATIVE_PATH.test(url);
  markdown.core.ruler.push("places", markPlaces);
  renderLinks(markdown);
  renderTables(markdown);
  renderSides(markdown);
  renderCode(markdown);
  return markdown;
}

function renderLinks(markdown: MarkdownIt): void {
  const { rules } = markdown.renderer;
  rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]!;
    const href = attribute(token, "href");
    if (!SAFE_LINK.test(href)) {
      const [path, line] = href.split(/#L?/);
      token.attrs = [
        ["class", "place"],
        ["data-path", decoded(path ?? "")],
        ["href", "#"],
      ];
      if (line !== undefined && /^\d+/.test(line)) token.attrSet("data-line", String(parseInt(line, 10)));
    } else if (token.attrGet("title") === null) {
      token.attrSet("title", href);
    }
    return self.renderToken(tokens, index, options);
  };
  rules.image = (tokens, index) => {
    const source = attribute(tokens[index]!, "src");
    const name = escapeHtml(tokens[index]!.content || source);
    return SAFE_LINK.test(source)
      ? `<a class="image" href="${escapeHtml(source)}" title="${escapeHtml(source)}">${name}</a>`
      : name;
  };
}

/** Marks of lists and quotes stand on the side where their text begins. */
function renderSides(markdown: MarkdownIt): void {
  for (const kind of ["bullet_list_open", "ordered_list_open", "blockquote_open"]) {
    markdown.renderer.rules[kind] = (tokens, index, options, _env, self) => {
      tokens[index]!.attrSet("dir", "auto");
      return self.renderToken(tokens, index, options);
    };
  }
}

function renderTables(markdown: MarkdownIt): void {
  const { rules } = markdown.renderer;
  rules.table_open = () => `<div class="table" dir="auto" tabindex="0" role="region" aria-label="${escapeHtml(l10n.t("Table"))}"><table>`;
  rules.table_close = () => "</table></div>";
  rules.th_open = rules.td_open = (tokens, index) => {
    // a style attribute is what the Content Security Policy refuses
    const side = /text-align:(left|center|right)/.exec(attribute(tokens[index]!, "style"))?.[1];
    return side ? `<${tokens[index]!.tag} class="align-${side}">` : `<${tokens[index]!.tag}>`;
  };
}

function renderCode(markdown: MarkdownIt): void {
  const { rules } = markdown.renderer;
  rules.fence = (tokens, index, _options, env) =>
    codeHtml(tokens[index]!.content, tokens[index]!.info.trim().split(/\s+/)[0] ?? "", true, env?.["plain"] === true);
  rules.code_block = (tokens, index) => codeHtml(tokens[index]!.content, "", false, true);
}

const ICON = (name: string): string => `<span class="icon icon-${name}" aria-hidden="true"></span>`;
const BUTTON = (act: string, name: string, words: string): string => {
  const label = escapeHtml(words);
  return `<button type="button" class="icon-button" data-act="${act}" aria-label="${label}" title="${label}">${ICON(name)}</button>`;
};
const COPY = BUTTON("copy", "copy", l10n.t("Copy"));
const INSERT = BUTTON("insert", "insert", l10n.t("Insert at cursor"));
const REPLACE = BUTTON("replace", "replace", l10n.t("Replace the selection"));
const NEW_FILE = BUTTON("new-file", "new-file", l10n.t("Put into a new file"));
const APPLY = BUTTON("apply", "diff", l10n.t("Apply"));

/** A block of code with its buttons. Only a fenced one can be applied: those are what the server counts. */
function codeHtml(content: string, language: string, fenced: boolean, plain: boolean): string {
  const name = language.toLowerCase();
  const text = content.replace(/\n$/, "");
  const code = plain ? escapeHtml(text) : highlight(text, name);
  const wanted = plain && isKnown(name) ? ` data-language="${escapeHtml(name)}"` : "";
  const label = escapeHtml(language);
  return (
    `<div class="code"${fenced ? " data-fence" : ""}><div class="code-bar"><span class="language">${label}</span>` +
    `${COPY}${INSERT}${REPLACE}${NEW_FILE}${fenced ? APPLY : ""}</div>` +
    `<pre tabindex="0" aria-label="${label || escapeHtml(l10n.t("Code"))}"><code${wanted}>${code}</code></pre></div>\n`
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? "");
}
