/** A conversation of 5,000 messages: only what is near the view is in the page. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { History, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";

const withChat = pages();
const withPage = (run, options) => withChat((chat) => run(chat, new History(chat)), options);

const log = (chat) => chat.page.locator(".log");
const scrolled = (chat) => log(chat).evaluate((each) => each.scrollTop);
const fromEnd = (chat) => log(chat).evaluate((each) => each.scrollHeight - each.clientHeight - each.scrollTop);

/** What is in view, from the top: the numbers of the messages, and whether anything is missing between them. */
const inView = (chat) =>
  chat.page.evaluate(() => {
    const view = document.querySelector(".log").getBoundingClientRect();
    const edges = (turn) => turn.getBoundingClientRect();
    const seen = [...document.querySelectorAll(".turn")].filter(
      (turn) => edges(turn).bottom > view.top + 1 && edges(turn).top < view.bottom - 1,
    );
    return {
      numbers: seen.map((turn) => Number(turn.ariaPosInSet)),
      covered: seen.length > 0 && edges(seen[0]).top < view.top + 60 && edges(seen.at(-1)).bottom > view.bottom - 60,
    };
  });

async function assertInOrder(chat) {
  const { numbers, covered } = await inView(chat);
  assert.ok(covered, "there is a gap in the view");
  assert.deepEqual(numbers, numbers.map((_, at) => numbers[0] + at));
  return numbers[0];
}

