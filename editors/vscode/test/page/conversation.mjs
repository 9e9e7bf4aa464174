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
