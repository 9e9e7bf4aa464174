/**
 * Measures from a delta's arrival at the page to its being in the document: `node test/page/speed.mjs`.
 *
 * Deltas of 12 characters come every 30 ms, as the server joins them. The figures are for the last 150 of an answer of
 * the given size, alone and below 400 messages.
 */
import { answer, question, READY, session, Turn } from "./conversation.mjs";
import { bundle, launch, open } from "./harness.mjs";
import { EVERYTHING, pieces } from "./samples.mjs";

const LAST = 150;
const PACE_MS = 30;
const shapes = {
  mixed: (size) => repeated(`${EVERYTHING.replace(/```unclosed[\s\S]*$/, "")}\n\n`, size),
  "one block of code": (size) => `\`\`\`python\n${repeated('    value = compute("text", 12)  # why\n', size)}`,
  "one list": (size) => repeated("- an item with `code` and **bold** words in it\n", size),
  "one paragraph": (size) => repeated("words and `code` and **bold** words ", size),
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

const at = (sorted, part) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))].toFixed(1).padStart(6);

const browser = await launch();
const files = await bundle();
for (const history of [0, 200]) {
  for (const [shape, make] of Object.entries(shapes)) {
    for (const size of [1_000, 10_000, 50_000]) {
      const chat = await open(browser, files);
      const talk = Array.from({ length: history }, (_, each) => [
        question(`q${each}`),
        answer(`a${each} ${EVERYTHING}`),
      ]).flat();
      const turn = new Turn();
      const cut = pieces(make(size), () => 11 / 12, 12);
      const first = cut.slice(0, -LAST).join("");
      await chat.tell(READY, session(talk), ...turn.begin(), ...(first ? [turn.text(first)] : []));
      await chat.drawn();
      const taken = (
        await measure(
          chat,
          cut.slice(-LAST).map((delta) => turn.text(delta)),
        )
      ).sort((a, b) => a - b);
      console.log(
        `${history * 2} messages, ${shape}, ${size / 1000} kB:  p50 ${at(taken, 0.5)}  p95 ${at(taken, 0.95)}  max ${at(taken, 1)} ms`,
      );
      await chat.close();
    }
  }
}
await browser.close();