describe("a conversation of 5,000 messages", () => {
  test("only what is near the view is in the page, all the way back and forward again", () =>
    withPage(async (chat, history) => {
      await history.show();
      const most = () => chat.page.locator(".turn").count();
      await chat.drawn();
      assert.equal((await chat.page.locator(".turn").last().getAttribute("aria-posinset")), "5000");
      let first = await assertInOrder(chat);
      for (let step = 0; step < 60 && first > 4850; step += 1) {
        await log(chat).evaluate((each) => each.scrollBy(0, -0.9 * each.clientHeight));
        await chat.drawn();
        await history.answer();
        await chat.drawn();
        const now = await assertInOrder(chat);
        assert.ok(now <= first, `${now} after ${first}`);
        first = now;
        assert.ok((await most()) < 80, `${await most()} messages are in the page`);
      }
      assert.ok(first <= 4850, `${first}`);
      for (let step = 0; step < 10; step += 1) {
        await log(chat).evaluate((each) => each.scrollBy(0, 0.9 * each.clientHeight));
        await chat.drawn();
        const now = await assertInOrder(chat);
        assert.ok(now >= first, `${now} before ${first}`);
        first = now;
      }
      await chat.page.getByRole("button", { name: "Jump to the newest" }).click();
      await chat.drawn();
      await assertInOrder(chat);
      assert.ok((await fromEnd(chat)) < 2);
      assert.ok((await most()) < 80);
    }));

  test("what is in view stays in its place while others are drawn, fetched and taken away", () =>
    withPage(async (chat, history) => {
      await history.show();
      await log(chat).evaluate((each) => each.scrollBy(0, -1500));
      await chat.drawn();
      for (let step = 0; step < 12; step += 1) {
        const moved = await chat.page.evaluate(async () => {
          const each = document.querySelector(".log");
          const view = each.getBoundingClientRect();
          const turn = [...document.querySelectorAll(".turn")].find((one) => one.getBoundingClientRect().bottom > view.top + 200);
          const before = turn.getBoundingClientRect().top;
          each.scrollBy(0, -150);
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
          return turn.getBoundingClientRect().top - before;
        });
        assert.ok(Math.abs(moved - 150) < 3, `moved by ${moved}`);
        await history.answer();
      }
    }));

  test("a message far back is looked for, and shown at the top of the view", () =>
    withPage(async (chat, history) => {
      await history.show();
      await chat.tell({ type: "reveal", messageId: history.messages[41].messageId });
      await history.answerAll();
      await chat.page.locator(".turn.revealed").waitFor();
      assert.equal(await chat.page.locator(".turn.revealed").getAttribute("aria-posinset"), "42");
      await chat.drawn();
      const first = await assertInOrder(chat);
      assert.ok(first >= 41 && first <= 42, `${first}`);
      assert.ok((await chat.posted("older")).length < 12);
      await chat.page.getByRole("button", { name: "Jump to the newest" }).click();
      await chat.drawn();
      assert.equal((await inView(chat)).numbers.at(-1), 5000);
    }));

  test("a page that is made anew shows what was in view", () =>
    withPage(async (chat, history) => {
      await history.show();
      await chat.tell({ type: "reveal", messageId: history.messages[4801].messageId });
      await history.answerAll();
      await chat.page.waitForFunction(() => window.savedState().place !== undefined);
      await log(chat).evaluate((each) => each.scrollBy(0, 77));
      await chat.page.waitForFunction(() => window.savedState().place?.offset < 0);
      const place = await inView(chat);
      const saved = await chat.page.evaluate(() => window.savedState());
      const reloaded = async (again, later) => {
        await later.show();
        await later.answerAll();
        await again.drawn();
        assert.deepEqual((await inView(again)).numbers[0], place.numbers[0]);
        await again.page.getByRole("button", { name: "Jump to the newest" }).click();
        await again.page.waitForFunction(() => window.savedState().place === undefined);
      };
      await withPage(reloaded, { saved });
    }));

  test("what was taken out of the history is on no page any more, and what was in view is", () =>
    withPage(async (chat, history) => {
      const secret = "the launch is on the ninth";
      history.messages[4901].content = `Noted: ${secret}.`;
      await history.show();
      await chat.tell({ type: "reveal", messageId: history.messages[4896].messageId });
      await history.answerAll();
      await chat.drawn();
      assert.match(await log(chat).textContent(), new RegExp(secret));
      const before = await inView(chat);
      history.messages[4901].content = "It has been taken out of this conversation since.";
      await history.show({ anew: true });
      await history.answerAll();
      await chat.drawn();
      assert.deepEqual((await inView(chat)).numbers[0], before.numbers[0]);
      assert.match(await log(chat).textContent(), /taken out of this conversation/);
      assert.doesNotMatch(await log(chat).textContent(), new RegExp(secret));
    }));

  test("what has the focus and what is selected stay in the page, wherever the view is", () =>
    withPage(async (chat, history) => {
      await history.show();
      const chosen = chat.page.locator('.turn[aria-posinset="4999"]');
      await chosen.focus();
      await chat.page.evaluate(() => {
        const words = document.querySelector('.turn[aria-posinset="5000"] p');
        document.getSelection().selectAllChildren(words);
      });
      const selected = await chat.page.evaluate(() => document.getSelection().toString());
      await chat.tell({ type: "reveal", messageId: history.messages[4700].messageId });
      await history.answerAll();
      await chat.page.locator(".turn.revealed").waitFor();
      await chat.drawn();
      assert.equal(await chosen.evaluate((turn) => document.activeElement === turn), true);
      assert.equal(await chat.page.evaluate(() => document.getSelection().toString()), selected);
      await assertInOrder(chat);
    }));

  test("Alt and the arrows lead from message to message, over what was not drawn yet", () =>
    withPage(async (chat, history) => {
      await history.show();
      await log(chat).focus();
      const focused = () => chat.page.evaluate(() => Number(document.activeElement.ariaPosInSet));
      await chat.page.keyboard.press("Alt+ArrowUp");
      const from = await focused();
      assert.ok(from >= 4990, `${from}`);
      for (let step = 1; step <= 70; step += 1) {
        await chat.page.keyboard.press("Alt+ArrowUp");
        await chat.drawn();
        await history.answer();
        assert.equal(await focused(), from - step);
      }
      await chat.page.keyboard.press("PageDown");
      assert.equal(await focused(), from - 69);
    }));

  test("an answer that streams is drawn as quickly as in a short one, and is not lost while one reads far back", () =>
    withPage(async (chat, history) => {
      await history.show();
      const turn = new Turn();
      await chat.tell(...turn.begin("More?"), turn.text("One "));
      await chat.drawn();
      assert.ok((await fromEnd(chat)) < 2);
      await log(chat).evaluate((each) => each.scrollBy(0, -6000));
      await chat.drawn();
      const before = await scrolled(chat);
      await chat.tell(turn.text("two "), turn.text("three"), turn.end());
      await chat.drawn();
      assert.equal(await scrolled(chat), before);
      await chat.page.getByRole("button", { name: "Jump to the newest" }).click();
      await chat.drawn();
      assert.equal(await chat.page.locator(".answer").last().textContent(), "One two three");
      assert.equal((await inView(chat)).numbers.at(-1), 5002);
    }));

  test("a narrower view shows the same message at its top", () =>
    withPage(async (chat, history) => {
      await history.show();
      await log(chat).evaluate((each) => each.scrollBy(0, -9000));
      await chat.drawn();
      const first = await assertInOrder(chat);
      await chat.page.setViewportSize({ width: 240, height: 700 });
      await chat.drawn();
      await chat.drawn();
      assert.ok(Math.abs((await assertInOrder(chat)) - first) <= 1);
    }));
});
