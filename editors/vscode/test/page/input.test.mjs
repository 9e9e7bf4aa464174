/** Typing and sending: what the page does with what the user does. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, question, READY, session, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";

const withPage = pages((chat) => chat.tell(READY));

describe("sending", () => {
  test("Enter sends, Shift+Enter makes a new line, and the question shows at once", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      await chat.input.click();
      await chat.page.keyboard.type("one");
      await chat.page.keyboard.press("Shift+Enter");
      await chat.page.keyboard.type("two");
      await chat.page.keyboard.press("Enter");
      const sent = await chat.told("send");
      assert.equal(sent.text, "one\ntwo");
      assert.equal(await chat.input.inputValue(), "");
      assert.equal(await chat.page.locator(".turn.user .words").textContent(), "one\ntwo");
      const turn = new Turn(sent.turnId);
      await chat.tell(...turn.begin("one\ntwo"), turn.text("Yes."));
      assert.equal(await chat.page.locator(".turn.user").count(), 1);
      assert.equal(await chat.page.locator(".turn.assistant.running").count(), 1);
      await chat.tell(turn.end());
      assert.equal(await chat.page.locator(".running").count(), 0);
      assert.equal(await chat.page.locator(".turn.assistant").getAttribute("data-message-id"), `a-${sent.turnId}`);
    }));

  test("Enter belongs to the input method while it composes", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      await chat.input.click();
      const devtools = await chat.page.context().newCDPSession(chat.page);
      await devtools.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
      await devtools.send("Input.dispatchKeyEvent", {
        type: "rawKeyDown",
        key: "Process",
        code: "Enter",
        windowsVirtualKeyCode: 229,
      });
      await chat.input.evaluate((input) =>
        input.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }),
        ),
      );
      assert.deepEqual(await chat.posted("send"), []);
      await devtools.send("Input.insertText", { text: "日本" });
      assert.equal(await chat.input.inputValue(), "日本");
      await chat.page.keyboard.press("Enter");
      assert.equal((await chat.told("send")).text, "日本");
    }));

  test("Escape and the button stop a running turn, and nothing can be sent meanwhile", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session([]), ...turn.begin());
      await chat.input.click();
      await chat.page.keyboard.type("next");
      await chat.page.keyboard.press("Enter");
      assert.equal(await chat.input.inputValue(), "next");
      assert.deepEqual(await chat.posted("send"), []);
      await chat.page.keyboard.press("Escape");
      await chat.told("stop");
      await chat.page.getByRole("button", { name: "Stop" }).click();
      await chat.told("stop", 2);
      await chat.tell(turn.text("Part"), turn.end({ stopReason: "cancelled" }));
      assert.match(await chat.page.locator(".turn.assistant .note").textContent(), /Stopped/);
      assert.equal(await chat.page.getByRole("button", { name: "Stop" }).count(), 0);
      await chat.page.keyboard.press("Escape");
      assert.equal((await chat.posted("stop")).length, 2);
    }));

  test("a text that was not taken is back in the input, with what happened and one thing to do", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      await chat.input.fill("Why?");
      await chat.page.getByRole("button", { name: "Send" }).click();
      await chat.told("send");
      await chat.input.fill("typed since");
      await chat.tell(
        {
          type: "failure",
          message: "No answer.",
          hint: "Start the `model`.",
          action: { label: "Choose a model", command: "rejoinder.chooseModel" },
        },
        { type: "draft", text: "Why?" },
      );
      assert.equal(await chat.input.inputValue(), "Why?\ntyped since");
      assert.equal(await chat.page.locator(".turn").count(), 0);
      const alert = chat.page.getByRole("alert");
      assert.match(await alert.textContent(), /No answer\.Start the model\./);
      assert.equal(await alert.locator("code").textContent(), "model");
      await alert.getByRole("button", { name: "Choose a model" }).click();
      assert.equal((await chat.told("run")).command, "rejoinder.chooseModel");
      await alert.getByRole("button", { name: "Dismiss" }).click();
      assert.equal(await alert.count(), 0);
    }));

  test("a turn that fails leaves its part to read, until the next one", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(
        session([]),
        ...turn.begin("Why?"),
        turn.text("Because"),
        turn.end({ messageId: undefined, error: { code: -31007, message: "gone" } }),
      );
      assert.equal(await chat.page.locator(".turn.user").count(), 0);
      assert.match(await chat.page.locator(".turn.failed").textContent(), /Because/);
      await chat.tell(...new Turn("t2").begin("Again"));
      assert.equal(await chat.page.locator(".failed").count(), 0);
    }));

  test("a turn that fails after something was done in it stays, as it is stored", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      const error = { code: -31007, message: "gone" };
      await chat.tell(session([]), ...turn.begin("Why?"), turn.text("Because"), turn.end({ stopReason: "cancelled", error }));
      assert.equal(await chat.page.locator(".turn.failed").count(), 0);
      assert.equal(await chat.page.locator('[data-message-id="a-t1"] .note').textContent(), "Stopped.");
      await chat.tell(...new Turn("t2").begin("Again"));
      assert.equal(await chat.page.locator(".turn.user").count(), 2);
    }));

  test("without a server nothing is sent and nothing is lost", () =>
    withPage(async (chat) => {
      await chat.tell(session([]), { type: "status", state: "restarting" });
      await chat.input.fill("Why?");
      await chat.page.keyboard.press("Enter");
      assert.deepEqual(await chat.posted("send"), []);
      assert.equal(await chat.page.locator("#app").getAttribute("data-state"), "restarting");
      await chat.tell(READY);
      assert.equal(await chat.page.getByRole("button", { name: "Send" }).isEnabled(), true);
      assert.equal(await chat.input.inputValue(), "Why?");
    }));
});

describe("the input", () => {
  test("Up in the empty input brings the last question, Down leads back", () =>
    withPage(async (chat) => {
      await chat.tell(session([question("first"), answer("A"), question("second"), answer("B")]));
      await chat.input.click();
      const press = async (key) => (await chat.page.keyboard.press(key), chat.input.inputValue());
      assert.equal(await press("ArrowUp"), "second");
      assert.equal(await press("ArrowUp"), "first");
      assert.equal(await press("ArrowUp"), "first");
      assert.equal(await press("ArrowDown"), "second");
      assert.equal(await press("ArrowDown"), "");
      await chat.page.keyboard.type("mine");
      assert.equal(await press("ArrowUp"), "mine");
    }));

  test("proposals come by offset in UTF-16, are chosen by keys, and go with Escape", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      const items = ["@file:a.py", "@diff"].map((label) => ({ label, insertText: `${label} `, kind: "file", detail: "" }));
      await chat.input.click();
      await chat.page.keyboard.insertText("👩‍👧 see ");
      await chat.page.keyboard.type("@");
      const asked = await chat.told("complete");
      assert.deepEqual([asked.text, asked.offset], ["👩‍👧 see @", "👩‍👧 see @".length]);
      await chat.tell({ type: "completions", id: asked.id - 1, items });
      assert.equal(await chat.page.getByRole("option").count(), 0);
      await chat.tell({ type: "completions", id: asked.id, items, start: asked.offset - 1 });
      await chat.page.keyboard.press("ArrowDown");
      assert.equal(await chat.page.getByRole("option", { selected: true }).textContent(), "@diff");
      await chat.page.keyboard.press("Tab");
      assert.equal(await chat.input.inputValue(), "👩‍👧 see @diff ");
      await chat.page.keyboard.type("/no #");
      assert.equal((await chat.told("complete", 2)).text, "👩‍👧 see @diff /no #");
      await chat.tell({ type: "completions", id: (await chat.told("complete", 2)).id, items });
      await chat.page.keyboard.press("Escape");
      assert.equal(await chat.page.getByRole("option").count(), 0);
      assert.deepEqual(await chat.posted("stop"), []);
      await chat.page.keyboard.press("Control+z");
      assert.notEqual(await chat.input.inputValue(), "");
    }));

  test("a command is proposed at the beginning alone, Enter takes it and does not send", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      await chat.input.click();
      await chat.page.keyboard.type("/ex");
      const { id } = await chat.told("complete", 3);
      await chat.tell({
        type: "completions",
        id,
        items: [{ label: "/explain", insertText: "/explain ", kind: "action", detail: "Explain" }],
      });
      await chat.page.keyboard.press("Enter");
      assert.equal(await chat.input.inputValue(), "/explain ");
      assert.deepEqual(await chat.posted("send"), []);
    }));

  test("a draft survives a reload, reaches the session, and belongs to its session", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      await chat.input.fill("half a thought");
      assert.deepEqual(await chat.told("draft"), { type: "draft", sessionId: "s1", text: "half a thought" });
      const saved = await chat.page.evaluate(() => window.savedState());
      assert.deepEqual(saved, { draft: "half a thought", sessionId: "s1" });
      const reloaded = async (again) => {
        assert.equal(await again.input.inputValue(), "half a thought");
        await again.tell(session([], { draft: "older" }));
        assert.equal(await again.input.inputValue(), "half a thought");
        await again.tell(session([], { sessionId: "s2", draft: "of the other" }));
        assert.equal(await again.input.inputValue(), "of the other");
      };
      await withPage(reloaded, { saved });
    }));

  test("what is typed while another session is on its way goes to the one that it was typed in", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      // at once, for a pause would tell it as well
      await chat.page.evaluate((next) => {
        document.querySelector("textarea").focus();
        document.execCommand("insertText", false, "half a thought");
        window.dispatchEvent(new MessageEvent("message", { data: next }));
      }, session([], { sessionId: "s2", draft: "of the other" }));
      assert.deepEqual(await chat.posted("draft"), [{ type: "draft", sessionId: "s1", text: "half a thought" }]);
      assert.equal(await chat.input.inputValue(), "of the other");
      assert.deepEqual(await chat.page.evaluate(() => window.savedState()), { draft: "of the other", sessionId: "s2" });
    }));

  test("what is typed before there is a session goes to the first one", () =>
    withPage(async (chat) => {
      await chat.page.clock.install();
      await chat.input.fill("half a thought");
      await chat.page.clock.runFor(1000);
      assert.deepEqual(await chat.posted("draft"), []);
      await chat.tell(session([]));
      assert.deepEqual(await chat.posted("draft"), [{ type: "draft", sessionId: "s1", text: "half a thought" }]);
      assert.equal(await chat.input.inputValue(), "half a thought");
    }));

  test("what was sent comes back in no session, and names the one that it was typed in", () =>
    withPage(async (chat) => {
      await chat.tell(session([]));
      await chat.input.fill("Why?");
      await chat.page.keyboard.press("Enter");
      assert.equal((await chat.told("send")).sessionId, "s1");
      const told = (await chat.posted("draft")).length;
      await chat.tell(session([], { sessionId: "s2" }));
      assert.equal(await chat.input.inputValue(), "");
      assert.equal((await chat.posted("draft")).length, told);
    }));

  test("attachments show as chips and can be taken away", () =>
    withPage(async (chat) => {
      await chat.tell(session([]), {
        type: "attachments",
        items: ["a.py:1-2", "b.py"].map((label) => ({ label, title: label, uri: "file:///x" })),
      });
      assert.equal(await chat.page.locator(".chip").count(), 2);
      await chat.page.getByRole("button", { name: "Remove b.py" }).click();
      assert.equal((await chat.told("detach")).index, 1);
    }));

  test("what was sent with a question keeps its name and lines, and a folder its sign", () =>
    withPage(async (chat) => {
      const range = { start: { line: 3, character: 0 }, end: { line: 9, character: 0 } };
      const attachments = [{ uri: "file:///project/a.py", range }, { uri: "file:///project/my%20docs/" }];
      await chat.tell(session([question("Look at these.", { attachments })]));
      const chips = chat.page.locator(".turn.user .chip");
      assert.deepEqual(await chips.allTextContents(), ["a.py:4-9", "my docs/"]);
      assert.equal(await chips.nth(0).locator(".icon-file").count(), 1);
      assert.equal(await chips.nth(1).locator(".icon-folder").count(), 1);
    }));
});
