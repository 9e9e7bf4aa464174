/** Which sessions a key in the tree is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { editor, load, settled } from "./editor.mjs";

const lineOf = (name) => ({
  kind: "session",
  group: { id: "project", of: {} },
  session: { sessionId: name, name, messageCount: 1, createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" },
});

test("a key that is pressed twice at once is about nothing that was chosen besides", async () => {
  const [chosen, focused] = [lineOf("chosen"), lineOf("focused")];
  const { vscode } = editor();
  const view = { selection: [chosen] };
  const nothing = () => ({ dispose() {} });
  Object.assign(vscode.window, { createTreeView: () => view, onDidChangeActiveTextEditor: nothing });
  vscode.commands.executeCommand = async (command) => {
    assert.equal(command, "list.toggleSelection");
    await settled();
    view.selection = view.selection.includes(focused) ? [chosen] : [chosen, focused];
  };
  const { SessionTree } = await load("sessions/tree.ts", vscode);
  const tree = new SessionTree({ on: nothing, onDidChange: nothing }, { onDidChange: nothing });

  const both = await Promise.all([tree.atFocus(), tree.atFocus()]);
  assert.deepEqual(both, [[focused.session], []]);
  assert.deepEqual(view.selection, [chosen]);
  assert.deepEqual(await tree.atFocus(), [focused.session]);
});
