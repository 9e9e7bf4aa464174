/** What becomes of an answer's Markdown. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, citation, question, READY, session, Turn } from "./conversation.mjs";
import { pages } from "./harness.mjs";
import { EVERYTHING, pieces, random } from "./samples.mjs";

const withPage = pages((chat) => chat.tell(READY));

/** The answer's HTML without the white space between blocks. */
const html = (chat) =>
  chat.page
    .locator(".turn.assistant .answer")
    .last()
    .evaluate((body) => {
      const copy = body.cloneNode(true);
      copy.normalize();
      return [...copy.childNodes].map((node) => node.outerHTML ?? node.textContent.trim()).join("");
    });

async function whole(chat, text) {
  await chat.tell(
    session([question("Q"), answer(text, { messageId: `a-${Math.random()}` })], { sessionId: `s-${Math.random()}` }),
  );
  await chat.page.waitForFunction(() => !document.querySelector("[data-language]"));
  return html(chat);
}

async function streamed(chat, deltas) {
  const turn = new Turn(`t-${Math.random()}`);
  await chat.tell(session([]), ...turn.begin());
  for (const delta of deltas) await chat.tell(turn.text(delta));
  await chat.tell(turn.end());
  return html(chat);
}

/** Wait until what has come of the answer is drawn: as `expected`, but for the colours of code. */
async function comesToBe(chat, expected, what) {
  const plain = (said) => said.replaceAll(/<\/?span[^>]*>/g, "");
  const until = Date.now() + 5000;
  let seen;
  do seen = plain(await html(chat));
  while (seen !== plain(expected) && Date.now() < until);
  assert.equal(seen, plain(expected), what);
}

/** Let a text come in pieces, and see at each stop that it is there as it is when it is drawn at once. */
async function comesLike(chat, text, seed, stops) {
  const next = random(seed);
  const ends = Array.from({ length: stops }, () => 1 + Math.floor(next() * text.length)).sort((a, b) => a - b);
  const expected = [];
  for (const end of ends) expected.push(await whole(chat, text.slice(0, end)));
  const last = await whole(chat, text);
  const turn = new Turn(`t-${Math.random()}`);
  await chat.tell(session([]), ...turn.begin());
  for (const [at, end] of ends.entries()) {
    await chat.tell(...pieces(text.slice(ends[at - 1] ?? 0, end), next, 80).map((delta) => turn.text(delta)));
    await comesToBe(chat, expected[at], `seed ${seed}, ${end} characters`);
  }
  await chat.tell(turn.text(text.slice(ends.at(-1))), turn.end());
  assert.equal(await html(chat), last, `seed ${seed}`);
}

