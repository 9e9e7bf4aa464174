/** One answer: thoughts, text, what it cites, what it took. Stored and streaming ones are drawn by the same code. */

import type { MarkdownIt } from "markdown-it";
import type { Citation, End, Message, StopReason, Update, Usage } from "../generated/protocol";
import { versionsOf } from "./branches";
import { Citations } from "./citations";
import { element, icon, iconButton } from "./element";
import { dollars, short, written } from "./numbers";
import { offerMenu } from "./remember";
import { MarkdownStream } from "./stream";
import { ToolCalls } from "./tool-calls";
import { l10n } from "./words";

const STOPPED: Partial<Record<StopReason, string>> = {
  cancelled: l10n.t("Stopped."),
  max_tokens: l10n.t("Cut off: the answer reached the most tokens that are allowed."),
  limit: l10n.t("Cut off: a limit was reached."),
  refusal: l10n.t("The model declined to answer."),
  approval: l10n.t("Waiting for a decision."),
};

/** What stands before the name in a model's full name; the tooltip has all of it. */
const PROVIDER = /^(?:openai-compatible|ollama|openai|anthropic|google|lmstudio):/;

/** An answer on the page. `root` is its element. */
export class AnswerView {
  readonly root: HTMLElement;
  private readonly body = element("div", { class: "answer" });
  private readonly progress = element("div", { class: "progress" });
  private readonly stream: MarkdownStream;
  private readonly citations = new Citations();
  private readonly calls = new ToolCalls();
  private thoughts: Text | undefined;
  private model: string | undefined;
  private versions: HTMLElement | undefined;

  constructor(
    markdown: MarkdownIt,
    readonly turnId: string,
  ) {
    this.stream = new MarkdownStream(this.body, markdown);
    const parts = [this.calls.root, this.body, this.citations.root, this.calls.cards];
    this.root = element("article", { class: "turn assistant", "aria-label": l10n.t("Answer") }, ...parts);
  }

  /** An answer that is stored. */
  static of(message: Message, markdown: MarkdownIt): AnswerView {
    const view = new AnswerView(markdown, message.turnId);
    view.stream.show(message.content);
    view.model = message.model;
    view.calls.show(message.toolCalls ?? []);
    view.versions = versionsOf(message);
    view.close(message.messageId, message.stopReason, message.usage, message.citations);
    return view;
  }

  /** The part of an answer whose turn did not come to an end. */
  static cutOff(text: string, turnId: string, markdown: MarkdownIt): AnswerView {
    const view = new AnswerView(markdown, turnId);
    view.stream.show(text);
    view.root.classList.add("failed");
    view.note(l10n.t("Cut off when the server ended, and not stored."));
    return view;
  }

  /** All of the answer's Markdown so far. */
  get text(): string {
    return this.stream.text;
  }

  /** Show that the answer is being made. */
  begin(): void {
    this.root.classList.add("running", "grown");
    this.root.setAttribute("aria-busy", "true");
    this.say(l10n.t("Working"));
    this.root.append(this.progress);
  }

  /** Take one update of the running turn, except its end. */
  take(update: Update): void {
    this.progress.classList.toggle("flowing", update.type === "text");
    switch (update.type) {
      case "started":
        this.model = update.model;
        break;
      case "text":
        this.say(l10n.t("Answering"));
        this.stream.append(update.text);
        break;
      case "thought":
        this.say(l10n.t("Thinking"));
        this.think(update.text);
        break;
      case "status":
        this.say(update.message);
        break;
      case "citation":
        this.citations.add([update.citation]);
        break;
      case "tool_call":
        this.calls.begin(update);
        this.say(l10n.t("Calling {0}", update.name));
        break;
      case "approval":
        this.calls.ask(update.callId);
        this.say(l10n.t("Waiting for your decision"));
        break;
      case "tool_update":
        this.calls.update(update);
        this.say(this.calls.isWaiting ? l10n.t("Waiting for your decision") : l10n.t("Working"));
        break;
    }
  }

