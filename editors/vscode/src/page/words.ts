/** The page's own words in the user's language: the extension puts what VS Code has of them into the page's document. */

import { written } from "./numbers";

/** What is said instead of what stands in English here; empty where that is to be said. */
const translated = JSON.parse(document.getElementById("words")?.textContent || "{}") as Record<string, string>;

/** As `vscode.l10n` on the extension's side, so that one script finds the words of both. */
export const l10n = {
  /** A sentence, with a value for each `{0}`, `{1}` … in it; whole numbers are written as the language writes them. */
  t(message: string, ...values: (string | number)[]): string {
    const said = translated[message] || message;
    const put = (value: string | number): string => (typeof value === "number" ? written(value) : value);
    return values.length === 0 ? said : said.replace(/\{(\d+)\}/g, (place, at) => put(values[at] ?? place));
  },
};
