/** Highlighted code in the languages that answers have most. */

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import lua from "highlight.js/lib/languages/lua";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  markdown,
  php,
  python,
  ruby,
  rust,
  shell,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** Longer code is coloured in parts of this many lines, which keeps a redraw short. */
export const PART_LINES = 40;
const WHOLE_CHARACTERS = 12_000;

export function isKnown(language: string): boolean {
  return hljs.getLanguage(language) !== undefined;
}

/** Code as HTML in which every character of it is escaped; without colours when the language is not known. */
export function highlight(code: string, language: string): string {
  if (!isKnown(language)) return escapeHtml(code);
  return code.length <= WHOLE_CHARACTERS
    ? coloured(code, language)
    : parts(code)
        .map((part) => coloured(part, language))
        .join("");
}

/** Code cut after every so many lines. */
export function parts(code: string): string[] {
  const lines = code.split(/(?<=\n)/);
  const cut: string[] = [];
  for (let first = 0; first < lines.length; first += PART_LINES)
    cut.push(lines.slice(first, first + PART_LINES).join(""));
  return cut;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}

function coloured(code: string, language: string): string {
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
