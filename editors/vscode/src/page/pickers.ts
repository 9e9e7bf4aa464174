/** The buttons in the composer's bar that say who answers, and how. */

import { element } from "./element";
import { l10n } from "./words";

/** Names of efforts as people read them. */
const EFFORTS: Record<string, string> = {
  minimal: l10n.t("Minimal effort"),
  low: l10n.t("Low effort"),
  medium: l10n.t("Medium effort"),
  high: l10n.t("High effort"),
};

export class Pickers {
  private readonly agent = picker("chooseAgent", "agent");
  private readonly model = picker("chooseModel", "which");
  private readonly effort = picker("chooseEffort", "effort");
  readonly all = [this.agent, this.model, this.effort];

  constructor() {
    this.effortName = undefined;
  }

  /** The model in use, as people read it; empty when none is set. */
  set modelName(name: string) {
    this.model.textContent = name || l10n.t("No model");
    this.model.title = name ? l10n.t("Model: {0}. Choose another", name) : l10n.t("Choose a model");
    this.model.hidden = false;
    this.effort.hidden = name === "";
  }

  /** The agent that answers; empty when none was chosen. */
  set agentName(name: string) {
    this.agent.textContent = name;
    this.agent.title = l10n.t("Agent: {0}. Choose another", name);
    this.agent.hidden = name === "";
  }

  /** How much thought goes before an answer; undefined: as the model has it. */
  set effortName(effort: string | undefined) {
    const name = effort === undefined ? l10n.t("Effort") : (EFFORTS[effort] ?? effort);
    this.effort.textContent = name;
    this.effort.title = l10n.t("Choose the effort");
  }
}

function picker(command: string, kind: string): HTMLButtonElement {
  const attributes = { type: "button", class: `model ${kind}`, "data-command": `rejoinder.${command}`, hidden: true };
  return element("button", attributes);
}
