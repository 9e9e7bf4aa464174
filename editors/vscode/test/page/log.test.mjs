/** Following, paging, and what is shown in place of a conversation. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, question, READY, session, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";

const withPage = pages((chat) => chat.tell(READY));

const LONG = Array.from({ length: 60 }, (_, at) => `Paragraph ${at}.`).join("\n\n");
const fromEnd = (chat) =>
  chat.page.locator(".log").evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);

describe("the log", () => {
  test("it follows the stream, unless the user has scrolled away", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session([question("Q"), answer(LONG)]), ...turn.begin(), turn.text(LONG));
      await chat.drawn();
      assert.ok((await fromEnd(chat)) < 2);
      await chat.page.locator(".log").hover();
      await chat.page.mouse.wheel(0, -400);
      const jump = chat.page.getByRole("button", { name: "Jump to the newest" });
      await jump.waitFor();
      const before = await chat.page.locator(".log").evaluate((log) => log.scrollTop);
      await chat.tell(turn.text(`\n\n${LONG}`));
      await chat.drawn();
      assert.equal(await chat.page.locator(".log").evaluate((log) => log.scrollTop), before);
      await jump.click();
      await chat.drawn();
      assert.ok((await fromEnd(chat)) < 2);
      assert.equal(await jump.count(), 0);
      await chat.tell(turn.text(`\n\n${LONG}`));
      await chat.drawn();
      assert.ok((await fromEnd(chat)) < 2);
    }));

  test("the first words of an answer do not wait for another key once the question is sent", () =>
    withPage(async (chat) => {
      await chat.tell(session());
      await chat.input.pressSequentially("Why?");
      await chat.input.press("Enter");
      const { turnId } = await chat.told("send");
      const turn = new Turn(turnId);
      await chat.tell(...turn.begin("Why?"));
      const drawn = await chat.page.evaluate((delta) => {
        window.postMessage(delta);
        const seen = () => document.querySelector(".turn.assistant").textContent;
        return new Promise((resolve) => window.addEventListener("message", () => resolve(seen()), { once: true }));
      }, turn.text("Because."));
      assert.match(drawn, /Because\./);
    }));

  test("older messages are asked for at the top and do not move what is in view", () =>
    withPage(async (chat) => {
      const talk = (from, to) =>
        Array.from({ length: to - from }, (_, at) => [
          question(`q${from + at}`),
          answer(`a${from + at} ${LONG.slice(0, 300)}`),
        ]).flat();
      await chat.tell(session(talk(20, 30), { older: true }));
      await chat.drawn();
      assert.deepEqual(await chat.posted("older"), []);
      await chat.page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
      assert.equal((await chat.told("older")).before, "q-q20");
      const place = () =>
        chat.page.locator('[data-message-id="q-q20"]').evaluate((turn) => turn.getBoundingClientRect().top);
      const before = await place();
      await chat.tell({ type: "older", messages: talk(10, 20), more: false });
      await chat.drawn();
      assert.ok(Math.abs((await place()) - before) < 40, `${before} ${await place()}`);
      assert.equal(await chat.page.locator(".turn.user").first().getAttribute("aria-setsize"), "40");
      assert.equal(await chat.page.getByRole("button", { name: "Show older messages" }).count(), 0);
    }));

  test("a session that is told again keeps what is drawn, and an update that came before is not drawn twice", () =>
    withPage(async (chat) => {
      const stored = [question("Q"), answer("A")];
      const turn = new Turn();
      const updates = [...turn.begin("Next"), turn.text("One "), turn.text("two ")];
      await chat.tell(session(stored), ...updates.slice(0, 3));
      await chat.page.evaluate(() => (window.kept = document.querySelector(".turn.assistant")));
      const running = { turnId: turn.turnId, updates };
      await chat.tell(session(stored, { running }), updates[3], turn.text("three"), turn.end());
      assert.equal(await chat.page.locator(".answer").last().textContent(), "One two three");
      assert.equal(await chat.page.evaluate(() => window.kept.isConnected), true);
      assert.equal(await chat.page.locator(".turn").count(), 4);
    }));

  test("an answer that the server's end cut off is shown as such", () =>
    withPage(async (chat) => {
      await chat.tell(session([], { draft: "Why?", metadata: { interrupted: { turnId: "t9", text: "Because of" } } }));
      assert.match(await chat.page.locator(".turn.failed").textContent(), /Because of.*server ended/);
      assert.equal(await chat.input.inputValue(), "Why?");
    }));

  test("what had come of an answer stays when the server ends before it has kept the part", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(READY, session([]), ...turn.begin("Why?"), turn.text("Because of"));
      await chat.tell({ type: "status", state: "restarting" }, READY, session([], { draft: "Why?" }));
      assert.match(await chat.page.locator(".turn.failed").textContent(), /Because of.*server ended/);
      assert.equal(await chat.page.locator(".turn").count(), 1);
      assert.equal(await chat.input.inputValue(), "Why?");
      await chat.input.press("Enter");
      assert.equal(await chat.page.locator(".turn.failed").count(), 0);
    }));

  test("the question of a running turn is no draft", () =>
    withPage(async (chat) => {
      const updates = new Turn().begin("Why?");
      await chat.tell(READY, session([], { draft: "Why?", running: { turnId: updates[0].turnId, updates } }));
      assert.equal(await chat.input.inputValue(), "");
      assert.equal(await chat.page.locator(".turn.user .words").textContent(), "Why?");
    }));

  test("the empty conversation offers three things to try, and a model when none is set", () =>
    withPage(async (chat) => {
      await chat.tell({ type: "status", state: "ready", model: "" }, session([]));
      assert.equal(await chat.page.getByRole("list", { name: "Things to try" }).getByRole("button").count(), 3);
      await chat.page.getByRole("button", { name: "Choose a model", exact: true }).click();
      assert.equal((await chat.told("run")).command, "rejoinder.chooseModel");
      await chat.page.getByRole("button", { name: "Explain the selected code" }).click();
      assert.equal(await chat.input.inputValue(), "/explain @selection ");
      await chat.tell(READY);
      assert.equal(await chat.page.locator(".no-model").isVisible(), false);
    }));

  test("without a server the page says what to do and hides the input", () =>
    withPage(async (chat) => {
      await chat.tell({
        type: "status",
        state: "missing",
        detail: "Looked on PATH.",
        hint: "Install it.",
        actions: [{ label: "Copy", command: "rejoinder.copyInstallCommand" }],
      });
      assert.equal(await chat.input.isVisible(), false);
      assert.match(await chat.page.locator(".server").textContent(), /not found.*Looked on PATH\..*Install it\./);
      await chat.page.getByRole("button", { name: "Copy" }).click();
      assert.equal((await chat.told("run")).command, "rejoinder.copyInstallCommand");
    }));

  test("everything can be reached by keyboard, and everything that can be reached has a name", () =>
    withPage(async (chat) => {
      await chat.tell(session([question("Q"), answer("```py\nx\n```\n\n| a |\n|---|\n| b |\n\nsrc/a.py:3")]));
      const reached = [];
      await chat.input.focus();
      for (let at = 0; at < 40; at += 1) {
        await chat.page.keyboard.press("Shift+Tab");
        const name = await chat.page.evaluate(() => {
          const at = document.activeElement;
          return at === document.body
            ? ""
            : (at.getAttribute("aria-label") ?? at.textContent.trim()) || `unnamed ${at.outerHTML.slice(0, 80)}`;
        });
        if (name === "") break;
        reached.push(name);
      }
      for (const name of [
        "Copy answer",
        "src/a.py:3",
        "Table",
        "py",
        "Apply",
        "Insert at cursor",
        "Copy",
        "Conversation",
      ])
        assert.ok(reached.includes(name), `${name} in ${reached}`);
      assert.deepEqual(
        reached.filter((name) => name.startsWith("unnamed")),
        [],
      );
      assert.equal(await chat.page.getByRole("log").getAttribute("aria-live"), "polite");
    }));
});