describe("Markdown", () => {
  test("HTML in an answer is shown as text and never runs", () =>
    withPage(async (chat) => {
      const evil = [
        "<script>window.ran = 1</script>",
        '<img src=x onerror="window.ran = 1">',
        "<svg onload='window.ran=1'>",
        "[a](javascript:window.ran=1)",
        "[b](data:text/html,<script>window.ran=1</script>)",
        "[c](command:workbench.action.quit)",
        "[d](vscode://x/y)",
        "![e](https://elsewhere.test/pixel.png)",
        '```x"onmouseover="window.ran=1\n<b>code</b>\n```',
        "`<i>in code</i>`",
        '[f](https://ok.test/"onclick="window.ran=1)',
        '| <b>x</b> |\n|---|\n| <iframe src="https://elsewhere.test"></iframe> |',
        "<a href='https://elsewhere.test' onclick='window.ran=1'>g</a>",
        "[h](file:///etc/passwd)",
      ].join("\n\n");
      await streamed(chat, pieces(evil, random(7)));
      const body = chat.page.locator(".answer").last();
      const found = await body.evaluate((root) => ({
        ran: window.ran,
        tags: [...new Set([...root.querySelectorAll("*")].map((each) => each.tagName.toLowerCase()))],
        handlers: [...root.querySelectorAll("*")].flatMap((each) =>
          [...each.attributes].map((a) => a.name).filter((name) => /^on|^style$/.test(name)),
        ),
        links: [...root.querySelectorAll("a")].map((link) => link.getAttribute("href")),
        text: root.textContent,
      }));
      assert.equal(found.ran, undefined);
      assert.deepEqual(found.handlers, []);
      for (const tag of ["script", "img", "svg", "iframe", "b", "i"]) assert.ok(!found.tags.includes(tag), tag);
      for (const href of found.links) assert.match(href, /^(https:\/\/|#$)/);
      assert.match(found.text, /<script>window\.ran = 1<\/script>/);
      assert.match(found.text, /\[a\]\(javascript:window\.ran=1\)/);
    }));

  test("drawn piece by piece it is what it is when drawn at once, wherever it is cut", () =>
    withPage(async (chat) => {
      const expected = await whole(chat, EVERYTHING);
      assert.match(expected, /class="table"/);
      for (let seed = 1; seed <= 6; seed += 1) {
        assert.equal(
          await streamed(chat, pieces(EVERYTHING, random(seed), seed === 3 ? 7 : 60)),
          expected,
          `seed ${seed}`,
        );
      }
    }));

  test("while it comes in, what is there is what the same text is when drawn at once", () =>
    withPage(async (chat) => {
      const text = EVERYTHING.replace(/^\[spec\].*$/gm, "");
      for (const seed of [3, 5, 8]) await comesLike(chat, text, seed, 4);
    }));

  test("so it is with long paragraphs and long tables, whatever is open in them", () =>
    withPage(async (chat) => {
      const words = ["snake_case", "`code`", "**bold**", "*a `b*`*", "2 * 3", "https://ok.test/a_b*c?d=1", "src/a.py:3", "&amp;", "a\\*b"];
      const opened = ["**one ", "`", "[a ", "_b ", "~~c ", "![d", "***e ", "<https://ok.test"];
      const closed = [" two**", "`", " z](https://ok.test/z)", " y_", " x~~", "](https://ok.test/d.png)", " e***", ">"];
      const next = random(21);
      const some = (from) => from[Math.floor(next() * from.length)];
      const run = (length) => Array.from({ length }, () => (next() < 0.7 ? "word" : some(words))).join(next() < 0.1 ? "  \n" : " ");
      const paragraph = () => Array.from({ length: 6 }, (_, at) => `${run(30)} ${opened[at]}${run(25)}${closed[at]}`).join("\nand ");
      const row = (_, at) => `| ${at} | ${some(words)} | ${at % 3 ? "x" : "[a](https://ok.test/b)"} |`;
      const table = `| n | word | c |\n|---|:-:|--:|\n${Array.from({ length: 90 }, row).join("\n")}`;
      const text = [paragraph(), paragraph(), table, `${run(80)} ${opened.join(run(20))}`, paragraph()].join("\n\n");
      for (const seed of [1, 2, 3, 4]) await comesLike(chat, text, seed, 9);
    }));

  test("code that began in what describes a picture takes the picture in", () =>
    withPage(async (chat) => {
      const text = `${"word ".repeat(20)}![a \`b](https://ok.test/d.png) ${"word ".repeat(400)}\` end`;
      const expected = await whole(chat, text);
      assert.match(expected, /<code>b\]/);
      const turn = new Turn();
      await chat.tell(session([]), ...turn.begin());
      for (const piece of pieces(text, random(4), 80)) {
        await chat.tell(turn.text(piece));
        await chat.drawn();
      }
      await comesToBe(chat, expected);
    }));

  test("a long block of code keeps its text while it streams and after", () =>
    withPage(async (chat) => {
      const code = Array.from({ length: 400 }, (_, line) => `value_${line} = "text ${line}"  # <${line}>`).join("\n");
      const turn = new Turn();
      const text = `Here:\n\n~~~~python\n${code}\n\`\`\`\nstill code`;
      const expected = await whole(chat, text);
      await chat.tell(session([]), ...turn.begin(), ...pieces(text, random(2), 400).map((delta) => turn.text(delta)));
      await comesToBe(chat, expected);
      const shown = () => chat.page.locator(".answer pre code").textContent();
      assert.equal(await shown(), `${code}\n\`\`\`\nstill code`);
      assert.ok((await chat.page.locator(".answer .hljs-comment").count()) > 300);
      await chat.tell(turn.text("\n~~~~\n\nDone."), turn.end());
      assert.equal(await shown(), `${code}\n\`\`\`\nstill code`);
      assert.match(await chat.page.locator(".answer p").last().textContent(), /Done/);
    }));

  test("a long list is the same at its end, whether it came piece by piece or at once", () =>
    withPage(async (chat) => {
      const items = (make) => Array.from({ length: 90 }, (_, at) => make(at)).join("\n");
      const text = [
        items((at) => `- item ${at} with \`code\`\n  - below\n${at === 80 ? "\n  apart\n" : ""}`),
        "Between.",
        items((at) => `${at + 3}. number`),
        "End.",
      ].join("\n\n");
      const expected = await whole(chat, text);
      for (const seed of [1, 2, 3])
        assert.equal(await streamed(chat, pieces(text, random(seed), 90)), expected, `seed ${seed}`);
      const tight = items((at) => `* item ${at}`);
      await comesLike(chat, tight, 4, 3);
    }));

  test("what is drawn for good is not touched again", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session([]), ...turn.begin(), turn.text("First.\n\nSecond.\n\nThird"));
      await chat.page.evaluate(() => {
        window.kept = document.querySelector(".answer p");
        window.touched = 0;
        new MutationObserver((records) => (window.touched += records.length)).observe(window.kept, {
          subtree: true,
          childList: true,
          characterData: true,
        });
      });
      await chat.tell(turn.text(" and\n\n- a\n- b\n"), turn.text("- c\n\nEnd."), turn.end());
      assert.deepEqual(await chat.page.evaluate(() => [window.kept.isConnected, window.touched]), [true, 0]);
    }));
});

