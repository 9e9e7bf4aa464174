/**
 * Measures the page with a stand-in for VS Code around it: `node test/page/speed.mjs [--json] [WHAT…]`.
 *
 * - `deltas`: from a delta's arrival at the page to its being in the document. Deltas of 12 characters come every 30 ms,
 *   as the server joins them; the figures are for the last 150 of an answer of 50 kB, alone and below 5,000 messages.
 * - `opening`: from the start of the page's script to the painted end of a session of 5,000 messages.
 * - `keys`: from a keystroke in the input to the frame that shows it, alone and while an answer of 50 kB streams, in
 *   turns: their ratio says more than the figures.
 */
import { History, READY, session, Turn } from "./conversation.mjs";
import { bundle, launch, open } from "./harness.mjs";
import { EVERYTHING, pieces } from "./samples.mjs";

const LAST = 150;
const PACE_MS = 30;
const SIZE = 50_000;
const OPENINGS = 12;
const KEYS = 40;
const ROUNDS = 4;
const asJson = process.argv.includes("--json");
const asked = process.argv.slice(2).filter((word) => word !== "--json");
const shapes = {
  mixed: () => repeated(`${EVERYTHING.replace(/```unclosed[\s\S]*$/, "")}\n\n`),
  "one block of code": () => `\`\`\`python\n${repeated('    value = compute("text", 12)  # why\n')}`,
  "one list": () => repeated("- an item with `code` and **bold** words in it\n"),
  "one table": () => `| n | what | where |\n|---|---|---|\n${repeated("| 12 | some `code` and **bold** words | src/pool.py:4 |\n")}`,
  "paragraphs of 10 kB": () => repeated(`${"words and `code` and **bold** words ".repeat(277)}\n\n`),
};

function repeated(text) {
  return text.repeat(Math.ceil(SIZE / text.length)).slice(0, SIZE);
}

/** Milliseconds from each message event to the mutation that it led to, taken in the browser. */
async function drawing(chat, deltas) {
  return chat.page.evaluate(
    async ([messages, pace]) => {
      const taken = [];
      const log = document.querySelector(".log");
      for (const message of messages) {
        await new Promise((resolve) => setTimeout(resolve, pace));
        let drawn;
        const observer = new MutationObserver(() => (drawn ??= performance.now()));
        observer.observe(log, { subtree: true, childList: true, characterData: true });
        window.postMessage(message);
        await new Promise((resolve) => window.addEventListener("message", resolve, { once: true }));
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        observer.disconnect();
        // white space may change nothing
        if (drawn !== undefined) taken.push(drawn - window.arrived);
      }
      return taken;
    },
    [deltas, PACE_MS],
  );
}

/** A page with a session of so many messages, all of which it has been told. */
async function opened(browser, files, count) {
  const chat = await open(browser, files);
  const { messages } = new History(chat, count, EVERYTHING);
  await chat.tell(READY, session(messages));
  await chat.drawn();
  return chat;
}

async function deltas(browser, files) {
  const rows = [];
  for (const count of [0, 5000]) {
    for (const [shape, make] of Object.entries(shapes)) {
      const chat = await opened(browser, files, count);
      const turn = new Turn();
      const cut = pieces(make(), () => 11 / 12, 12);
      await chat.tell(...turn.begin(), turn.text(cut.slice(0, -LAST).join("")));
      await chat.drawn();
      const taken = await drawing(
        chat,
        cut.slice(-LAST).map((delta) => turn.text(delta)),
      );
      await chat.close();
      rows.push(row(`a delta below ${count} messages, ${shape}`, taken));
    }
  }
  return rows;
}

async function opening(browser, files) {
  const taken = [];
  for (let round = 0; round < OPENINGS; round += 1) {
    const told = [];
    const history = new History({ tell: (...messages) => told.push(...messages) }, 5000, EVERYTHING);
    await history.show();
    const chat = await open(browser, files, { answers: told });
    await chat.page.waitForFunction(() => window.painted !== undefined);
    if (round > 0) taken.push(await chat.page.evaluate(() => window.painted - window.began));
    await chat.close();
  }
  return [row("opening a session of 5000 messages", taken)];
}

async function keys(browser, files) {
  const chat = await opened(browser, files, 5000);
  const taken = { alone: [], streaming: [] };
  await chat.page.evaluate(() => {
    window.pressed = [];
    const { port1, port2 } = new MessageChannel();
    let at;
    port1.onmessage = () => window.pressed.push(performance.now() - at);
    document.addEventListener("keydown", (event) => {
      at = event.timeStamp;
      requestAnimationFrame(() => port2.postMessage(""));
    });
  });
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const kind of ["alone", "streaming"]) {
      const turn = new Turn(`t${round}`);
      const cut = pieces(shapes.mixed(), () => 11 / 12, 12);
      if (kind === "streaming") {
        await chat.tell(...turn.begin(), turn.text(cut.slice(0, -1000).join("")));
        const messages = cut.slice(-1000).map((delta) => turn.text(delta));
        await chat.page.evaluate(
          ([all, pace]) => (window.stream = setInterval(() => window.postMessage(all.shift()), pace)),
          [messages, PACE_MS],
        );
      }
      await chat.input.focus();
      for (let key = 0; key < KEYS; key += 1) {
        await chat.page.keyboard.press("abcdefgh"[key % 8]);
        await chat.page.waitForTimeout(PACE_MS + ((key * 7) % 17));
      }
      const pressed = await chat.page.evaluate(() => (clearInterval(window.stream), window.pressed.splice(0)));
      if (kind === "streaming") await chat.tell(turn.update({ type: "end", stopReason: "end_turn", citations: [] }));
      await chat.input.fill("");
      if (round > 0) taken[kind].push(...pressed);
    }
  }
  await chat.close();
  return Object.entries(taken).map(([kind, figures]) => row(`a keystroke, ${kind}`, figures));
}

function row(what, taken) {
  const sorted = taken.sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return { what, p50: at(0.5), p95: at(0.95), max: at(1) };
}

const benchmarks = { deltas, opening, keys };
const browser = await launch();
const files = await bundle({ minify: true });
const rows = [];
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const measured of await benchmark(browser, files)) {
    rows.push({ kind: name, ...measured });
    const { what, ...figures } = measured;
    const shown = Object.entries(figures).map(([figure, value]) => `${figure} ${value.toFixed(1).padStart(6)}`);
    if (!asJson) console.log(`${what}:  ${shown.join("  ")} ms`);
  }
}
await browser.close();
if (asJson) console.log(JSON.stringify(rows));
