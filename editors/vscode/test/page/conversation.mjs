/** Sessions, messages and updates as the extension passes them on. */

const USAGE = { inputTokens: 1240, outputTokens: 310, seconds: 4.2 };
const WHEN = "2026-01-05T10:00:00Z";

export const READY = { type: "status", state: "ready", model: "qwen3" };

export function session(messages = [], more = {}) {
  const { sessionId = "s1", running, older = false, ...fields } = more;
  const kept = {
    sessionId,
    projectId: "p1",
    name: "plans",
    scope: "workspace",
    current: true,
    pinned: false,
    archived: false,
    createdAt: WHEN,
    updatedAt: WHEN,
    messageCount: messages.length,
    revision: 1,
    metadata: {},
    usage: USAGE,
    ...fields,
  };
  return { type: "session", session: kept, messages, more: older, ...(running ? { running } : {}) };
}

export function question(content, more = {}) {
  return {
    messageId: `q-${content.slice(0, 12)}`,
    turnId: `t-${content.slice(0, 12)}`,
    role: "user",
    source: "chat",
    content,
    createdAt: WHEN,
    ...more,
  };
}

export function answer(content, more = {}) {
  return {
    messageId: `a-${content.slice(0, 12)}`,
    turnId: `t-${content.slice(0, 12)}`,
    role: "assistant",
    source: "chat",
    content,
    createdAt: WHEN,
    model: "qwen3",
    usage: USAGE,
    stopReason: "end_turn",
    citations: [],
    ...more,
  };
}

export function call(name, args, more = {}) {
  return { callId: `c-${name}`, name, args, status: "done", output: "It is done.", ...more };
}

/** A picture of one pixel. */
export const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export function citation(path, first, last = first) {
  const range = { start: { line: first - 1, character: 0 }, end: { line: last, character: 0 } };
  return {
    uri: `file:///project/${path}`,
    range,
    label: last === first ? `${path}:${first}` : `${path}:${first}-${last}`,
  };
}

/** The updates of one turn, numbered. */
export class Turn {
  constructor(turnId = "t1") {
    this.turnId = turnId;
    this.seq = 0;
  }

  update(update) {
    return { type: "update", at: 0, sessionId: "s1", turnId: this.turnId, seq: this.seq++, update };
  }

  begin(text = "What is this?") {
    const message = question(text, { messageId: `q-${this.turnId}`, turnId: this.turnId });
    return [
      this.update({ type: "started", model: "qwen3", sessionId: "s1" }),
      this.update({ type: "user_message", message }),
    ];
  }

  /** A tool call that waits for the user. */
  asks(callId, name, args) {
    return [
      this.update({ type: "tool_call", callId, name, args, needsApproval: true }),
      this.update({ type: "approval", callId }),
    ];
  }

  text(text) {
    return this.update({ type: "text", text });
  }

  end(more = {}) {
    return this.update({
      type: "end",
      stopReason: "end_turn",
      messageId: `a-${this.turnId}`,
      usage: USAGE,
      citations: [],
      ...more,
    });
  }
}

const SAID = "An answer with `code`, **bold** words and a path, src/pool.py:4, as long as answers are.";

/** A session of 5,000 messages, of which the page gets the newest, and others when it asks for them. */
export class History {
  constructor(chat, count = 5000, said = SAID) {
    this.chat = chat;
    this.answered = 0;
    this.messages = Array.from({ length: count }, (_, at) => {
      const id = { messageId: `m${at}`, turnId: `t${at >> 1}`, ...(at > 0 ? { parentId: `m${at - 1}` } : {}) };
      const parts = Array.from({ length: 1 + ((at * 7) % 5) }, (_, part) => `${said} (${part})`);
      return at % 2 === 0 ? question(`Question ${at}?`, id) : answer(`Answer ${at}.\n\n${parts.join("\n\n")}`, id);
    });
  }

  /** Tell the page of the session, as the extension does when it is opened. */
  show(more = {}) {
    const kept = session(this.messages.slice(-50), { older: this.messages.length > 50, messageCount: this.messages.length });
    return this.chat.tell(READY, { ...kept, ...more });
  }

  /** Answer what the page has asked for. Answers whether it has asked for anything. */
  async answer() {
    const asked = (await this.chat.posted("older")).slice(this.answered);
    for (const { before, limit = 50 } of asked) {
      const at = this.messages.findIndex(({ messageId }) => messageId === before);
      const from = Math.max(at - limit, 0);
      await this.chat.tell({ type: "older", messages: this.messages.slice(from, at), more: from > 0 });
    }
    this.answered += asked.length;
    return asked.length > 0;
  }

  /** Answer until nothing more is asked for. */
  async answerAll() {
    do await this.chat.drawn();
    while (await this.answer());
  }
}

/** Tell of a question that has been asked in two ways, what its prompt had in it, and edit it. */
export async function tellBranches(chat, [asked, said]) {
  const usage = { inputTokens: 12000, outputTokens: 900, seconds: 1, cost: 0.0123 };
  const siblings = [asked.messageId, "q-other"];
  const both = [
    { ...asked, siblings },
    { ...said, siblings: ["a-other", said.messageId] },
  ];
  await chat.tell(READY, session(both), { type: "context", tokens: 7400, budget: 8000, usage });
  await chat.tell({ type: "choices", agent: "writer", effort: "high" }, { type: "do", act: "edit", messageId: asked.messageId });
  await chat.page.getByRole("button", { name: "Edit and resend" }).focus();
}
