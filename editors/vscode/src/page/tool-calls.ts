/** The tool calls of an answer: folded, with what they were given and what came of them. */

import type { ToolCall, Update } from "../generated/protocol";
import { ApprovalCard } from "./approval";
import { argumentsOf, brief, visible } from "./arguments";
import { element, icon } from "./element";
import { l10n } from "./words";

type Started = Extract<Update, { type: "tool_call" }>;
type Progress = Extract<Update, { type: "tool_update" }>;

const ICONS: Record<string, string> = { done: "check", waiting: "question", allowed: "loading", running: "loading" };
const FAILED = "circle-slash";
/** What is said beside the name; what is done speaks for itself. */
const WORDS: Record<string, string> = {
  waiting: l10n.t("waiting for you"),
  allowed: l10n.t("running"),
  running: l10n.t("running"),
  done: "",
  failed: l10n.t("failed"),
  denied: l10n.t("denied"),
  cancelled: l10n.t("cancelled"),
  interrupted: l10n.t("interrupted"),
};

/** A list of calls. `root` holds the folded ones, `cards` those that wait for a decision. */
export class ToolCalls {
  readonly root = element("ul", { class: "tools", "aria-label": l10n.t("Tool calls"), hidden: true });
  readonly cards = element("div", { class: "approvals" });
  private readonly views = new Map<string, CallView>();

  get isWaiting(): boolean {
    return this.cards.firstElementChild !== null;
  }

  /** Show calls that are stored. */
  show(calls: readonly ToolCall[]): void {
    for (const call of calls) this.view(call).set(call.status, call.output);
  }

  begin({ callId, name, args, needsApproval }: Started): void {
    this.view({ callId, name, args }).set(needsApproval ? "waiting" : "running");
  }

  /** A call waits: ask. */
  ask(callId: string): void {
    const view = this.views.get(callId);
    if (!view || view.card) return;
    view.set("waiting");
    view.card = new ApprovalCard(callId, view.name, view.args);
    this.cards.append(view.card.root);
  }

  update({ callId, status, output, args }: Progress): void {
    const view = this.views.get(callId);
    if (!view) return;
    if (status !== "waiting") view.decided();
    view.set(status, output, args);
  }

  /** The turn is over: nothing is asked any more. */
  close(): void {
    for (const view of this.views.values()) view.decided();
  }

  private view(call: Pick<ToolCall, "callId" | "name" | "args">): CallView {
    const known = this.views.get(call.callId);
    if (known) return known;
    const view = new CallView(call.name, call.args);
    this.views.set(call.callId, view);
    this.root.hidden = false;
    this.root.append(view.root);
    return view;
  }
}

class CallView {
  card: ApprovalCard | undefined;
  private readonly state = element("span", { class: "state" });
  private readonly glyph = icon("loading");
  private readonly hint = element("span", { class: "call-args" });
  private readonly given = element("div");
  private readonly output = element("pre", { class: "output", tabindex: "0", "aria-label": l10n.t("Output"), hidden: true });
  private readonly details: HTMLDetailsElement;
  readonly root: HTMLElement;

  constructor(
    readonly name: string,
    public args: ToolCall["args"],
  ) {
    const title = element("span", { class: "call-name" }, visible(name));
    const summary = element("summary", {}, icon("chevron-right"), this.glyph, title, this.hint, this.state);
    this.details = element("details", { class: "call" }, summary, this.given, this.output);
    this.root = element("li", {}, this.details);
    this.draw();
  }

  set(status: string, output?: string, args?: ToolCall["args"]): void {
    if (args) {
      this.args = args;
      this.draw();
    }
    this.details.dataset.status = status;
    this.glyph.className = `icon icon-${ICONS[status] ?? FAILED}`;
    this.state.textContent = WORDS[status] ?? status;
    if (output !== undefined) {
      this.output.textContent = output === "" ? l10n.t("(nothing)") : visible(output);
      this.output.hidden = false;
    }
  }

  decided(): void {
    this.card?.remove();
    this.card = undefined;
  }

  private draw(): void {
    this.hint.textContent = brief(this.args);
    this.given.replaceChildren(argumentsOf(this.args));
  }
}
