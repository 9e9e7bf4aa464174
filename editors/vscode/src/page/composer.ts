/** The input: text, attachments, send and stop. */

import type { CompletionItem } from "../generated/protocol";
import type { AttachmentChip } from "../panel/messages";
import { Completion } from "./completion";
import { ContextLine } from "./context-line";
import { Editing } from "./editing";
import { element, icon, iconButton } from "./element";
import { Pickers } from "./pickers";
import { Recall } from "./recall";
import { l10n } from "./words";

export interface ComposerEvents {
  /** `parentId`: the text takes this question's place. */
  send(text: string, parentId?: string): void;
  /** An earlier question was left as it is. */
  leaveEdit(): void;
  stop(): void;
  /** The text has changed. */
  typed(text: string): void;
  complete(id: number, text: string, offset: number): void;
  /** The questions of this conversation, the newest first. */
  questions(): string[];
  /** Take away the attachment with this index. */
  detach(index: number): void;
  /** Something was pasted or dropped. Answers whether it goes along with the message instead of into the text. */
  attach(data: DataTransfer | null): boolean;
}

export class Composer {
  readonly root: HTMLElement;
  private readonly input = element("textarea", {
    rows: "1",
    "aria-label": l10n.t("Message"),
    "aria-autocomplete": "list",
    placeholder: l10n.t("Ask about this project"),
    spellcheck: "true",
    dir: "auto",
  });
  private readonly chips = element("ul", { class: "chips", "aria-label": l10n.t("Attachments"), hidden: true });
  readonly pickers = new Pickers();
  readonly context = new ContextLine();
  private readonly edited = new Editing(() => this.leaveEdit());
  private readonly sendButton = iconButton("send", l10n.t("Send"), { "data-send": "" });
  private readonly stopButton = iconButton("debug-stop", l10n.t("Stop"), { "data-send": "" });
  private readonly completion: Completion;
  private readonly recall: Recall;
  private busy = false;
  private ready = false;

  constructor(private readonly events: ComposerEvents) {
    this.completion = new Completion(this.input, (id, text, offset) => events.complete(id, text, offset));
    this.recall = new Recall(this.input, () => events.questions());
    const attach = iconButton("attach", l10n.t("Attach"), { "data-command": "rejoinder.attach" });
    const bar = element("div", { class: "composer-bar" }, attach, ...this.pickers.all, this.sendButton, this.stopButton);
    const box = element("div", { class: "composer-box" }, this.edited.root, this.chips, this.input, bar);
    const parts = [this.completion.root, box, this.context.root];
    this.root = element("form", { class: "composer", "aria-label": l10n.t("New message") }, ...parts);
    this.listen(box);
    this.show();
  }

  get text(): string {
    return this.input.value;
  }

  /** Replace the text. The user's undo does not reach behind this. */
  set text(text: string) {
    this.input.value = text;
    this.completion.close();
    this.changed();
  }

  /** What is kept as the session's draft: while a question is edited, what was there before. */
  get draft(): string {
    return this.edited.before ?? this.text;
  }

  set draft(text: string) {
    if (this.editing === undefined) this.text = text;
    else this.edited.before = text;
  }

  /** The question that is edited. */
  get editing(): string | undefined {
    return this.edited.parentId;
  }

  /** Edit an earlier question: sending puts the text in its place. */
  edit(parentId: string, text: string): void {
    this.edited.begin(parentId, this.text);
    this.text = text;
    this.focus();
  }

  /** Leave the question that is edited as it is, and go on with what was in the input before. */
  leaveEdit(): void {
    if (this.editing === undefined) return;
    this.text = this.edited.end();
    this.focus();
    this.events.leaveEdit();
  }

  /** A text that was not taken goes before what is in the input by now; an edited question goes on being edited. */
  takeBack(text: string, parentId?: string): void {
    if (parentId !== undefined) {
      if (this.text === text) this.text = "";
      return this.edit(parentId, text);
    }
    this.text = [text, this.text].filter((each) => each !== "").join("\n");
    this.focus();
  }

  /** Put the text in as if it was typed, in place of what is there. */
  fill(text: string): void {
    this.focus();
    this.input.select();
    document.execCommand("insertText", false, text);
  }

  focus(): void {
    this.input.focus();
  }

  /** A turn runs: offer to stop it. */
  set running(running: boolean) {
    const focused = document.activeElement === this.stopButton || document.activeElement === this.sendButton;
    this.busy = running;
    this.show();
    if (focused) this.focus();
  }

  /** The server is there. */
  set connected(connected: boolean) {
    this.ready = connected;
    this.show();
  }

  attachments(items: readonly AttachmentChip[]): void {
    this.chips.replaceChildren(...items.map((item, index) => this.chip(item, index)));
    this.chips.hidden = items.length === 0;
  }

  completions(id: number, items: readonly CompletionItem[], start?: number): void {
    this.completion.show(id, items, start);
  }

  private chip(item: AttachmentChip, index: number): HTMLElement {
    const remove = iconButton("close", l10n.t("Remove {0}", item.label));
    remove.addEventListener("click", () => {
      this.events.detach(index);
      this.focus();
    });
    const sign = item.picture ? element("img", { src: item.picture, alt: "" }) : icon(item.label.endsWith("/") ? "folder" : "file");
    const kind = item.picture ? "chip with-picture" : "chip";
    return element("li", { class: kind, title: item.title }, sign, element("span", {}, item.label), remove);
  }

  private listen(box: HTMLElement): void {
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.sendButton.addEventListener("click", () => this.send());
    this.stopButton.addEventListener("click", () => this.events.stop());
    this.input.addEventListener("paste", (event) => {
      // what has words as well, such as cells of a table, is pasted as these
      const words = event.clipboardData?.getData("text/plain") ?? "";
      if (words === "" && this.events.attach(event.clipboardData)) event.preventDefault();
    });
    this.takeDrops(box);
    box.addEventListener("mousedown", (event) => {
      if (event.target !== box) return;
      event.preventDefault();
      this.focus();
    });
  }

  private takeDrops(box: HTMLElement): void {
    const holds = (event: DragEvent) => event.dataTransfer?.types.some((type) => type === "Files" || /uri-list$/.test(type));
    box.addEventListener("dragover", (event) => {
      if (!holds(event)) return;
      event.preventDefault();
      box.classList.add("dropping");
    });
    box.addEventListener("dragleave", () => box.classList.remove("dropping"));
    box.addEventListener("drop", (event) => {
      box.classList.remove("dropping");
      if (!this.events.attach(event.dataTransfer)) return;
      event.preventDefault();
      this.focus();
    });
  }

  private key(event: KeyboardEvent): void {
    // while an input method composes, Enter and the arrows are its own; 229 is what it sends at its end
    if (event.isComposing || event.keyCode === 229) return;
    if (this.completion.key(event) || this.recall.key(event)) event.preventDefault();
    else if (event.key === "Escape" && this.editing !== undefined) {
      // elsewhere on the page Escape stops the answer
      event.preventDefault();
      event.stopPropagation();
      this.leaveEdit();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    }
  }

  private send(): void {
    const text = this.input.value;
    if (text.trim() === "" || this.busy || !this.ready) return;
    const parentId = this.editing;
    this.text = this.edited.end();
    this.focus();
    this.events.send(text, parentId);
  }

  private changed(): void {
    this.show();
    this.events.typed(this.draft);
  }

  private show(): void {
    this.sendButton.disabled = this.input.value.trim() === "" || !this.ready;
    this.sendButton.hidden = this.busy;
    this.stopButton.hidden = !this.busy;
  }
}
