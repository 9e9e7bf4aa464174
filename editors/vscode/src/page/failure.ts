/** What went wrong, and one thing to do. */

import type { Action } from "../panel/messages";
import { element, icon, iconButton, textButton } from "./element";
import { l10n } from "./words";

/** A card that is read out at once. Its button runs `action`'s command. */
export function failureCard(message: string, hint?: string, action?: Action): HTMLElement {
  const close = iconButton("close", l10n.t("Dismiss"), { "data-act": "dismiss" });
  return element(
    "div",
    { class: "failure", role: "alert" },
    icon("error"),
    element(
      "div",
      { class: "failure-text" },
      element("p", { class: "what" }, ...prose(message)),
      ...(hint ? [element("p", { class: "hint" }, ...prose(hint))] : []),
      ...(action ? [actionButton(action)] : []),
    ),
    close,
  );
}

/** A button that runs a command of the extension. */
export function actionButton(action: Action): HTMLButtonElement {
  return textButton(action.label, { "data-command": action.command });
}

/** A sentence in which what stands in backticks is code. */
export function prose(text: string): (Node | string)[] {
  return text.split(/`([^`\n]+)`/).map((part, at) => (at % 2 === 1 ? element("code", {}, part) : part));
}
