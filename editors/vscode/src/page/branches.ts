/** ‹ 2/3 ›: which version of a message is shown, and the way to the others. */

import type { Message } from "../generated/protocol";
import { element, iconButton } from "./element";
import { l10n } from "./words";

/** Nothing for a message of which there is one version alone. */
export function versionsOf({ messageId, siblings = [] }: Message): HTMLElement | undefined {
  if (siblings.length < 2) return undefined;
  const at = siblings.indexOf(messageId);
  const step = (by: number, glyph: string, label: string): HTMLElement => {
    const other = siblings[at + by];
    const button = iconButton(glyph, label, { "data-act": "branch", "data-step": String(by), "data-to": other ?? "" });
    button.disabled = other === undefined;
    return button;
  };
  const place = `${at + 1}/${siblings.length}`;
  return element(
    "span",
    { class: "versions", role: "group", "aria-label": l10n.t("Version {0} of {1}", at + 1, siblings.length) },
    step(-1, "chevron-left", l10n.t("Earlier version")),
    element("span", { "aria-hidden": "true" }, place),
    step(1, "chevron-right", l10n.t("Later version")),
  );
}

/** Keeps the focus on the switch while another version takes a message's place. */
export class BranchFocus {
  private wanted: { messageId: string; step: string } | undefined;

  /** A button of the switch was used. */
  used({ dataset }: HTMLElement): void {
    this.wanted = { messageId: dataset.to ?? "", step: dataset.step ?? "" };
  }

  /** The messages are drawn; `root` is the element of one. */
  restore(root: (messageId: string) => HTMLElement | undefined): void {
    if (!this.wanted) return;
    const { messageId, step } = this.wanted;
    const shown = root(messageId)?.querySelector(".versions");
    if (!shown) return;
    this.wanted = undefined;
    const enabled = [...shown.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
    const button = enabled.find(({ dataset }) => dataset.step === step) ?? enabled[0];
    button?.scrollIntoView({ block: "nearest" });
    button?.focus();
  }
}
