/** A commit's message, and what its user types while the model writes it. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { editor, load, settled } from "./editor.mjs";

describe("a commit message", () => {
  let inputBox;
  let commit;
  let asked;
  let undo;

  beforeEach(async () => {
    const { vscode } = editor();
    [inputBox, asked] = [{ value: "For #7" }, Promise.withResolvers()];
    const repository = { rootUri: vscode.Uri.file("/p"), inputBox, diff: async () => "diff" };
    const git = { enabled: true, getAPI: () => ({ state: "initialized", repositories: [repository] }) };
    vscode.extensions.getExtension = () => ({ activate: async () => git });
    vscode.ProgressLocation = {};
    vscode.window.withProgress = (_, step) => step({}, { isCancellationRequested: false });
    vscode.window.showInformationMessage = (_, label) => new Promise((resolve) => (undo = async () => (resolve(label), await settled())));
    const answers = {
      MODELS: async () => ({ current: "m", models: [{ id: "m", name: "m" }] }),
      ASK: ({ text }) => new Promise((resolve) => asked.resolve({ text, answer: (words) => resolve({ text: words, stopReason: "end_turn" }) })),
    };
    const { CommitMessage } = await load("commit/message.ts", vscode);
    commit = new CommitMessage({ request: (method, params) => answers[method](params) });
  });

  test("takes the place of what it was asked with, and Undo brings that back", async () => {
    const writing = commit.write();
    const { text, answer } = await asked.promise;
    assert.equal(text, "For #7");
    answer("Mend the pool");
    await writing;
    assert.equal(inputBox.value, "Mend the pool");
    await undo();
    assert.equal(inputBox.value, "For #7");
  });

  test("leaves what was typed meanwhile below it, and Undo brings that back", async () => {
    const writing = commit.write();
    const { answer } = await asked.promise;
    inputBox.value = "For #7 and #8";
    answer("Mend the pool");
    await writing;
    assert.equal(inputBox.value, "Mend the pool\n\nFor #7 and #8");
    await undo();
    assert.equal(inputBox.value, "For #7 and #8");
  });

  test("that is asked for twice at once is written once", async () => {
    const first = commit.write();
    const one = await asked.promise;
    asked = Promise.withResolvers();
    const second = commit.write();
    const other = await asked.promise;
    one.answer("Mend the pool");
    await first;
    other.answer("Repair the pool");
    await second;
    assert.equal(inputBox.value, "Repair the pool");
  });
});
