/** Proposals for `/`, `@` and `#` above the input. The extension finds them; this shows and inserts them. */

import type { CompletionItem } from "../generated/protocol";
import { element } from "./element";
import { l10n } from "./words";

/** A word that can be completed. Only a `/` at the very beginning is a command. */
const WORD = /(?:^\s*(?=\/)|(?<=^|\s)(?=[@#]))([/@#](?:file:"[^"\n]*|[^\s"]*))$/;
const LEAVES = /^(?:ArrowLeft|ArrowRight|Home|End|PageUp|PageDown)$/;

export class Completion {
  readonly root = element("ul", {
    class: "completions",
    role: "listbox",
    id: "completions",
    "aria-label": l10n.t("Proposals"),
    hidden: true,
  });
  private id = 0;
  private items: readonly CompletionItem[] = [];
  private selected = 0;
  /** Where the text that an item replaces begins; it ends at the cursor. */
  private start = 0;

  constructor(
    private readonly input: HTMLTextAreaElement,
    private readonly ask: (id: number, text: string, offset: number) => void,
  ) {
    input.setAttribute("aria-controls", this.root.id);
    input.setAttribute("aria-haspopup", "listbox");
    input.addEventListener("input", (event) => this.typed(event as InputEvent));
    input.addEventListener("blur", () => this.close());
    input.addEventListener("click", () => this.close());
    // before the input loses focus
    this.root.addEventListener("mousedown", (event) => this.pressed(event));
  }

  /** Show the answer to the question `id`, unless another has been asked since. */
  show(id: number, items: readonly CompletionItem[], start?: number): void {
    if (id !== this.id || document.activeElement !== this.input) return;
    this.items = items;
    this.start = start ?? this.input.selectionStart - (this.word()?.length ?? 0);
    if (items.length === 0) return this.close();
    this.root.replaceChildren(...items.map((item, index) => option(item, index)));
    this.root.hidden = false;
    this.select(0);
  }

  /** Forget the proposals, and any that are on their way. */
  close(): void {
    this.id += 1;
    this.items = [];
    this.root.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
  }

  /** Take a key while proposals are shown. True: the key is used. */
  key(event: KeyboardEvent): boolean {
    if (this.root.hidden) return false;
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const move = moves[event.key];
    if (move !== undefined) this.select((this.selected + move + this.items.length) % this.items.length);
    else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey))
      this.accept(this.selected);
    else if (event.key === "Escape") {
      this.close();
      event.stopPropagation();
    } else {
      if (LEAVES.test(event.key)) this.close();
      return false;
    }
    return true;
  }

  private typed(event: InputEvent): void {
    const word = event.isComposing ? undefined : this.word();
    if (!word) return this.close();
    this.id += 1;
    this.ask(this.id, this.input.value, this.input.selectionStart);
  }

  private word(): string | undefined {
    return WORD.exec(this.input.value.slice(0, this.input.selectionStart))?.[1];
  }

  private accept(index: number): void {
    const item = this.items[index];
    if (!item) return this.close();
    const { selectionStart: cursor, value } = this.input;
    // the server ends with a space what is whole
    const text = /^\s/.test(value.slice(cursor)) ? item.insertText.trimEnd() : item.insertText;
    this.close();
    this.input.focus();
    this.input.setSelectionRange(this.start, cursor);
    // keeps the text box's own undo
    document.execCommand("insertText", false, text);
  }

  private pressed(event: MouseEvent): void {
    event.preventDefault();
    const chosen = (event.target as Element).closest("[role=option]");
    if (chosen) this.accept([...this.root.children].indexOf(chosen));
  }

  private select(index: number): void {
    this.selected = index;
    for (const [at, each] of [...this.root.children].entries())
      each.setAttribute("aria-selected", String(at === index));
    this.root.children[index]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `completion-${index}`);
  }
}

function option(item: CompletionItem, index: number): HTMLElement {
  return element(
    "li",
    { role: "option", id: `completion-${index}`, title: item.detail || item.label },
    element("span", { class: "label" }, element("bdi", {}, item.label)),
    element("span", { class: "detail" }, item.detail),
  );
}
