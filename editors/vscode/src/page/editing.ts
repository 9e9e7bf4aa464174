/** The line above the input while an earlier question is edited. */

import { element, icon, iconButton } from "./element";
import { l10n } from "./words";

/** What was in the input before, and the question whose place the text takes. */
interface Edited {
  parentId: string;
  before: string;
}

export class Editing {
  readonly root = element("div", { class: "editing", role: "status", hidden: true });
  private edited: Edited | undefined;

  constructor(leave: () => void) {
    const close = iconButton("close", l10n.t("Leave the question as it is"));
    close.addEventListener("click", leave);
    this.root.append(icon("edit"), element("span", {}, l10n.t("Editing an earlier question")), close);
  }

  get parentId(): string | undefined {
    return this.edited?.parentId;
  }

  /** What was in the input before; undefined while nothing is edited. */
  get before(): string | undefined {
    return this.edited?.before;
  }

  /** Another text is to come back afterwards. */
  set before(text: string) {
    if (this.edited) this.edited.before = text;
  }

  /** Edit a question. `text` is in the input; while another question is edited already, what was before that stays. */
  begin(parentId: string, text: string): void {
    this.edited = { parentId, before: this.edited?.before ?? text };
    this.root.hidden = false;
  }

  /** It is over. Answers what was in the input before. */
  end(): string {
    const before = this.edited?.before ?? "";
    this.edited = undefined;
    this.root.hidden = true;
    return before;
  }
}
