/** A turn that is not stored yet: its question and its answer, as they are drawn. */

import type { MarkdownIt } from "markdown-it";
import type { End, Message, Session } from "../generated/protocol";
import { AnswerView } from "./answer";
import type { Item } from "./item";
import { QuestionView } from "./question";

export class Turn {
  /** The last update that was drawn; -1: none yet. */
  seq = -1;
  readonly answer: AnswerView;
  readonly answerItem: Item;
  questionItem: Item | undefined;
  /** The question is stored, and stays whatever becomes of the answer. */
  asksAgain = false;

  constructor(
    readonly turnId: string,
    markdown: MarkdownIt,
    /** What was asked, before the server has told it. */
    readonly text?: string,
  ) {
    this.answer = new AnswerView(markdown, turnId);
    this.answerItem = { root: this.answer.root };
    if (text !== undefined) this.questionItem = { root: new QuestionView(text).root };
    this.answer.begin();
  }

  get items(): Item[] {
    return this.questionItem ? [this.questionItem, this.answerItem] : [this.answerItem];
  }

  /** The answer is stored: what its message says, but for what only the element shows. */
  end(end: End): void {
    this.answer.end(end);
    if (end.messageId === undefined) return;
    const question = this.questionItem?.messageId;
    this.answerItem.messageId = end.messageId;
    this.answerItem.live = true;
    this.answerItem.message = {
      messageId: end.messageId,
      ...(question === undefined ? {} : { parentId: question }),
      turnId: this.turnId,
      role: "assistant",
      source: "chat",
      content: this.answer.text,
      citations: end.citations,
      usage: end.usage,
      stopReason: end.stopReason,
      createdAt: new Date().toISOString(),
    };
  }
}

/** The text of an answer that the server's end cut off: as it stood here, or as the session kept it; with its turn. */
export function interrupted(
  session: Session,
  messages: Message[],
  turn: Turn | undefined,
): { text: string; turnId: string } | undefined {
  const mark = session.metadata["interrupted"] as { turnId?: unknown; text?: unknown } | undefined;
  const kept = session.draft && typeof mark?.text === "string" ? mark.text : "";
  const seen = turn && turn.seq >= 0 && !messages.some((each) => each.turnId === turn.turnId) ? turn.answer.text : "";
  const text = seen.length > kept.length ? seen : kept;
  return text === "" ? undefined : { text, turnId: turn?.turnId ?? String(mark?.turnId) };
}
