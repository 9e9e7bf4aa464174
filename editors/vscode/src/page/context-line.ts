/** The line below the input: how full the context is, what the session has used, and the way to the prompt. */

import type { Usage } from "../generated/protocol";
import { element, textButton } from "./element";
import { dollars, short } from "./numbers";

/** From this share on the line is loud. */
const NEARLY_FULL = 0.9;

export class ContextLine {
  private readonly fill = element("span", { class: "fill", "aria-hidden": "true" });
  private readonly meter = element("span", { class: "meter", role: "meter", "aria-label": "Context", "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
  private readonly words = element("span", { class: "share" });
  private readonly used = element("span", { class: "used" });
  readonly root = element("div", { class: "context-line", hidden: true });

  constructor() {
    const prompt = textButton("Show prompt", { "data-act": "prompt", title: "Show what the model would get" });
    this.root.append(this.meter, this.words, this.used, prompt);
  }

  show(tokens: number, budget: number, { inputTokens, outputTokens, cost }: Usage): void {
    const share = budget > 0 ? Math.min(tokens / budget, 1) : 0;
    const percent = Math.round(share * 100);
    this.fill.style.width = `${percent}%`;
    this.meter.setAttribute("aria-valuenow", String(percent));
    this.meter.setAttribute("aria-valuetext", `${percent} % full: ${tokens} of ${budget} tokens`);
    this.root.classList.toggle("nearly-full", share >= NEARLY_FULL);
    this.words.textContent = `${short(tokens)} of ${short(budget)}`;
    this.words.title = `The next prompt has ${tokens} of ${budget} tokens before its own text and what is looked up for it.`;
    const total = inputTokens + outputTokens;
    const facts = [...(total > 0 ? [`${short(total)} used`] : []), ...(cost ? [dollars(cost)] : [])];
    this.used.textContent = facts.join(" · ");
    this.used.title = `This session has used ${inputTokens} tokens in and ${outputTokens} out${cost ? `, for ${dollars(cost)}` : ""}.`;
    this.root.hidden = false;
  }
}
