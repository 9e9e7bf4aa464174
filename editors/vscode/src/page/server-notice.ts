/** Tells when the server is not ready: a line above the input, or a page of its own when there is no server. */

import type { ToPage } from "../panel/messages";
import { element, icon } from "./element";
import { actionButton, prose } from "./failure";
import { l10n } from "./words";

type Status = Extract<ToPage, { type: "status" }>;

const TITLES: Record<Status["state"], string> = {
  starting: l10n.t("Starting the server…"),
  ready: "",
  restarting: l10n.t("The server ended. Starting it again…"),
  stopped: l10n.t("The server has stopped."),
  missing: l10n.t("Rejoinder's server was not found"),
};

export class ServerNotice {
  /** Hidden while the server is ready. `role="status"` lets a screen reader tell it in its own time. */
  readonly root = element("div", { class: "server", role: "status", hidden: true });

  show({ state, detail, hint, actions = [] }: Status): void {
    this.root.hidden = state === "ready";
    if (this.root.hidden) return;
    const busy = state === "starting" || state === "restarting";
    const buttons = actions.map((action) => actionButton(action));
    for (const other of buttons.slice(1)) other.classList.add("secondary");
    this.root.replaceChildren(
      icon(busy ? "loading" : state === "missing" ? "plug" : "warning"),
      element(
        "div",
        { class: "server-text" },
        element(state === "missing" ? "h2" : "p", { class: "what" }, TITLES[state]),
        ...(detail ? [element("p", { class: "detail" }, ...prose(detail))] : []),
        ...(hint ? [element("p", { class: "hint" }, ...prose(hint))] : []),
        ...(buttons.length > 0 ? [element("div", { class: "actions" }, ...buttons)] : []),
      ),
    );
  }
}
