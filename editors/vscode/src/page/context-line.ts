/** The line below the input: how full the context is, what the session has used, and the way to the prompt. */

import type { Usage } from "../generated/protocol";
import { element, textButton } from "./element";
import { dollars, short } from "./numbers";
import { l10n } from "./words";

/** From this share on the line is loud. */
const NEARLY_FULL = 0.9;

export class ContextLine {
  private readonly fill = element("span", { class: "fill", "aria-hidden": "true" });
  private readonly meter = element("span", { class: "meter", role: "meter", "aria-label": l10n.t("Context"), "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
  private readonly words = element("span", { class: "share" });
  private readonly used = element("span", { class: "used" });
  private readonly counts = element("span", { class: "counts" }, this.words, this.used);
  readonly root = element("div", { class: "context-line", hidden: true });

  constructor() {
    const prompt = textButton(l10n.t("Show prompt"), { "data-act": "prompt", title: l10n.t("Show what the model would get") });
    this.root.append(this.meter, this.counts, prompt);
  }

  show(tokens: number, budget: number, { inputTokens, outputTokens, cost }: Usage): void {
    const share = budget > 0 ? Math.min(tokens / budget, 1) : 0;
    const percent = Math.round(share * 100);
    this.fill.style.width = `${percent}%`;
    this.meter.setAttribute("aria-valuenow", String(percent));
    this.meter.setAttribute("aria-valuetext", l10n.t("{0} % full: {1} of {2} tokens", percent, tokens, budget));
    this.root.classList.toggle("nearly-full", share >= NEARLY_FULL);
    this.words.textContent = l10n.t("{0} of {1}", short(tokens), short(budget));
    const next = l10n.t("The next prompt has {0} of {1} tokens before its own text and what is looked up for it.", tokens, budget);
    const total = inputTokens + outputTokens;
    const facts = [...(total > 0 ? [l10n.t("{0} used", short(total))] : []), ...(cost ? [dollars(cost)] : [])];
    this.used.textContent = facts.join(" · ");
    const spent = cost
      ? l10n.t("This session has used {0} tokens in and {1} out, for {2}.", inputTokens, outputTokens, dollars(cost))
      : l10n.t("This session has used {0} tokens in and {1} out.", inputTokens, outputTokens);
    this.counts.title = `${next}\n${spent}`;
    this.root.hidden = false;
  }
}
