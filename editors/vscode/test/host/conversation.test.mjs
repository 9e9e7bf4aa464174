/** What is shown and kept of a session while another one is on its way. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { editor, load, settled } from "./editor.mjs";

const A = { sessionId: "A", projectId: "of A" };
const sessionOf = (name, more = {}) => ({ sessionId: name, projectId: `of ${name}`, name, head: `${name}-1`, messageCount: 1, ...more });
const opened = (name, more = {}) => ({
  session: sessionOf(name),
  messages: [{ messageId: `${name}-1`, turnId: `${name}-t`, role: "assistant", content: name }],
  ...more,
});

/** A server that answers a request when it is told to. */
class Server {
  #listeners = {};
  #waiting = [];
  status = { state: "ready" };

  on = (name, listener) => void (this.#listeners[name] = listener);
  tell = (name, params) => this.#listeners[name](params);

  request(method, params) {
    const answer = Promise.withResolvers();
    this.#waiting.push({ method, params, ...answer });
    return answer.promise;
  }

  /** What is asked and not answered yet, by one method. */
  asked = (method) => this.#waiting.filter((each) => each.method === method).map(({ params }) => params);

  /** Answer the first request of a method that says `of`, with the result or an error. */
  async answer(method, result, of = {}) {
    await settled();
    const says = (params) => Object.entries(of).every(([key, value]) => params[key] === value);
    const at = this.#waiting.findIndex((each) => each.method === method && says(each.params));
    assert.notEqual(at, -1, `${method} is not asked: ${JSON.stringify(this.#waiting)}`);
    const [{ resolve, reject }] = this.#waiting.splice(at, 1);
    result instanceof Error ? reject(result) : resolve(result);
    await settled();
  }
}

describe("a conversation", () => {
  let server;
  let posted;
  let conversation;

  /** B is chosen, and the server has answered what is in it. It has not closed A yet. */
  async function goToB(more = {}) {
    const going = conversation.goTo(async () => sessionOf("B"));
    await server.answer("SESSION_USE", sessionOf("B"));
    await server.answer("SESSION_OPEN", opened("B", more));
    return { going };
  }

  beforeEach(async () => {
    const { Conversation } = await load("chat/conversation.ts", editor().vscode);
    [server, posted] = [new Server(), []];
    const attachments = { take: () => [], add() {} };
    conversation = new Conversation(server, attachments, (message) => posted.push(message), { params: {}, agent: "" });
    const opening = conversation.open();
    await server.answer("SESSION_OPEN", opened("A"));
    await opening;
  });

  test("is not brought back by late news of the session that was left", async () => {
    server.tell("SESSION_CHANGED", { ...A, kind: "message", revision: 7 });
    const { going } = await goToB();
    await server.answer("SESSION_CLOSE", {});
    await going;
    await server.answer("SESSION_GET", sessionOf("A"));
    assert.equal(conversation.session.sessionId, "B");
    assert.equal(posted.at(-1).type, "session");
  });

  test("hears that an answer ends while the session before is being closed", async () => {
    const turn = { sessionId: "B", turnId: "t" };
    const { going } = await goToB({ running: { turnId: "t", updates: [{ ...turn, seq: 0, update: { type: "started", model: "m" } }] } });
    server.tell("CHAT_UPDATE", { ...turn, seq: 1, update: { type: "end", stopReason: "end_turn", citations: [], messageId: "B-2" } });
    await server.answer("SESSION_CLOSE", {});
    await going;
    assert.equal(posted.at(-1).type, "update");
    assert.equal(conversation.isRunning, false);
  });

  test("goes on in another session when the one before cannot be closed", async () => {
    const { going } = await goToB();
    const sending = conversation.send({ turnId: "t", text: "For B" });
    await server.answer("SESSION_CLOSE", new Error("It is gone."));
    await going;
    assert.deepEqual(server.asked("CHAT").map(({ sessionId }) => sessionId), ["B"]);
    await server.answer("CHAT", {});
    await sending;
  });

  test("is opened again at its next news when its last message was not among the others", async () => {
    const head = "A-2";
    const reopening = conversation.reopen();
    await server.answer("SESSION_OPEN", { ...opened("A"), session: sessionOf("A", { head }) });
    await reopening;
    server.tell("SESSION_CHANGED", { ...A, kind: "updated", revision: 9 });
    await server.answer("SESSION_GET", sessionOf("A", { head }));
    assert.deepEqual(server.asked("SESSION_OPEN"), [A]);
  });

  test("keeps what was typed with the session that it was typed in", async () => {
    const { going } = await goToB();
    const keeping = conversation.drafts.keep("A", "half a thought");
    assert.deepEqual(server.asked("SESSION_UPDATE"), [{ ...A, draft: "half a thought" }]);
    await server.answer("SESSION_UPDATE", {});
    await server.answer("SESSION_CLOSE", {});
    await Promise.all([keeping, going]);
  });

  test("does not leave behind as a draft what was sent to the session on its way", async () => {
    const going = conversation.goTo(async () => sessionOf("B"));
    const keeping = conversation.drafts.keep("A", "For B");
    const sending = conversation.send({ turnId: "t", text: "For B" }, "A");
    assert.deepEqual(server.asked("SESSION_UPDATE").map(({ draft }) => draft), ["For B", ""]);
    for (const method of ["SESSION_UPDATE", "SESSION_UPDATE"]) await server.answer(method, {});
    await server.answer("SESSION_USE", sessionOf("B"));
    await server.answer("SESSION_OPEN", opened("B"));
    await server.answer("SESSION_CLOSE", {});
    await Promise.all([keeping, going]);
    await server.answer("CHAT", {});
    await sending;
  });
});

describe("how full the context is", () => {
  let server;
  let posted;
  let shown;
  let fullness;
  const show = (name, more = {}) => Object.assign(shown, { session: sessionOf(name), address: { sessionId: name }, isRunning: false, ...more });

  beforeEach(async () => {
    const { Fullness } = await load("chat/fullness.ts", editor().vscode);
    [server, posted, shown] = [new Server(), [], { choices: { params: {} } }];
    fullness = new Fullness(server, shown, (message) => posted.push(message));
  });

  test("is not told of the session that was left, when its answer comes last", async () => {
    show("A");
    const refreshing = [fullness.refresh()];
    show("B");
    refreshing.push(fullness.refresh());
    await server.answer("PREVIEW", { tokens: 10, budget: 100 }, { sessionId: "B" });
    await server.answer("PREVIEW", { tokens: 99, budget: 100 }, { sessionId: "A" });
    await Promise.all(refreshing);
    assert.deepEqual(posted.map(({ tokens }) => tokens), [10]);
  });

  test("is told of the model that counts now, when the answer about another comes last", async () => {
    show("A", { choices: { params: { model: "small" } } });
    const refreshing = [fullness.refresh()];
    show("A", { choices: { params: { model: "large" } } });
    refreshing.push(fullness.refresh(true));
    await server.answer("PREVIEW", { tokens: 10, budget: 100 }, { model: "large" });
    await server.answer("PREVIEW", { tokens: 10, budget: 8 }, { model: "small" });
    await Promise.all(refreshing);
    assert.deepEqual(posted.map(({ budget }) => budget), [100]);
  });

  test("is asked about again when the session comes back before it was told", async () => {
    show("A");
    const refreshing = [fullness.refresh()];
    show("B", { isRunning: true });
    await server.answer("PREVIEW", { tokens: 99, budget: 100 });
    assert.deepEqual(posted, []);
    show("A");
    refreshing.push(fullness.refresh());
    await server.answer("PREVIEW", { tokens: 50, budget: 100 });
    await Promise.all(refreshing);
    assert.deepEqual(posted.map(({ tokens }) => tokens), [50]);
  });
});
