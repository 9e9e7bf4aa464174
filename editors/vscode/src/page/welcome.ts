/** What an empty conversation shows: what this is, and what to try. */

import { element, icon, textButton } from "./element";
import { actionButton } from "./failure";
import { l10n } from "./words";

const TRY: readonly [label: string, text: string][] = [
  [l10n.t("What does this project do?"), l10n.t("What does this project do?")],
  [l10n.t("Explain the selected code"), "/explain @selection "],
  [l10n.t("Review my changes"), "/review @diff "],
];

/** The empty state. `fill` puts a text into the input. */
export class Welcome {
  readonly root: HTMLElement;
  private readonly noModel = element(
    "div",
    { class: "no-model", hidden: true },
    element("p", {}, l10n.t("No model is set. Until one is, answers quote the passages of your project that fit best.")),
    actionButton({ label: l10n.t("Choose a model"), command: "rejoinder.chooseModel" }),
  );

  constructor(fill: (text: string) => void) {
    const tries = TRY.map(([label, text]) => {
      const button = textButton(label, { class: "try" });
      button.addEventListener("click", () => fill(text));
      return element("li", {}, button);
    });
    this.root = element(
      "div",
      { class: "welcome" },
      icon("comment-discussion"),
      element("h2", {}, l10n.t("Ask about this project")),
      element("p", {}, l10n.t("Sessions are kept with the project. Go on with them in any editor, or in the terminal.")),
      element("ul", { class: "tries", "aria-label": l10n.t("Things to try") }, ...tries),
      this.noModel,
    );
  }

  /** Say how to set a model when none is: when the name is empty. */
  set model(name: string) {
    this.noModel.hidden = name !== "";
  }
}
