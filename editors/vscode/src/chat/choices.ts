/** How the next answers are made: by which agent, and with how much thought. */

import * as vscode from "vscode";

import type { ChatParams, ModelSettings } from "../generated/protocol";
import type { ToPage } from "../panel/messages";

export type Effort = NonNullable<ModelSettings["effort"]>;

const EFFORT = "rejoinder.effort";

/**
 * What was chosen. An empty agent is none; without an effort the model's own counts. The effort is kept with the
 * workspace; agents may be a session's own.
 */
export class Choices {
  private answering = "";

  constructor(
    private readonly kept: vscode.Memento,
    private readonly post: (message: ToPage) => void,
  ) {}

  get agent(): string {
    return this.answering;
  }

  set agent(name: string) {
    this.answering = name;
    this.tell();
  }

  get effort(): Effort | undefined {
    return this.kept.get<Effort>(EFFORT);
  }

  set effort(effort: Effort | undefined) {
    void this.kept.update(EFFORT, effort);
    this.tell();
  }

  /** What a chat says of it. */
  get params(): Pick<ChatParams, "agent" | "settings"> {
    const { effort } = this;
    return {
      ...(this.answering ? { agent: this.answering } : {}),
      ...(effort ? { settings: { effort } } : {}),
    };
  }

  /** Tell the page. */
  tell(): void {
    const { effort } = this;
    this.post({ type: "choices", agent: this.answering, ...(effort ? { effort } : {}) });
  }
}

/** Let the user choose how long the model thinks before it answers. */
export async function chooseEffort(choices: Choices): Promise<void> {
  const item = (label: string, detail: string, effort?: Effort) => ({
    label: `${effort === choices.effort ? "$(check) " : ""}${label}`,
    detail,
    effort,
  });
  const items = [
    item(vscode.l10n.t("As the model has it"), vscode.l10n.t("The request says nothing about it.")),
    item(vscode.l10n.t("Minimal"), vscode.l10n.t("The quickest answer."), "minimal"),
    item(vscode.l10n.t("Low"), vscode.l10n.t("A short thought."), "low"),
    item(vscode.l10n.t("Medium"), vscode.l10n.t("Between the two."), "medium"),
    item(vscode.l10n.t("High"), vscode.l10n.t("The longest thought: slower, and it costs more."), "high"),
  ];
  const title = vscode.l10n.t("Choose the effort");
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t("How much thought goes before an answer?") });
  if (picked) {
    choices.effort = picked.effort;
  }
}
