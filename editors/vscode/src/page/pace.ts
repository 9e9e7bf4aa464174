/** When something that has come is drawn: at once, unless the page is busy with what came before, or with a key. */

/** Milliseconds within which what comes is drawn together. */
const BURST = 8;
/** As long as it took to draw, nothing is drawn, but not longer than these milliseconds. */
const LONGEST = 100;
/** Milliseconds after a key in which the next is expected. */
const TYPING = 250;
/** Milliseconds for which something waits for a key at most. */
const HELD = 50;

const waiting = new Set<Pace>();
let typedAt = -Infinity;

/** Calls `draw` when something has come. A key is shown before what comes with it, and both are not drawn in one frame. */
export class Pace {
  private drawnAt = -Infinity;
  private rest = BURST;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly draw: () => void) {}

  /** Something has come. Frames are not waited for: where they are slow, each would come a frame late. */
  ask(): void {
    if (this.timer !== undefined) return;
    const now = performance.now();
    const held = now < typedAt + TYPING ? HELD : 0;
    const wait = Math.max(this.drawnAt + this.rest - now, held);
    if (wait <= 0) return this.now();
    this.timer = setTimeout(() => this.now(), wait);
    waiting.add(this);
  }

  /** Draw now, whatever there is. */
  now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    waiting.delete(this);
    const began = performance.now();
    this.draw();
    this.drawnAt = performance.now();
    this.rest = Math.min(Math.max(BURST, this.drawnAt - began), LONGEST);
  }
}

/** What was typed is sent: no key is expected, and the answer may begin at once. */
export function typingEnds(): void {
  typedAt = -Infinity;
}

document.addEventListener(
  "input",
  () => {
    typedAt = performance.now();
    // the task after the frame
    requestAnimationFrame(() => setTimeout(() => waiting.forEach((pace) => pace.now())));
  },
  { capture: true },
);
