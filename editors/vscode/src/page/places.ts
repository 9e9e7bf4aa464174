/** `path:line` and `path:first-last` in an answer, made into links that open the file there. */

import type { StateCore, Token } from "markdown-it";

// the server looks for the same shape when it collects an answer's citations
const PLACE = /(?<![\w/@+.-])([\w@+.-]*(?:\/[\w@+.-]+)*\.[A-Za-z]\w*):(\d{1,7})(?:-\d{1,7})?(?![\w:])/g;
const HOST = /^[^/]+\.(?:com|org|net|io|dev|local)$/i;

/** A core rule of markdown-it. Text that is a link already stays as it is. */
export function markPlaces(state: StateCore): void {
  for (const block of state.tokens) {
    if (block.children && /\.\w+:\d/.test(block.content)) block.children = marked(block.children, state);
  }
}

function marked(tokens: Token[], state: StateCore): Token[] {
  const result: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (token.type === "link_open") depth += 1;
    if (token.type === "link_close") depth -= 1;
    if (depth > 0 || (token.type !== "text" && token.type !== "code_inline")) result.push(token);
    else result.push(...split(token, state));
  }
  return result;
}

function split(token: Token, state: StateCore): Token[] {
  const result: Token[] = [];
  let from = 0;
  for (const match of token.content.matchAll(PLACE)) {
    const [label, path = "", line = ""] = match;
    if (HOST.test(path) || (token.type === "code_inline" && label !== token.content)) continue;
    if (match.index > from) result.push(piece(token, token.content.slice(from, match.index), state));
    const open = new state.Token("link_open", "a", 1);
    open.attrs = [["href", `${encodeURI(path).replace(/#/g, "%23")}#L${line}`]];
    result.push(open, piece(token, label, state), new state.Token("link_close", "a", -1));
    from = match.index + label.length;
  }
  if (from === 0) return [token];
  if (from < token.content.length) result.push(piece(token, token.content.slice(from), state));
  return result;
}

function piece(token: Token, content: string, state: StateCore): Token {
  const made = new state.Token(token.type, token.tag, 0);
  made.content = content;
  made.markup = token.markup;
  return made;
}
