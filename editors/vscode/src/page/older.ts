/** The top of the log: asks for older messages. */

import { element, textButton } from "./element";
import { l10n } from "./words";

/** A button, for those who do not scroll. */
export class Older {
  private readonly button = textButton(l10n.t("Show older messages"), { class: "older" });
  readonly root = element("div", { class: "top", hidden: true }, this.button);
  private waiting = false;

  constructor(private readonly ask: () => void) {
    this.button.addEventListener("click", () => this.load());
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

  /** Ask once. */
  load(): void {
    if (this.waiting || this.root.hidden) return;
    this.waiting = true;
    this.ask();
  }
}
