/** Code that is drawn plain and coloured once it has been on the screen: colours change no height and no width. */

import { highlight } from "./languages";

/** Milliseconds in one task. */
const SLICE = 8;

const waiting: HTMLElement[] = [];

/** Colour the code in an element that names its language. */
export function colourSoon(root: Element): void {
  const found = root.querySelectorAll<HTMLElement>("code[data-language]");
  if (found.length === 0) return;
  // the task after the next frame
  if (waiting.length === 0) requestAnimationFrame(() => setTimeout(colour));
  waiting.push(...found);
}

function colour(): void {
  const until = performance.now() + SLICE;
  while (waiting.length > 0 && performance.now() < until) {
    const code = waiting.pop()!;
    code.innerHTML = highlight(code.textContent, code.dataset.language!);
    delete code.dataset.language;
  }
  if (waiting.length > 0) setTimeout(colour);
}