describe("while an answer comes in", () => {
  test("a key is shown before what comes with it", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session([]), ...turn.begin(), turn.text("One "));
      await chat.input.focus();
      await chat.drawn();
      const meanwhile = await chat.page.evaluate((data) => {
        document.execCommand("insertText", false, "x");
        window.dispatchEvent(new MessageEvent("message", { data }));
        return document.querySelector(".answer").textContent;
      }, turn.text("two"));
      assert.equal(meanwhile.trim(), "One");
      await chat.page.waitForFunction(() => document.querySelector(".answer").textContent === "One two");
    }));

  test("what is out of view is not drawn with it, and is there when one goes to it", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      const blocks = Array.from({ length: 120 }, (_, at) => `Paragraph ${at}.`);
      await chat.tell(session([]), ...turn.begin(), ...blocks.map((block) => turn.text(`${block}\n\n`)));
      await chat.page.waitForFunction(() => {
        const first = document.querySelector(".answer p");
        const last = [...document.querySelectorAll(".answer p")].at(-1);
        const isDrawn = (block) => block.checkVisibility({ contentVisibilityAuto: true });
        return last.textContent === "Paragraph 119." && isDrawn(last) && !isDrawn(first);
      });
      await chat.page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
      await chat.page.waitForFunction(() =>
        document.querySelector(".answer p").checkVisibility({ contentVisibilityAuto: true }),
      );
      await chat.tell(turn.end());
      assert.deepEqual(await chat.page.locator(".answer p").allTextContents(), blocks);
      await chat.page.evaluate(() => document.getSelection().selectAllChildren(document.querySelector(".answer")));
      await chat.drawn();
      assert.equal(await chat.page.evaluate(() => document.getSelection().toString()), blocks.join("\n\n"));
    }));
});

