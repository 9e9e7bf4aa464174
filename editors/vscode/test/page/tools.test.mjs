/** Tool calls and what is decided on them; pictures that come and go along. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, call, PIXEL, question, READY, session, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";

const withPage = pages((chat) => chat.tell(READY));

const WRITE = { path: "a.py", text: "x = 1\ny = 2\u202e" };
const decisions = async (chat) => (await chat.posted("respond")).map(({ type: _, ...said }) => said);
const cards = (chat) => chat.page.getByRole("group", { name: "Allow the call of write_file?" });

describe("a tool call", () => {
  test("it stands folded in its answer, with what it was given and what came of it", () =>
    withPage(async (chat) => {
      const toolCalls = [call("read_file", { path: "a.py" }), call("fetch", {}, { status: "failed", output: "No." })];
      await chat.tell(session([question("Q"), answer("A", { toolCalls })]));
      const [read, fetched] = await chat.page.locator(".call").all();
      assert.match(await read.locator("summary").textContent(), /read_file\s*a\.py/);
      assert.match(await fetched.locator("summary").textContent(), /fetch.*failed/);
      assert.equal(await read.locator(".output").isVisible(), false);
      await read.locator("summary").focus();
      await chat.page.keyboard.press("Enter");
      assert.equal(await read.locator(".output").textContent(), "It is done.");
      assert.equal(await read.locator("dd").textContent(), "a.py");
    }));

  test("it says how it goes on while it runs", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      const update = (status, output) => turn.update({ type: "tool_update", callId: "c", status, output });
      await chat.tell(session(), ...turn.begin());
      await chat.tell(turn.update({ type: "tool_call", callId: "c", name: "list", args: {}, needsApproval: false }));
      const state = chat.page.locator(".call .state");
      assert.equal(await state.textContent(), "running");
      await chat.tell(update("done", ""));
      assert.equal(await state.textContent(), "");
      assert.equal(await chat.page.locator(".output").textContent(), "(nothing)");
      await chat.tell(turn.text("So."), turn.end());
      assert.equal(await chat.page.locator(".call").count(), 1);
    }));
});

describe("a decision", () => {
  test("the exact call is shown, and is allowed by the keyboard alone", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session(), ...turn.begin(), ...turn.asks("c1", "write_file", WRITE));
      assert.equal(await cards(chat).locator("dd").nth(1).textContent(), "x = 1\ny = 2\\u202e");
      assert.match(await chat.page.locator(".progress").textContent(), /Waiting for your decision/);
      await chat.tell({ type: "approval" });
      await chat.page.keyboard.press("Enter");
      assert.deepEqual(await decisions(chat), [{ turnId: "t1", callId: "c1", decision: "allow" }]);
      // only what the server tells takes it away: somebody else may have said otherwise
      assert.equal(await cards(chat).count(), 1);
      await chat.tell(turn.update({ type: "tool_update", callId: "c1", status: "running" }));
      assert.equal(await cards(chat).count(), 0);
      assert.equal(await chat.page.evaluate(() => document.activeElement?.tagName), "TEXTAREA");
    }));

  test("it is denied with a reason, and Escape leads back without stopping the answer", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session(), ...turn.begin(), ...turn.asks("c1", "write_file", WRITE));
      await chat.page.getByRole("button", { name: "Deny…" }).click();
      await chat.page.keyboard.press("Escape");
      assert.deepEqual(await chat.posted("stop"), []);
      await chat.page.keyboard.press("Enter");
      await chat.page.keyboard.type("Not now");
      await chat.page.keyboard.press("Enter");
      assert.deepEqual(await decisions(chat), [{ turnId: "t1", callId: "c1", decision: "deny", reason: "Not now" }]);
    }));

  test("it is offered again with its turn, for the session too, and goes with its turn", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      const all = [...turn.begin(), ...turn.asks("c1", "write_file", WRITE)];
      const updates = all.map(({ type: _, at: __, ...update }) => update);
      await chat.tell(session([], { running: { turnId: "t1", updates } }));
      await cards(chat).getByRole("button", { name: "Allow for the Session" }).click();
      assert.equal((await decisions(chat))[0].decision, "allow_session");
      await chat.tell(turn.end({ stopReason: "approval", messageId: undefined }));
      assert.equal(await cards(chat).count(), 0);
    }));
});

describe("a picture", () => {
  test("one that is pasted goes along, and is taken away again", () =>
    withPage(async (chat) => {
      await chat.tell(session());
      await chat.input.evaluate((input) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array([1, 2, 3])], "image.png", { type: "image/png" }));
        input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      });
      const { type: _, ...sent } = await chat.told("attachPicture");
      assert.deepEqual(sent, { name: "image.png", mimeType: "image/png", data: "AQID" });
      await chat.tell({ type: "attachments", items: [{ label: "image.png", title: "image.png", uri: "rejoinder:/a", picture: PIXEL }] });
      assert.equal(await chat.page.locator(".chip img").getAttribute("src"), PIXEL);
      await chat.page.getByRole("button", { name: "Remove image.png" }).click();
      assert.equal((await chat.told("detach")).index, 0);
    }));

  test("what a call waits for can be read in a narrow side bar, however long its name is", () =>
    withPage(
      async (chat) => {
        const turn = new Turn();
        await chat.tell(session(), ...turn.begin(), ...turn.asks("c1", "notes__write_a_file_with_a_long_name", { path: "today.md" }));
        const state = chat.page.locator(".call .state");
        assert.equal(await state.textContent(), "waiting for you");
        const { x, width } = await state.boundingBox();
        assert.ok(x + width <= 240, `it ends at ${x + width}`);
      },
      { width: 240 },
    ));

  test("files are dropped, pictures with their bytes, others by their place", () =>
    withPage(async (chat) => {
      await chat.tell(session());
      const drop = (fill) =>
        chat.page.locator(".composer-box").evaluate((box, kind) => {
          const data = new DataTransfer();
          if (kind === "file") data.items.add(new File(["GIF89a"], "a.gif", { type: "image/gif" }));
          else data.setData("text/uri-list", "file:///p/a.py\r\nfile:///p/b.py");
          for (const name of ["dragover", "drop"])
            box.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
        }, fill);
      await drop("file");
      assert.equal((await chat.told("attachPicture")).name, "a.gif");
      await drop("places");
      assert.deepEqual((await chat.told("attachFiles")).uris, ["file:///p/a.py", "file:///p/b.py"]);
    }));

  test("one of the history is asked for once and shown wherever it stands", () =>
    withPage(async (chat) => {
      const attachments = [{ uri: "rejoinder:/pasted/a.png", mimeType: "image/png", hash: "h1" }];
      await chat.tell(session([question("One", { attachments }), answer("A"), question("Two", { attachments })]));
      assert.deepEqual(await chat.posted("picture"), [{ type: "picture", hash: "h1" }]);
      await chat.tell({ type: "picture", hash: "h1", data: PIXEL });
      assert.equal(await chat.page.locator(`img[alt="a.png"][src="${PIXEL}"]`).count(), 2);
    }));
});
