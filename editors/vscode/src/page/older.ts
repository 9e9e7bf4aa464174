/** The top of the log: asks for older messages when it comes into view. */

import { element, textButton } from "./element";

/** A button that also acts by itself once it is scrolled into view. */
export class Older {
  private readonly button = textButton("Show older messages", { class: "older" });
  readonly root = element("div", { class: "top", hidden: true }, this.button);
  private waiting = false;

  constructor(
    log: HTMLElement,
    private readonly ask: () => void,
  ) {
    this.button.addEventListener("click", () => this.load());
    const seen = (entries: IntersectionObserverEntry[]): void => {
      if (entries.at(-1)?.isIntersecting) this.load();
    };
    new IntersectionObserver(seen, { root: log }).observe(this.root);
  }

  get more(): boolean {
    return !this.root.hidden;
  }

  /** Whether there are older messages than those on the page. */
  set more(more: boolean) {
    this.waiting = false;
    this.root.hidden = !more;
  }

  /** The question for older messages may have failed: it can be asked again. */
  release(): void {
    this.waiting = false;
  }

  private load(): void {
    if (this.waiting || this.root.hidden) return;
    this.waiting = true;
    this.ask();
  }
}
