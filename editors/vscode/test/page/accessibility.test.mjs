/** What a screen reader and a keyboard have to go by, and whether everything can be read, in four themes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { answer, call, citation, PIXEL, question, READY, session, Turn } from "./conversation.mjs";
import { bundle, launch, open, THEMES } from "./harness.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TALK = session([
  question("How is it stored?", { attachments: [{ uri: "file:///project/journal.py" }] }),
  answer("# As lines\n\nSee [this](https://ok.test) and `journal.py:4`:\n\n```python\nx = 1  # one\n```\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|", {
    citations: [citation("journal.py", 4)],
  }),
]);
const CHIPS = { type: "attachments", items: [{ label: "journal.py:4", title: "journal.py:4", uri: "file:///a" }] };
const ITEMS = ["diff", "problems"].map((name) => ({ label: `@${name}`, insertText: `@${name}`, kind: "context", detail: "seen" }));

// the page is a part of VS Code's window, which has the landmarks, the first heading and the title
const ELSEWHERE = ["region", "landmark-one-main", "page-has-heading-one", "document-title"];
const OFF = Object.fromEntries(ELSEWHERE.map((id) => [id, { enabled: false }]));

const STATES = {
  empty: (chat) => chat.tell({ type: "status", state: "ready", model: "" }, session()),
  talk: (chat) => chat.tell(READY, TALK, CHIPS),
  async again(chat) {
    const context = { type: "context", tokens: 7400, budget: 8000, usage: { inputTokens: 12000, outputTokens: 900, seconds: 1, cost: 0.0123 } };
    const [asked, said] = TALK.messages;
    const siblings = [asked.messageId, "q-other"];
    await chat.tell(READY, session([{ ...asked, siblings }, { ...said, siblings: ["a-other", said.messageId] }]), context);
    await chat.tell({ type: "choices", agent: "writer", effort: "high" }, { type: "do", act: "edit", messageId: asked.messageId });
    await chat.page.getByRole("button", { name: "Edit and resend" }).focus();
  },
  streaming: async (chat) => {
    const turn = new Turn();
    await chat.tell(READY, session(), ...turn.begin(), turn.update({ type: "thought", text: "Well." }), turn.text("It is"));
  },
  calls: (chat) =>
    chat.tell(
      READY,
      session([
        question("See", { attachments: [{ uri: "rejoinder:/pasted/a.png", mimeType: "image/png", hash: "h1" }] }),
        answer("It is.", { toolCalls: [call("read_file", { path: "a.py" }), call("fetch", {}, { status: "failed" })] }),
      ]),
      { type: "picture", hash: "h1", data: PIXEL },
      { type: "attachments", items: [{ label: "b.png", title: "b.png", uri: "rejoinder:/b", picture: PIXEL }] },
      { type: "choices", agent: "writer", effort: "high" },
    ),
  approving: async (chat) => {
    const turn = new Turn();
    await chat.tell(READY, session(), ...turn.begin(), ...turn.asks("c1", "write_file", { path: "a.py", text: "x = 1" }));
  },
  denying: async (chat) => {
    await STATES.approving(chat);
    await chat.page.getByRole("button", { name: "Deny…" }).click();
  },
  failure: (chat) =>
    chat.tell(READY, TALK, { type: "failure", message: "It failed.", hint: "Change `baseUrl`.", action: { label: "Do", command: "rejoinder.showLog" } }),
  missing: (chat) =>
    chat.tell({ type: "status", state: "missing", detail: "Nothing.", hint: "Install it.", actions: [{ label: "Try Again", command: "rejoinder.restart" }, { label: "Log", command: "rejoinder.showLog" }] }),
  async completing(chat) {
    await chat.tell(READY, TALK);
    await chat.input.click();
    await chat.page.keyboard.type("@");
    const { id } = await chat.told("complete");
    await chat.tell({ type: "completions", id, items: ITEMS });
  },
};

let browser;
let files;
before(async () => ([browser, files] = await Promise.all([launch(), bundle()])));
after(() => browser.close());

describe("axe finds nothing", () => {
  for (const theme of Object.keys(THEMES)) {
    test(`in the theme ${theme}`, async () => {
      const told = [];
      for (const [name, arrange] of Object.entries(STATES)) {
        const chat = await open(browser, files, { theme, reducedMotion: "reduce" });
        await arrange(chat);
        await chat.drawn();
        await chat.page.evaluate(AXE);
        const asked = theme === "dark" ? { rules: OFF } : { runOnly: ["color-contrast"] };
        const { violations } = await chat.page.evaluate((options) => window.axe.run(document, options), asked);
        for (const { id, nodes } of violations)
          told.push(...nodes.map(({ html, failureSummary }) => `${name}, ${id}: ${html}\n${failureSummary}`));
        await chat.close();
      }
      assert.deepEqual(told, []);
    });
  }
});
