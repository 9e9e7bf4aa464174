/** What a tool is given, as people read it: nothing left out, and nothing that hides. */

import { element } from "./element";
import { l10n } from "./words";

/** Characters that are not seen, or turn around what stands beside them. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const LONGEST = 80;

/** A text in which each character shows. */
export function visible(text: string): string {
  const plain = text.replace(/\r\n/g, "\n");
  return plain.replace(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** All arguments, each by its name. */
export function argumentsOf(args: Record<string, unknown>): HTMLElement {
  const entries = Object.entries(args);
  if (entries.length === 0) return element("p", { class: "hint" }, l10n.t("No arguments."));
  const list = element("dl", { class: "arguments" });
  for (const [name, value] of entries) {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    list.append(element("dt", {}, visible(name)), element("dd", {}, element("pre", {}, visible(text))));
  }
  return list;
}

/** The arguments in one line. */
export function brief(args: Record<string, unknown>): string {
  const values = Object.values(args).map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  const line = visible(values.join(", ")).replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
