/** The places that an answer refers to, as a compact list of links. */

import type { Citation } from "../generated/protocol";
import { element, icon, textButton } from "./element";
import { l10n } from "./words";

const SHOWN = 6;

/** A list that takes each place once, and folds a long one. */
export class Citations {
  readonly root = element("ul", { class: "citations", "aria-label": l10n.t("Sources"), hidden: true });
  private readonly places = new Map<string, Citation>();
  private readonly items: HTMLElement[] = [];
  private readonly more = textButton("", { class: "more-places" });
  private readonly last = element("li", { hidden: true }, this.more);

  constructor() {
    this.root.append(this.last);
    this.more.addEventListener("click", () => this.unfold());
  }

  add(citations: readonly Citation[]): void {
    for (const citation of citations) {
      if (this.places.has(citation.label)) continue;
      this.places.set(citation.label, citation);
      const item = element("li", { hidden: this.items.length >= SHOWN }, link(citation));
      this.items.push(item);
      this.last.before(item);
    }
    const folded = this.items.filter((item) => item.hidden).length;
    this.more.textContent = l10n.t("{0} more", folded);
    this.last.hidden = folded === 0;
    this.root.hidden = this.items.length === 0;
  }

  /** The citation whose label is this text. */
  find(label: string): Citation | undefined {
    return this.places.get(label);
  }

  private unfold(): void {
    for (const item of this.items) item.hidden = false;
    this.items[SHOWN]?.querySelector("a")?.focus();
    this.last.hidden = true;
  }
}

/** A link by the file's name and line; the whole path is its tooltip. What is no file is called as it is. */
function link(citation: Citation): HTMLElement {
  const { uri, label } = citation;
  const name = uri.startsWith("file:") ? (label.split(/[/\\]/).at(-1) ?? label) : label;
  const attributes = { class: "citation", href: "#", title: label, "data-place": label };
  return element("a", attributes, icon(glyph(uri)), element("span", {}, name));
}

function glyph(uri: string): string {
  const kinds = { memory: "bookmark", session: "comment-discussion" };
  const kind = /^rejoinder:\/(memory|session)\//.exec(uri)?.[1] as keyof typeof kinds | undefined;
  return kind ? kinds[kind] : "file";
}
