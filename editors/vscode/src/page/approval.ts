/** A tool call that waits for the user: what it is exactly, and what can be said to it. */

import type { ToolCall, ToolRespondParams } from "../generated/protocol";
import { argumentsOf, visible } from "./arguments";
import { element, icon, textButton } from "./element";
import { l10n } from "./words";

/** What a card says by its event `decide`. */
export interface Decision {
  callId: string;
  decision: ToolRespondParams["decision"];
  reason?: string;
}

/** A card of its own below the answer. Its decision bubbles up as `decide`; that its focus is free, as `released`. */
export class ApprovalCard {
  readonly root: HTMLElement;
  private readonly reason = element("input", {
    type: "text",
    class: "reason",
    "aria-label": l10n.t("Reason for the denial"),
    placeholder: l10n.t("Reason, for the model (optional)"),
  });
  private readonly why: HTMLElement;
  private readonly choice: HTMLElement;
  private readonly deny = this.button(l10n.t("Deny…"), () => this.askWhy(true), true);

  constructor(
    private readonly callId: string,
    name: string,
    args: ToolCall["args"],
  ) {
    const [before, after] = l10n.t("Allow the call of {0}?").split("{0}");
    this.choice = element(
      "div",
      { class: "actions" },
      this.button(l10n.t("Allow Once"), () => this.decide("allow")),
      this.button(l10n.t("Allow for the Session"), () => this.decide("allow_session"), true),
      this.deny,
    );
    this.why = element(
      "div",
      { class: "why", hidden: true },
      this.reason,
      this.button(l10n.t("Deny"), () => this.decide("deny")),
      this.button(l10n.t("Back"), () => this.askWhy(false), true),
    );
    this.reason.addEventListener("keydown", (event) => this.key(event));
    this.root = element(
      "section",
      { class: "approval", role: "group", "aria-label": l10n.t("Allow the call of {0}?", visible(name)) },
      element("p", { class: "what" }, icon("question"), element("span", {}, before, element("code", {}, visible(name)), after)),
      element("div", { class: "exact", tabindex: "0", role: "group", "aria-label": l10n.t("Arguments of the call") }, argumentsOf(args)),
      this.choice,
      this.why,
    );
  }

  /** It was decided on, here or elsewhere. */
  remove(): void {
    const focused = this.root.contains(document.activeElement);
    const parent = this.root.parentElement;
    this.root.remove();
    if (focused) parent?.dispatchEvent(new CustomEvent("released", { bubbles: true }));
  }

  private button(label: string, act: () => void, secondary = false): HTMLButtonElement {
    const made = textButton(label);
    made.classList.toggle("secondary", secondary);
    made.addEventListener("click", act);
    return made;
  }

  private askWhy(asked: boolean): void {
    this.why.hidden = !asked;
    this.choice.hidden = asked;
    (asked ? this.reason : this.deny).focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter") this.decide("deny");
    else if (event.key === "Escape") this.askWhy(false);
    else return;
    event.preventDefault();
    // elsewhere on the page Escape stops the answer
    event.stopPropagation();
  }

  private decide(decision: Decision["decision"]): void {
    const reason = decision === "deny" ? this.reason.value.trim() : "";
    const detail: Decision = { callId: this.callId, decision, ...(reason ? { reason } : {}) };
    this.root.dispatchEvent(new CustomEvent("decide", { bubbles: true, detail }));
  }
}
