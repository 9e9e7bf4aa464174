/** The page's own words come from the extension: all of them, in any language. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { answer, question, READY, session, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";
import { STATES } from "./states.mjs";

const bundle = (name) => JSON.parse(readFileSync(new URL(`../../l10n/${name}.json`, import.meta.url), "utf8"));
const ENGLISH = bundle("bundle.l10n");
const GERMAN = { words: bundle("bundle.l10n.de"), language: "de" };
/** A language that is told apart, and whose words would do harm if they were taken for HTML. */
const MARKED = Object.fromEntries(Object.keys(ENGLISH).map((key) => [key, `⟦<i class="x">&amp;${key}⟧`]));

const withPage = pages();

/** All that is read of a page: its text, and what stands in for text. */
const read = () => {
  const names = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"];
  const app = document.getElementById("app");
  const words = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
  const text = [];
  while (words.nextNode()) text.push(words.currentNode.data);
  return [text.join(" "), ...[...app.querySelectorAll("*")].flatMap((one) => names.map((name) => one.getAttribute(name) ?? ""))];
};

describe("another language", () => {
  for (const [name, arrange] of Object.entries(STATES)) {
    test(`says all of the page that is not told: ${name}`, () =>
      withPage(
        async (chat) => {
          const told = [];
          const tell = chat.tell.bind(chat);
          chat.tell = (...messages) => (told.push(...messages), tell(...messages));
          await arrange(chat);
          await chat.drawn();
          const texts = await chat.page.evaluate(read);
          const given = JSON.stringify(told);
          const own = texts.map((text) => text.replace(/⟦[^⟧]*⟧/g, " ")).flatMap((text) => text.match(/\p{L}{3,}/gu) ?? []);
          assert.deepEqual(
            own.filter((word) => !given.includes(word)),
            [],
          );
          assert.ok(texts.some((text) => text.includes('⟦<i class="x">&amp;')));
          assert.equal(await chat.page.locator("i").count(), 0);
        },
        { words: MARKED },
      ));
  }

  test("has its own order of words, and German is one", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      const input = chat.page.getByRole("textbox", { name: "Nachricht" });
      await chat.tell(READY, session([question("Was?"), answer("Das.")]));
      assert.equal(await input.getAttribute("placeholder"), "Fragen Sie zu diesem Projekt");
      assert.equal(await chat.page.getByRole("button", { name: "Antwort kopieren" }).count(), 1);
      await chat.tell(...turn.begin("Schreib."), ...turn.asks("c1", "write_file", { path: "a.py" }));
      await chat.page.getByRole("group", { name: "Den Aufruf von write_file erlauben?", exact: true }).waitFor();
      assert.equal(await chat.page.locator(".approval .what").textContent(), "Den Aufruf von write_file erlauben?");
      assert.equal(await chat.page.locator(".approval .what code").textContent(), "write_file");
      assert.equal(await chat.page.getByRole("button", { name: "Einmal erlauben" }).count(), 1);
    }, GERMAN));

  test("writes numbers and prices in its own way", () =>
    withPage(async (chat) => {
      const usage = { inputTokens: 12340, outputTokens: 1500, seconds: 4.25, cost: 0.0123 };
      await chat.tell(READY, session([question("Was?"), answer("Das.", { usage })]));
      await chat.tell({ type: "context", tokens: 7400, budget: 8192, usage: { ...usage, cost: 1.5 } });
      await chat.drawn();
      const all = (await chat.page.evaluate(read)).join("\n").replace(/\u00a0/g, " ");
      for (const said of ["7,4k", "8,2k", "7.400", "8.192", "12.340", "1,50 $", "0,01 $", "4,3 s"]) assert.ok(all.includes(said), `${said} in ${all}`);
      assert.doesNotMatch(all, /7\.4k|7400|\$1|4\.3/);
    }, GERMAN));
});
