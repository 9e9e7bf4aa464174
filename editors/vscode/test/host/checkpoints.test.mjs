/** What is undone, when other things are done at the same time and when Git is late. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, describe, mock, test } from "node:test";
import { editor, EventEmitter, load, settled } from "./editor.mjs";

const [A, B] = ["file:///a.py", "file:///b.py"];
const hash = (text) => createHash("sha256").update(text).digest("hex");

/** Gives copies, as VS Code's does. */
function memento(value) {
  let kept = JSON.stringify(value);
  return { get: (_, other) => (kept ? JSON.parse(kept) : other), update: async (_, next) => void (kept = JSON.stringify(next)) };
}

describe("an undo", () => {
  let code;
  let kept;
  let checkpoints;
  const change = (address, text) =>
    checkpoints.around([code.vscode.Uri.parse(address)], async () => void code.texts.set(address, text));

  beforeEach(async () => {
    code = editor();
    kept = memento([]);
    const { Checkpoints } = await load("editor/checkpoints.ts", code.vscode);
    checkpoints = new Checkpoints(kept);
    [A, B].forEach((address) => code.texts.set(address, "before"));
  });

  test("leaves what is changed meanwhile to be undone next", async () => {
    await change(A, "after");
    const saving = Promise.withResolvers();
    code.saving = saving.promise;
    const undoing = checkpoints.undo();
    await settled();
    await change(B, "after");
    saving.resolve();
    await undoing;
    assert.deepEqual([...code.texts.values()], ["before", "after"]);
    await checkpoints.undo();
    assert.deepEqual([...code.texts.values()], ["before", "before"]);
    assert.deepEqual(code.said, ["a.py is as it was before.", "b.py is as it was before."]);
  });

  test("that is asked for twice at once takes two changes back", async () => {
    for (const address of [B, A]) await change(address, "after");
    await Promise.all([checkpoints.undo(), checkpoints.undo()]);
    assert.deepEqual(code.said, ["a.py is as it was before.", "b.py is as it was before."]);
    assert.deepEqual(kept.get(), []);
  });

  test("is not there for a change that changed nothing", async () => {
    assert.equal(await change(A, "before"), 0);
    await assert.rejects(checkpoints.undo(), /no change of an answer/);
  });
});

describe("an undo of what Git alone has", () => {
  let code;
  let kept;
  let git;
  let checkpoints;

  beforeEach(async () => {
    code = editor();
    code.texts.set(A, "after");
    kept = memento([[{ uri: A, before: hash("before"), after: hash("after") }]]);
    const scanned = new EventEmitter();
    const repository = { show: async () => "before" };
    git = { state: "uninitialized", repositories: [], getRepository: () => null, onDidChangeState: scanned.event };
    git.scan = () => {
      Object.assign(git, { state: "initialized", getRepository: () => repository });
      scanned.fire("initialized");
    };
    code.vscode.extensions.getExtension = () => ({ activate: async () => ({ enabled: true, getAPI: () => git }) });
    const { Checkpoints } = await load("editor/checkpoints.ts", code.vscode);
    checkpoints = new Checkpoints(kept);
  });

  test("waits until Git has looked for repositories", async () => {
    const undoing = checkpoints.undo();
    await settled();
    assert.equal(code.texts.get(A), "after");
    git.scan();
    await undoing;
    assert.equal(code.texts.get(A), "before");
  });

  test("is refused when that takes long, and can be asked for again", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const undoing = assert.rejects(checkpoints.undo(), /Git is still looking/);
      await settled();
      mock.timers.tick(60_000);
      await undoing;
    } finally {
      mock.timers.reset();
    }
    assert.equal(kept.get().length, 1);
    git.scan();
    await checkpoints.undo();
    assert.equal(code.texts.get(A), "before");
  });

  test("says what is lost when Git does not have it", async () => {
    git.scan();
    git.getRepository = () => null;
    await assert.rejects(checkpoints.undo(), /What was in a\.py before is not known/);
    assert.deepEqual(kept.get(), []);
  });
});