  /** The turn is over. One that failed is stored when something was done in it. */
  end(end: End): void {
    this.stream.finish();
    this.calls.close();
    this.progress.remove();
    this.root.classList.remove("running");
    this.root.removeAttribute("aria-busy");
    if (end.error && end.messageId === undefined) {
      this.root.classList.add("failed");
      this.note(l10n.t("This part was not stored."));
    } else {
      this.close(end.messageId, end.stopReason, end.usage, end.citations);
    }
  }

  /** The citation whose label is this text. */
  citation(label: string): Citation | undefined {
    return this.citations.find(label);
  }

  private close(messageId?: string, reason?: StopReason, usage?: Usage, citations?: Citation[]): void {
    if (messageId !== undefined) this.root.dataset.messageId = messageId;
    this.citations.add(citations ?? []);
    const stopped = reason && STOPPED[reason];
    if (stopped) this.note(stopped);
    const facts = element(
      "span",
      { class: "facts", title: factsInFull(this.model, usage) },
      briefFacts(this.model, usage),
    );
    const copy = iconButton("copy", l10n.t("Copy answer"), { "data-act": "copy-answer" });
    const remember = iconButton("bookmark", l10n.t("Remember this"), { "data-act": "remember" });
    const isStored = messageId !== undefined;
    const ofText = this.text === "" ? [] : [copy, ...(isStored ? [remember] : [])];
    const isSeveral = isStored && this.body.querySelectorAll(".code[data-fence]").length > 1;
    const all = isSeveral ? [iconButton("diff", l10n.t("Apply all changes"), { "data-act": "apply-all" })] : [];
    const again = isStored
      ? [
          iconButton("refresh", l10n.t("Regenerate"), { "data-act": "regenerate" }),
          iconButton("chevron-down", l10n.t("Regenerate with another model"), { "data-act": "regenerate-with" }),
        ]
      : [];
    this.root.append(element("div", { class: "foot" }, ...ofText, ...all, ...again, this.versions, facts));
    if (isStored) offerMenu(this.root, messageId, "answer");
  }

  private think(text: string): void {
    if (!this.thoughts) {
      this.thoughts = document.createTextNode("");
      const summary = element("summary", {}, icon("chevron-right"), l10n.t("Thoughts"));
      this.root.prepend(element("details", { class: "thoughts" }, summary, element("div", {}, this.thoughts)));
    }
    this.thoughts.appendData(text);
  }

  private say(status: string): void {
    if (this.progress.textContent === status) return;
    this.progress.replaceChildren(
      element("span", { class: "pulse", "aria-hidden": "true" }),
      element("span", {}, status),
    );
  }

  private note(text: string): void {
    this.root.append(element("div", { class: "note" }, icon("info"), element("span", {}, text)));
  }
}

function briefFacts(model?: string, usage?: Usage): string {
  const tokens =
    usage && usage.inputTokens + usage.outputTokens > 0
      ? l10n.t("{0} in, {1} out", short(usage.inputTokens), short(usage.outputTokens))
      : undefined;
  const cost = usage?.cost ? dollars(usage.cost) : undefined;
  return [model?.replace(PROVIDER, ""), tokens, cost, seconds(usage)].filter(Boolean).join(" · ");
}

function factsInFull(model?: string, usage?: Usage): string {
  if (!usage) return model ?? "";
  const cost = usage.cost === undefined ? [] : [dollars(usage.cost)];
  const facts = [l10n.t("{0} tokens in", usage.inputTokens), l10n.t("{0} tokens out", usage.outputTokens), l10n.t("{0} s", written(usage.seconds, 1))];
  return [...(model ? [model] : []), ...facts, ...cost].join("\n");
}

function seconds(usage?: Usage): string | undefined {
  return usage && usage.seconds >= 0.1 ? l10n.t("{0} s", written(usage.seconds, usage.seconds < 10 ? 1 : 0)) : undefined;
}
