/** What of a message is to be remembered, and how a message is come back to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, question, READY, session } from "./conversation.mjs";
import { pages } from "./harness.mjs";

const TALK = [question("How are releases cut?"), answer("On Fridays.\n\nBy *Kim*, and never before noon.")];

const withPage = pages((chat) => chat.tell(READY, session(TALK)));

describe("remembering", () => {
  test("the button below an answer takes all of it", () =>
    withPage(async (chat) => {
      await chat.page.getByRole("button", { name: "Remember this" }).click();
      const told = await chat.told("remember");
      assert.deepEqual(told, { type: "remember", messageId: TALK[1].messageId, text: TALK[1].content });
    }));

  test("what is selected in the answer is taken alone", () =>
    withPage(async (chat) => {
      await chat.page.locator(".answer p").first().click({ clickCount: 3 });
      await chat.page.getByRole("button", { name: "Remember this" }).click();
      assert.equal((await chat.told("remember")).text, "On Fridays.");
    }));

  test("the menu of a question says what it was opened on", () =>
    withPage(async (chat) => {
      const context = await chat.page.locator(".turn.user").getAttribute("data-vscode-context");
      const { webviewSection, messageId } = JSON.parse(context);
      assert.equal(webviewSection, "question");
      await chat.tell({ type: "do", act: "remember", messageId });
      assert.equal((await chat.told("remember")).text, "How are releases cut?");
    }));
});

describe("sources", () => {
  test("what was remembered is called by its beginning and opens as an entry", () =>
    withPage(async (chat) => {
      const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 9 } };
      const entry = { uri: "rejoinder:/memory/m1", range, label: "memory “Fridays, and/or never”" };
      await chat.tell(session([question("When?"), answer("On Fridays.", { citations: [entry] })], { sessionId: "s3" }));
      await chat.page.getByRole("link", { name: entry.label }).click();
      assert.equal((await chat.told("open")).uri, entry.uri);
    }));
});

describe("coming back", () => {
  const many = Array.from({ length: 40 }, (_, at) => question(`${at} ${"and more words ".repeat(20)}`));

  test("a message is brought into view, older ones being asked for until it is there", () =>
    withPage(async (chat) => {
      await chat.tell(session(many.slice(20), { sessionId: "s2", older: true }));
      await chat.tell({ type: "reveal", messageId: many[5].messageId });
      assert.equal((await chat.told("older")).before, many[20].messageId);
      await chat.tell({ type: "older", messages: many.slice(10, 20), more: true });
      assert.equal((await chat.told("older", 2)).before, many[10].messageId);
      await chat.tell({ type: "older", messages: many.slice(0, 10), more: false });
      await chat.page.locator(".turn.revealed").waitFor();
      const box = await chat.page.locator(`[data-message-id="${many[5].messageId}"]`).boundingBox();
      assert.ok(box.y >= 0 && box.y < 700, `${box.y}`);
    }));

  test("one that is gone is told of", () =>
    withPage(async (chat) => {
      await chat.tell({ type: "reveal", messageId: "nowhere" });
      await chat.page.getByRole("alert").getByText("not in this session any more").waitFor();
    }));
});
