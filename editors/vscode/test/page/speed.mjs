/**
 * Measures from a delta's arrival at the page to its being in the document:
 * `node test/page/speed.mjs [--json] [MESSAGES [KILOBYTES]]`.
 *
 * Deltas of 12 characters come every 30 ms, as the server joins them. The figures are for the last 150 of an answer of
 * the given size, alone and below 400 messages, unless only one number of messages or one size is asked for.
 */
import { answer, question, READY, session, Turn } from "./conversation.mjs";
import { bundle, launch, open } from "./harness.mjs";
import { EVERYTHING, pieces } from "./samples.mjs";

const LAST = 150;
const PACE_MS = 30;
const asJson = process.argv.includes("--json");
const [messages, kilobytes] = process.argv.slice(2).flatMap((word) => (word === "--json" ? [] : [Number(word)]));
const histories = messages === undefined ? [0, 400] : [messages];
const sizes = kilobytes === undefined ? [1, 10, 50] : [kilobytes];
const shapes = {
  mixed: (size) => repeated(`${EVERYTHING.replace(/```unclosed[\s\S]*$/, "")}\n\n`, size),
  "one block of code": (size) => `\`\`\`python\n${repeated('    value = compute("text", 12)  # why\n', size)}`,
  "one list": (size) => repeated("- an item with `code` and **bold** words in it\n", size),
  "paragraphs of 10 kB": (size) => repeated(`${repeated("words and `code` and **bold** words ", 9_998)}\n\n`, size),
};

function repeated(text, size) {
  return text.repeat(Math.ceil(size / text.length)).slice(0, size);
}

/** Milliseconds from each message event to the mutation that it led to, taken in the browser. */
async function measure(chat, deltas) {
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

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

const browser = await launch();
const files = await bundle();
const rows = [];
for (const history of histories) {
  for (const [shape, make] of Object.entries(shapes)) {
    for (const size of sizes) {
      const taken = await timed(history, make(size * 1000));
      const figures = { p50: at(taken, 0.5), p95: at(taken, 0.95), max: at(taken, 1) };
      rows.push({ messages: history, shape, size, ...figures });
      const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(1).padStart(6)}`);
      if (!asJson) console.log(`${history} messages, ${shape}, ${size} kB:  ${shown.join("  ")} ms`);
    }
  }
}
await browser.close();
if (asJson) console.log(JSON.stringify(rows));

/** Sorted milliseconds of the last deltas of a text, which is answered below so many messages. */
async function timed(history, text) {
  const chat = await open(browser, files);
  const talk = Array.from({ length: history / 2 }, (_, each) => [
    question(`q${each}`),
    answer(`a${each} ${EVERYTHING}`),
  ]).flat();
  const turn = new Turn();
  const cut = pieces(text, () => 11 / 12, 12);
  const first = cut.slice(0, -LAST).join("");
  await chat.tell(READY, session(talk), ...turn.begin(), ...(first ? [turn.text(first)] : []));
  await chat.drawn();
  const deltas = cut.slice(-LAST).map((delta) => turn.text(delta));
  const taken = await measure(chat, deltas);
  await chat.close();
  return taken.sort((a, b) => a - b);
}
