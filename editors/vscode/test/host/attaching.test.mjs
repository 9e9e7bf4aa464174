/** What of an attached file goes along. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { editor, load } from "./editor.mjs";

const LARGEST = 10 * 1024 * 1024;

test("a picture that the server would refuse is not read", async () => {
  const { vscode, texts } = editor();
  texts.set("file:///small.png", "x".repeat(LARGEST));
  texts.set("file:///large.png", "x".repeat(LARGEST + 1));
  const { attach } = await load("chat/attaching.ts", vscode);
  const added = [];
  await attach({ add: (...items) => added.push(...items) }, [...texts.keys()].map(vscode.Uri.parse));
  const [small, large] = added;
  assert.equal(Buffer.from(small.data, "base64").length, LARGEST);
  assert.deepEqual(large, { uri: "file:///large.png" });
});
