/** The blocks of an answer, in boxes of so many each: while it grows, boxes out of view are not laid out and painted. */

import { element } from "./element";
import { patchChildren } from "./patch";

const BLOCKS = 12;

export class Parts {
  /** How many blocks are drawn for good. */
  private settled = 0;

  constructor(private readonly root: HTMLElement) {}

  /** The last block. */
  get last(): Element | null {
    return this.root.lastElementChild?.lastElementChild ?? null;
  }

  /** Put blocks that are final below those that were before, and below these the `rest`, which may change. */
  draw(final: readonly Node[], rest: readonly Node[]): void {
    const blocks = [...final, ...rest];
    let at = Math.floor(this.settled / BLOCKS);
    for (let kept = this.settled % BLOCKS; kept + blocks.length > 0; kept = 0, at += 1) {
      const part = this.root.children[at] ?? this.root.appendChild(element("div", { class: "part" }));
      patchChildren(part, kept, blocks.splice(0, BLOCKS - kept));
    }
    while (this.root.children.length > at) this.root.lastElementChild!.remove();
    this.settled += final.length;
  }

  /** All is to be drawn again. */
  restart(): void {
    this.settled = 0;
  }
}
