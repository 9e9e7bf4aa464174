/** What the chat page can look like, for checks that look at all of it. */
import { answer, call, citation, PIXEL, question, READY, session, tellBranches, Turn } from "./conversation.mjs";

const TALK = session([
  question("How is it stored?", { attachments: [{ uri: "file:///project/journal.py" }] }),
  answer("# As lines\n\nSee [this](https://ok.test) and `journal.py:4`:\n\n```python\nx = 1  # one\n```\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|", {
    citations: [citation("journal.py", 4)],
  }),
]);
const CHIPS = { type: "attachments", items: [{ label: "journal.py:4", title: "journal.py:4", uri: "file:///a" }] };
const ITEMS = ["diff", "problems"].map((name) => ({ label: `@${name}`, insertText: `@${name}`, kind: "context", detail: "seen" }));

/** The page in each of its states, by what brings it there. */
export const STATES = {
  empty: (chat) => chat.tell({ type: "status", state: "ready", model: "" }, session()),
  talk: (chat) => chat.tell(READY, TALK, CHIPS),
  again: (chat) => tellBranches(chat, TALK.messages),
  streaming: async (chat) => {
    const turn = new Turn();
    await chat.tell(READY, session(), ...turn.begin(), turn.update({ type: "thought", text: "Well." }), turn.text("It is"));
  },
  calls: (chat) =>
    chat.tell(
      READY,
      session([
        question("See", { attachments: [{ uri: "rejoinder:/pasted/a.png", mimeType: "image/png", hash: "h1" }] }),
        answer("It is.", { toolCalls: [call("read_file", { path: "a.py" }), call("fetch", {}, { status: "failed" })] }),
      ]),
      { type: "picture", hash: "h1", data: PIXEL },
      { type: "attachments", items: [{ label: "b.png", title: "b.png", uri: "rejoinder:/b", picture: PIXEL }] },
      { type: "choices", agent: "writer", effort: "high" },
    ),
  approving: async (chat) => {
    const turn = new Turn();
    await chat.tell(READY, session(), ...turn.begin(), ...turn.asks("c1", "write_file", { path: "a.py", text: "x = 1" }));
  },
  denying: async (chat) => {
    await STATES.approving(chat);
    await chat.page.getByRole("button", { name: "Deny…" }).click();
  },
  failure: (chat) =>
    chat.tell(READY, TALK, { type: "failure", message: "It failed.", hint: "Change `baseUrl`.", action: { label: "Do", command: "rejoinder.showLog" } }),
  missing: (chat) =>
    chat.tell({ type: "status", state: "missing", detail: "Nothing.", hint: "Install it.", actions: [{ label: "Try Again", command: "rejoinder.restart" }, { label: "Log", command: "rejoinder.showLog" }] }),
  async completing(chat) {
    await chat.tell(READY, TALK);
    await chat.input.click();
    await chat.page.keyboard.type("@");
    const { id } = await chat.told("complete");
    await chat.tell({ type: "completions", id, items: ITEMS });
  },
};
