/** What a screen reader and a keyboard have to go by, and whether everything can be read, in four themes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { pages, THEMES } from "./harness.mjs";
import { STATES } from "./states.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// the page is a part of VS Code's window, which has the landmarks, the first heading and the title
const ELSEWHERE = ["region", "landmark-one-main", "page-has-heading-one", "document-title"];
const OFF = Object.fromEntries(ELSEWHERE.map((id) => [id, { enabled: false }]));

const withPage = pages();

describe("axe finds nothing", () => {
  for (const theme of Object.keys(THEMES)) {
    test(`in the theme ${theme}`, async () => {
      const told = [];
      for (const [name, arrange] of Object.entries(STATES)) {
        const look = async (chat) => {
          await arrange(chat);
          await chat.drawn();
          await chat.page.evaluate(AXE);
          const asked = theme === "dark" ? { rules: OFF } : { runOnly: ["color-contrast"] };
          const { violations } = await chat.page.evaluate((options) => window.axe.run(document, options), asked);
          for (const { id, nodes } of violations)
            told.push(...nodes.map(({ html, failureSummary }) => `${name}, ${id}: ${html}\n${failureSummary}`));
        };
        await withPage(look, { theme, reducedMotion: "reduce" });
      }
      assert.deepEqual(told, []);
    });
  }
});
