/** Keeps the newest line in view until the user scrolls away. */

import { iconButton } from "./element";
import { l10n } from "./words";

const NEAR = 24;

/** Scrolling of the log. `button` leads back to the newest line and shows only when it is out of view. */
export class Follow {
  readonly button = iconButton("arrow-down", l10n.t("Jump to the newest"), { class: "jump" });
  private at = true;
  private last = 0;
  private height = 0;

  constructor(
    private readonly log: HTMLElement,
    content: HTMLElement,
  ) {
    this.button.hidden = true;
    this.button.addEventListener("click", () => this.jump());
    log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    // comes after layout and before painting: a line that has grown is never seen half below the edge
    const observer = new ResizeObserver(() => this.settle());
    observer.observe(content);
    observer.observe(log);
  }

  /** Whether the newest line is kept in view. */
  get following(): boolean {
    return this.at;
  }

  /** Go to the newest line and stay there. */
  jump(): void {
    this.at = true;
    this.settle();
  }

  /** Stay where the view is, whatever comes. */
  leave(): void {
    this.at = false;
    this.show();
  }

  private settle(): void {
    if (this.at) this.log.scrollTop = this.log.scrollHeight;
    this.last = this.log.scrollTop;
    this.height = this.log.scrollHeight;
    this.show();
  }

  private scrolled(): void {
    const { scrollTop, scrollHeight } = this.log;
    if (this.distance() <= NEAR) this.at = true;
    // what became shorter was moved by the browser, not by the user
    else if (scrollTop < this.last && scrollHeight >= this.height) this.at = false;
    this.last = scrollTop;
    this.height = scrollHeight;
    this.show();
  }

  private distance(): number {
    return this.log.scrollHeight - this.log.clientHeight - this.log.scrollTop;
  }

  private show(): void {
    this.button.hidden = this.at || this.distance() <= NEAR;
  }
}
