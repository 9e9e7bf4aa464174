/** Arrow keys that bring earlier questions back into the empty input. */

export class Recall {
  /** Which question is in the input; -1: none. */
  private at = -1;
  private shown: string | undefined;

  constructor(
    private readonly input: HTMLTextAreaElement,
    private readonly questions: () => string[],
  ) {}

  /** Take Up in an empty input, and Up and Down while an unchanged question is in it. True: the key is used. */
  key(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const unchanged = this.at >= 0 && this.input.value === this.shown;
    if (!unchanged) this.at = -1;
    if (event.key === "ArrowUp" && (unchanged || this.input.value === "")) return this.show(this.at + 1);
    if (event.key === "ArrowDown" && unchanged) return this.show(this.at - 1);
    return false;
  }

  private show(at: number): boolean {
    const text = at < 0 ? "" : this.questions()[at];
    if (text === undefined) return false;
    this.at = at;
    this.shown = text;
    this.input.value = text;
    this.input.setSelectionRange(text.length, text.length);
    this.input.dispatchEvent(new Event("input"));
    return true;
  }
}
