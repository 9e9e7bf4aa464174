/** Search over everything that was said. */

import * as vscode from "vscode";

import { failureOf, show } from "../failures";
import type { Hit } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Conversation } from "./conversation";
import type { Sessions } from "./sessions";
import { since } from "./words";

interface Item extends vscode.QuickPickItem {
  hit?: Hit;
}

const MOST = 50;
/** Milliseconds without typing after which is searched. */
const PAUSE_MS = 120;
const WAIT_SECONDS = 1;
const WHERE: Record<string, vscode.QuickInputButton> = {
  project: { iconPath: new vscode.ThemeIcon("folder"), tooltip: vscode.l10n.t("This project is searched; search all projects") },
  all: { iconPath: new vscode.ThemeIcon("globe"), tooltip: vscode.l10n.t("All projects are searched; search this one alone") },
};
const ROLES: Record<string, string> = {
  user: vscode.l10n.t("you"),
  assistant: vscode.l10n.t("answer"),
  system: vscode.l10n.t("instructions"),
  tool: vscode.l10n.t("tool"),
};

/** A list that is searched while one types; a choice opens the session at its message. */
export class Search {
  private everywhere = false;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly sessions: Sessions,
  ) {}

  pick(): void {
    const picker = vscode.window.createQuickPick<Item>();
    picker.title = vscode.l10n.t("Search What Was Said");
    picker.matchOnDescription = picker.matchOnDetail = true;
    let timer: NodeJS.Timeout | undefined;
    let cancel: vscode.CancellationTokenSource | undefined;
    const search = () => {
      cancel?.cancel();
      cancel = new vscode.CancellationTokenSource();
      void this.search(picker, cancel.token);
    };
    const arrange = () => {
      picker.buttons = [WHERE[this.everywhere ? "all" : "project"]!];
      picker.placeholder = this.everywhere
        ? vscode.l10n.t("All projects: words or a question; \"as written\", -without, begin*, role:user, since:7d, file:…, in:SESSION")
        : vscode.l10n.t("This project: words or a question; \"as written\", -without, begin*, role:user, since:7d, file:…, in:SESSION");
    };
    arrange();
    picker.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(search, PAUSE_MS);
    });
    picker.onDidTriggerButton(() => {
      this.everywhere = !this.everywhere;
      arrange();
      search();
    });
    picker.onDidAccept(() => {
      const hit = picker.selectedItems[0]?.hit;
      if (hit) {
        picker.hide();
        void this.open(hit);
      }
    });
    picker.onDidHide(() => {
      clearTimeout(timer);
      cancel?.cancel();
      picker.dispose();
    });
    picker.show();
  }

  private async search(picker: vscode.QuickPick<Item>, cancel: vscode.CancellationToken): Promise<void> {
    const query = picker.value.trim();
    if (query === "") {
      picker.items = [];
      return;
    }
    picker.busy = true;
    const where = this.everywhere ? { allProjects: true } : {};
    try {
      const found = await this.server.request(
        "SEARCH",
        { query, sources: ["message"], mode: "both", filters: true, limit: MOST, waitSeconds: WAIT_SECONDS, ...where },
        cancel,
      );
      if (!cancel.isCancellationRequested) {
        const isReading = found.complete === false;
        picker.items = itemsOf(found.hits, isReading);
        picker.busy = isReading;
        if (isReading) {
          void this.search(picker, cancel);
        }
      }
    } catch (error) {
      if (!cancel.isCancellationRequested) {
        const { message, hint } = failureOf(error);
        picker.items = [{ label: message, alwaysShow: true, ...(hint ? { detail: hint } : {}) }];
        picker.busy = false;
      }
    }
  }

  private async open({ sessionId, projectId, messageId }: Hit): Promise<void> {
    try {
      await this.sessions.goTo(sessionId!, projectId);
      if (messageId) {
        this.conversation.reveal(messageId);
      }
    } catch (error) {
      await show(error);
    }
  }
}

function itemsOf(hits: readonly Hit[], isReading: boolean): Item[] {
  const note = isReading ? [{ label: `$(loading~spin) ${vscode.l10n.t("Still reading what was said before…")}`, alwaysShow: true }] : [];
  if (!hits.length && !isReading) {
    return [{ label: vscode.l10n.t("Nothing was said about that."), alwaysShow: true }];
  }
  return [...note, ...hits.map(itemOf)];
}

/** What was found is shown as it is: the server has judged it already. */
function itemOf(hit: Hit): Item {
  const words = [
    ROLES[hit.role ?? ""] ?? "",
    hit.createdAt ? since(hit.createdAt) : "",
    hit.archived ? vscode.l10n.t("archived") : "",
  ];
  return {
    label: (hit.snippet?.text ?? hit.text).replace(/\s+/g, " ").replace(/\$\(/g, "$\u200b("),
    description: words.filter(Boolean).join(" · "),
    detail: `$(comment-discussion) ${hit.sessionName ?? ""}`,
    alwaysShow: true,
    hit,
  };
}