describe("code and links", () => {
  test("copy and insert give the exact code, apply names the block", () =>
    withPage(async (chat) => {
      const code = 'if a < b && c:\n\tprint("<&amp;>")  \n\n    # end';
      const text = `\`\`\`sh\nls\n\`\`\`\n\n    indented\n\n\`\`\`python\n${code}\n\`\`\``;
      await chat.tell(session([question("Q"), answer(text, { messageId: "a1" })]));
      const block = chat.page.locator(".code").nth(2);
      assert.equal(await block.locator(".language").textContent(), "python");
      await block.getByRole("button", { name: "Copy" }).click();
      assert.equal((await chat.told("copy")).text, code);
      await block.getByRole("button", { name: "Insert at cursor" }).click();
      assert.equal((await chat.told("insert")).text, code);
      await block.getByRole("button", { name: "Apply" }).click();
      assert.deepEqual(await chat.told("apply"), { type: "apply", messageId: "a1", block: 1 });
      assert.equal(await chat.page.locator(".code").nth(1).getByRole("button", { name: "Apply" }).count(), 0);
      await chat.page.getByRole("button", { name: "Copy answer" }).click();
      assert.equal((await chat.told("copy", 2)).text, text);
    }));

  test("a block can be applied once its answer is stored", () =>
    withPage(async (chat) => {
      const turn = new Turn();
      await chat.tell(session([]), ...turn.begin(), turn.text("```py\nx = 1\n```\n"));
      const apply = chat.page.getByRole("button", { name: "Apply" });
      assert.equal(await apply.count(), 0);
      await chat.tell(turn.end({ messageId: "m9" }));
      await apply.click();
      assert.equal((await chat.told("apply")).messageId, "m9");
    }));

  test("citations, places and links are opened by the extension", () =>
    withPage(async (chat) => {
      const place = citation("src/app.py", 4, 9);
      const text =
        "See `src/app.py:4-9`, lib/x.ts:12, [notes](docs/notes.md#L3), https://ok.test/a and example.com:443 or setup.py.";
      await chat.tell(session([question("Q"), answer(text, { citations: [place, place] })]));
      await chat.page.locator(".citation").click();
      assert.deepEqual(await chat.told("open"), { type: "open", uri: place.uri, range: place.range });
      await chat.page.locator(".answer a", { hasText: "src/app.py" }).click();
      assert.equal((await chat.told("open", 2)).uri, place.uri);
      await chat.page.locator(".answer a", { hasText: "lib/x.ts:12" }).click();
      assert.deepEqual(await chat.told("openPath"), { type: "openPath", path: "lib/x.ts", line: 12 });
      await chat.page.locator(".answer a", { hasText: "notes" }).click();
      assert.deepEqual(await chat.told("openPath", 2), { type: "openPath", path: "docs/notes.md", line: 3 });
      await chat.page.locator(".answer a", { hasText: "ok.test" }).focus();
      await chat.page.keyboard.press("Enter");
      assert.equal((await chat.told("openLink")).href, "https://ok.test/a");
      assert.equal(await chat.page.locator(".answer a").count(), 4);
    }));

  test("a long list of sources is folded", () =>
    withPage(async (chat) => {
      const places = Array.from({ length: 9 }, (_, at) => citation(`src/m${at}.py`, at + 1));
      await chat.tell(session([question("Q"), answer("A", { citations: places })]));
      const shown = chat.page.locator(".citation:visible");
      assert.equal(await shown.count(), 6);
      await chat.page.getByRole("button", { name: "3 more" }).click();
      assert.equal(await shown.count(), 9);
    }));
});

test("nothing is wider than a narrow side bar", () =>
  withPage(
    async (chat) => {
      const long = "x".repeat(400);
      const text = `${EVERYTHING}\n\n# ${long}\n\n- ${long}\n\n| ${long} | b |\n|---|---|\n| c | d |\n\n\`${long}\`\n\nhttps://ok.test/${long}\n\n\`\`\`${long}\n${long}\n\`\`\``;
      await chat.tell(
        session([question(long), answer(text, { citations: [citation(`${long}.py`, 1)], model: long })]),
        { type: "failure", message: long, hint: long },
        { type: "attachments", items: [{ label: long, title: long, uri: "file:///x" }] },
      );
      const wide = await chat.page.evaluate(() =>
        [...document.querySelectorAll(".list, .list > *, .part > *, .composer, .composer-box *")]
          .filter((each) => each.getBoundingClientRect().right > innerWidth)
          .map((each) => each.className || each.tagName),
      );
      assert.deepEqual(wide, []);
      assert.equal(await chat.page.evaluate(() => document.documentElement.scrollWidth), 240);
      assert.equal(await chat.page.locator(".log").evaluate((log) => log.scrollWidth), 240);
    },
    { width: 240 },
  ));
