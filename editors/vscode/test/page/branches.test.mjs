/** Asking again: edit and resend, another answer, other versions; and what is done with code, the context, the prompt. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, question, READY, session, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";

const FIRST = question("How?", { messageId: "q1", turnId: "t1", attachments: [{ uri: "file:///a.py" }, { uri: "prompt:brief", text: "…" }] });
const FIRST_ANSWER = answer("So.", { messageId: "a1", turnId: "t1", parentId: "q1" });
const SECOND = question("And why?", { messageId: "q2", turnId: "t2", parentId: "a1" });
const SECOND_ANSWER = answer("```py\nx = 1\n```", { messageId: "a2", turnId: "t2", parentId: "q2" });
const TALK = [FIRST, FIRST_ANSWER, SECOND, SECOND_ANSWER];

const withPage = pages((chat) => chat.tell(READY, session(TALK)));

const shown = (chat) => chat.page.locator(".turn").evaluateAll((turns) => turns.map((turn) => turn.dataset.messageId ?? "new"));

describe("an answer with changes", () => {
  test("offers to apply all of them when there are several", () =>
    withPage(async (chat) => {
      const all = chat.page.getByRole("button", { name: "Apply all changes" });
      assert.equal(await all.count(), 0);
      const several = answer("```py\na.py\nx = 1\n```\n\n```py\nb.py\ny = 2\n```", { messageId: "a3", turnId: "t3", parentId: "q2" });
      await chat.tell(session([...TALK.slice(0, 3), several], { sessionId: "s2" }));
      await all.focus();
      await chat.page.keyboard.press("Enter");
      assert.deepEqual(await chat.told("applyAll"), { type: "applyAll", messageId: "a3" });
    }));
});

describe("a question that is edited", () => {
  test("goes where it stood, by keyboard alone; what follows leaves the page, what was typed comes back", () =>
    withPage(async (chat) => {
      await chat.input.fill("half a thought");
      const edit = chat.page.getByRole("article", { name: "Your message" }).first().getByRole("button", { name: "Edit and resend" });
      await edit.focus();
      await chat.page.keyboard.press("Enter");
      assert.equal(await chat.input.inputValue(), "How?");
      assert.match(await chat.page.getByRole("status").filter({ hasText: "Editing" }).textContent(), /earlier question/);
      assert.deepEqual((await chat.told("edit")).attachments, [{ uri: "file:///a.py" }]);
      await chat.page.keyboard.press("End");
      await chat.page.keyboard.type(" Precisely?");
      assert.equal((await chat.page.evaluate(() => window.savedState())).draft, "half a thought");
      await chat.page.keyboard.press("Enter");
      const sent = await chat.told("send");
      assert.deepEqual([sent.text, sent.parentId], ["How? Precisely?", "q1"]);
      assert.equal(await chat.input.inputValue(), "half a thought");
      assert.deepEqual(await shown(chat), ["new", "new"]);
    }));

  test("is left as it is by Escape, which stops nothing", () =>
    withPage(async (chat) => {
      const turn = new Turn("t3");
      const asked = question("Go on", { messageId: "q-t3", turnId: "t3", parentId: "a2" });
      await chat.tell(turn.update({ type: "started", model: "qwen3", sessionId: "s1" }), turn.update({ type: "user_message", message: asked }));
      await chat.tell({ type: "do", act: "edit", messageId: "q1" });
      assert.equal(await chat.input.inputValue(), "How?");
      await chat.page.keyboard.press("Escape");
      await chat.told("leaveEdit");
      assert.equal(await chat.input.inputValue(), "");
      assert.deepEqual(await chat.posted("stop"), []);
      await chat.page.keyboard.press("Escape");
      await chat.told("stop");
    }));

  test("that was not taken is edited further, once", () =>
    withPage(async (chat) => {
      await chat.tell({ type: "do", act: "edit", messageId: "q2" });
      await chat.input.fill("And who?");
      await chat.page.keyboard.press("Enter");
      await chat.tell({ type: "failure", message: "No." }, { type: "draft", text: "And who?", parentId: "q2" }, session(TALK, { draft: "And who?" }));
      assert.equal(await chat.input.inputValue(), "And who?");
      assert.deepEqual(await shown(chat), ["q1", "a1", "q2", "a2"]);
      await chat.page.keyboard.press("Enter");
      assert.equal((await chat.told("send", 2)).parentId, "q2");
    }));
});

describe("another answer", () => {
  test("is asked for below an answer, also from another model, and takes the old one's place", () =>
    withPage(async (chat) => {
      const first = chat.page.getByRole("article", { name: "Answer" }).first();
      await first.getByRole("button", { name: "Regenerate", exact: true }).click();
      await first.getByRole("button", { name: "Regenerate with another model" }).click();
      const asked = await chat.told("regenerate", 2);
      assert.deepEqual([asked.messageId, asked.choose], ["q1", true]);
      assert.equal((await chat.posted("regenerate"))[0].choose, false);
      const turn = new Turn("t9");
      await chat.tell(turn.update({ type: "started", model: "other", sessionId: "s1" }), turn.update({ type: "user_message", message: FIRST }), turn.text("Otherwise."));
      assert.deepEqual(await shown(chat), ["q1", "new"]);
      await chat.tell({ type: "do", act: "regenerate" });
      assert.equal((await chat.told("regenerate", 3)).messageId, "q1");
    }));

  test("and the older one are versions that one goes between, and the focus stays on the switch", () =>
    withPage(async (chat) => {
      const versions = ["a1", "b1", "c1"];
      const told = (at) => session([FIRST, { ...FIRST_ANSWER, messageId: versions[at], content: `Version ${at}.`, siblings: versions }]);
      await chat.tell(told(1));
      const group = (at) => chat.page.getByRole("group", { name: `Version ${at + 1} of 3` });
      await group(1).getByRole("button", { name: "Earlier version" }).focus();
      await chat.page.keyboard.press("Enter");
      assert.equal((await chat.told("branch")).messageId, "a1");
      await chat.tell(told(0));
      assert.equal(await group(0).getByRole("button", { name: "Earlier version" }).isDisabled(), true);
      // at the end of the row the other way is all there is
      assert.equal(await chat.page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Later version");
      await chat.page.keyboard.press("Enter");
      assert.equal((await chat.told("branch", 2)).messageId, "b1");
    }));
});

describe("beside the conversation", () => {
  test("the line below the input says how full the context is and what was used", () =>
    withPage(async (chat) => {
      await chat.tell({ type: "context", tokens: 7400, budget: 8000, usage: { inputTokens: 12000, outputTokens: 900, seconds: 1, cost: 0.0123 } });
      const meter = chat.page.getByRole("meter", { name: "Context" });
      assert.equal(await meter.getAttribute("aria-valuetext"), "93 % full: 7,400 of 8,000 tokens");
      assert.match(await chat.page.locator(".context-line").textContent(), /7\.4k of 8\.0k.*13k used · \$0\.01/);
      assert.equal(await chat.page.locator(".context-line.nearly-full").count(), 1);
      // what has no room in a narrow side bar as a whole is not cut, but left out
      const shown = () => chat.page.locator(".used").evaluate((used) => used.getBoundingClientRect().bottom < used.parentElement.getBoundingClientRect().bottom + 4);
      assert.equal(await shown(), true);
      await chat.page.setViewportSize({ width: 240, height: 700 });
      assert.equal(await shown(), false);
      await chat.page.setViewportSize({ width: 360, height: 700 });
      const prompt = chat.page.getByRole("button", { name: "Show prompt" });
      await prompt.hover();
      // words in a link's colour cannot be read on a button's
      assert.equal(await prompt.evaluate((each) => getComputedStyle(each).backgroundColor), "rgba(0, 0, 0, 0)");
      await prompt.click();
      assert.deepEqual(await chat.told("prompt"), { type: "prompt", text: "", parentId: "q2" });
      await chat.input.fill("Why?");
      await prompt.click();
      assert.deepEqual(await chat.told("prompt", 2), { type: "prompt", text: "Why?" });
    }));

  test("agent, model and effort are chosen in the bar", () =>
    withPage(async (chat) => {
      await chat.tell({ type: "choices", agent: "writer", effort: "high" });
      for (const [name, command] of [["writer", "chooseAgent"], ["qwen3", "chooseModel"], ["High effort", "chooseEffort"], ["Attach", "attach"]]) {
        await chat.page.getByRole("button", { name, exact: true }).click();
        assert.equal((await chat.posted("run")).at(-1).command, `rejoinder.${command}`);
      }
      await chat.tell({ type: "choices", agent: "" }, { type: "status", state: "ready", model: "" });
      assert.equal(await chat.page.getByRole("button", { name: /effort/i }).count(), 0);
    }));

  test("code goes to the cursor, over the selection, and into a new file", () =>
    withPage(async (chat) => {
      const bar = chat.page.locator(".code-bar");
      for (const name of ["Insert at cursor", "Replace the selection", "Put into a new file"]) await bar.getByRole("button", { name }).click();
      assert.equal((await chat.told("insert")).text, "x = 1");
      assert.equal((await chat.told("replace")).text, "x = 1");
      assert.deepEqual(await chat.told("newFile"), { type: "newFile", text: "x = 1", language: "py" });
    }));
});
