/** Takes a picture of each state of the page: `node test/page/pictures.mjs FOLDER [state…]`. */
import { mkdirSync } from "node:fs";
import { answer, call, citation, History, PIXEL, question, READY, session, tellBranches, Turn } from "./conversation.mjs";
import { bundle, launch, open, THEMES } from "./harness.mjs";

const RICH = `## How a turn is stored

The engine writes **one line** to the session's journal, see \`server/rejoinder/adapters/journal.py:40-62\` and
[the design](https://example.com/design). A line holds:

1. the question, with its attachments
2. the answer
   - its citations
   - what it used

\`\`\`python
@dataclass(frozen=True)
class Record:
    """One checksummed line."""

    number: int  # counts from 1
    body: bytes = b""

    def line(self) -> str:
        return f"{crc32(self.body):08x} {self.body.decode()} and a line that is longer than any side bar is wide\\n"
\`\`\`

| file | holds | size |
|---|:---:|---:|
| messages.1.jsonl | every turn, checksummed | 1,204 kB |
| registry.json | names and counters | 3 kB |

> Nothing is deleted because it could not be read.

A_very_long_identifier_without_any_break_that_would_run_out_of_a_narrow_side_bar_if_nobody_minded.
`;
const HARD = `A line of code that does not end, and a wide table:

\`\`\`
${"a line of code that goes on and on ".repeat(12)}
\`\`\`

| ${Array.from({ length: 12 }, (_, at) => `a column named ${at}`).join(" | ")} |
|${"---|".repeat(12)}
| ${Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? "some longer text in a cell" : at)).join(" | ")} |
| ${Array.from({ length: 12 }, () => "`src/a/long/path.py:12`").join(" | ")} |

${"https://example.com/an/address/without/an/end/".repeat(5)}

${"\`\`\`sh\nls\n\`\`\`\n\nThen:\n\n".repeat(4)}`;
const ARABIC = "كيف تُخزَّن الجلسة؟ مع `code`";
const NESTED = `כל תור נשמר כ**שורה אחת** בקובץ \`journal.py\`:

1. השאלה
2. התשובה
   - הציטוטים שלה
   - מה שהיא צרכה

> ציטוט בעברית

| קובץ | מה יש בו |
|---|---|
| journal.py | שורות |

English again, after it:

${Array.from({ length: 9 }, (_, depth) => `${"  ".repeat(depth)}- level ${depth}, with words enough to wrap in a narrow side bar`).join("\n")}

1. one
   > quoted in a list
   >
   > \`\`\`py
   > x = 1
   > \`\`\`
`;
const PLACES = [
  citation("server/rejoinder/adapters/journal.py", 40, 62),
  citation("server/ARCHITECTURE.md", 71),
  citation("server/rejoinder/services/conversations_with_a_long_name.py", 80, 112),
  citation("README.md", 12),
];
const TALK = session([
  question("How is a turn stored, and what happens if the machine loses power in the middle of it?"),
  answer(RICH, { citations: PLACES }),
]);
const CHIPS = {
  type: "attachments",
  items: [
    { label: "journal.py:40-62", title: "server/rejoinder/adapters/journal.py:40-62", uri: "file:///a" },
    { label: "a_file_with_quite_a_long_name_indeed.py", title: "a", uri: "file:///b" },
  ],
};
const ITEMS = [
  "file:server/rejoinder/adapters/journal.py",
  "file:server/rejoinder/adapters/journal_format.py",
  "diff",
  "problems",
  "selection",
].map((name) => ({
  label: `@${name}`,
  insertText: `@${name}`,
  kind: "file",
  detail: name.startsWith("file") ? "a file of the project" : "from the editor",
}));
const down = (state, detail, hint, actions) => ({ type: "status", state, detail, hint, actions });

const STATES = {
  async empty(chat) {
    await chat.tell({ type: "status", state: "ready", model: "" }, session());
  },
  async talk(chat) {
    await chat.tell(READY, TALK);
  },
  async top(chat) {
    await chat.tell(READY, TALK);
    await chat.page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
    await chat.page.locator(".jump").waitFor();
  },
  async streaming(chat) {
    const turn = new Turn();
    await chat.tell(
      READY,
      session(),
      ...turn.begin("/explain @selection"),
      turn.update({ type: "thought", text: "The user wants to know what this does." }),
      turn.text("It reads the journal from its **beginning**:\n\n```ts\nfor (const line of journal) {\n  check(line"),
    );
  },
  async waiting(chat) {
    const turn = new Turn();
    await chat.tell(
      READY,
      TALK,
      ...turn.begin("And how is it tested?"),
      turn.update({ type: "status", message: "Reading the project…" }),
    );
  },
  async calls(chat) {
    const toolCalls = [
      call("read_file", { path: "server/rejoinder/adapters/journal.py", first: 40 }, { output: "def line(self):\n    return 1" }),
      call("search_project", { query: "checksum" }),
      call("write_file", { path: "a.py", text: "x = 1" }, { status: "denied", output: "Denied: not now" }),
      call("web__fetch", { url: "https://example.com/a/long/address" }, { status: "failed", output: "Timed out." }),
    ];
    const picture = { uri: "rejoinder:/pasted/image.png", mimeType: "image/png", hash: "h1" };
    await chat.tell(
      READY,
      session([question("What does this picture show?", { attachments: [picture] }), answer("It shows **a pixel**.", { toolCalls })]),
      { type: "picture", hash: "h1", data: PIXEL },
      { type: "attachments", items: [{ label: "image.png", title: "image.png", uri: "rejoinder:/a", picture: PIXEL }, CHIPS.items[0]] },
      { type: "choices", agent: "researcher" },
    );
    await chat.page.locator("summary").first().click();
  },
  async approving(chat) {
    const turn = new Turn();
    const text = Array.from({ length: 12 }, (_, at) => `line ${at} = "${"x".repeat(at * 4)}"`).join("\n");
    await chat.tell(
      READY,
      session([question("Hello"), answer("Hello.")]),
      ...turn.begin("Write it down, please"),
      turn.update({ type: "tool_call", callId: "c0", name: "read_file", args: { path: "notes.md" }, needsApproval: false }),
      turn.update({ type: "tool_update", callId: "c0", status: "done", output: "" }),
      ...turn.asks("c1", "notes__write_file", { path: "notes/today.md", text, overwrite: true }),
    );
  },
  async denying(chat) {
    await STATES.approving(chat);
    await chat.page.getByRole("button", { name: "Deny…" }).click();
  },
  async stopped(chat) {
    await chat.tell(
      READY,
      session([
        question("Tell me all"),
        answer("The first part of", { stopReason: "cancelled", model: "llama3.1:70b-instruct-q4_K_M" }),
      ]),
    );
  },
  async failure(chat) {
    await chat.tell(
      READY,
      TALK,
      {
        type: "failure",
        message: "The model did not answer within 60 seconds.",
        hint: "See whether the server at http://localhost:8080/v1 is running, or change `baseUrl`.",
        action: { label: "Choose a model", command: "rejoinder.chooseModel" },
      },
      { type: "draft", text: "And how is it tested?" },
    );
  },
  async missing(chat) {
    await chat.tell(
      down(
        "missing",
        "Looked in: the setting rejoinder.command, the Python extension's interpreter, PATH. uvx is not there either.",
        "Install it, then try again.\nIt needs Python 3.11 or newer.",
        [
          { label: "Copy the install command", command: "rejoinder.copyInstallCommand" },
          { label: "Try again", command: "rejoinder.restart" },
          { label: "Open settings", command: "rejoinder.openSettings" },
        ],
      ),
    );
  },
  async restarting(chat) {
    await chat.tell(READY, TALK, down("restarting"));
  },
  async down(chat) {
    await chat.tell(
      READY,
      TALK,
      down("stopped", "It ended five times in three minutes.", undefined, [
        { label: "Start it again", command: "rejoinder.restart" },
        { label: "Show the log", command: "rejoinder.showLog" },
      ]),
    );
  },
  async long(chat) {
    const history = new History(chat);
    await history.show();
    await chat.page.locator(".log").evaluate((log) => log.scrollBy(0, -4000));
    await history.answerAll();
  },
  async hard(chat) {
    await chat.tell(READY, session([question("x".repeat(300)), answer(HARD)]));
    await chat.page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
  },
  async nested(chat) {
    await chat.tell(READY, session([question(ARABIC), answer(NESTED)]));
    await chat.page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
  },
  async huge(chat) {
    const turn = new Turn();
    const huge = `${RICH}\n\n`.repeat(Math.ceil(200_000 / RICH.length));
    await chat.tell(READY, session([question("Hello"), answer("Hello.")]), ...turn.begin("All of it, please"), turn.text(huge), turn.text("and then"));
  },
  async cutOff(chat) {
    const turn = new Turn();
    await chat.tell(READY, TALK, ...turn.begin("And how is it tested?"), turn.text(RICH.slice(0, 400)), down("restarting"));
    const lost = { message: "The server ended in the middle of the answer.", hint: "It runs again: send the text once more." };
    const kept = { ...TALK.session, draft: "And how is it tested?" };
    await chat.tell(READY, { ...TALK, session: kept }, { type: "failure", ...lost });
  },
  again: (chat) => tellBranches(chat, TALK.messages),
  async completing(chat) {
    await chat.tell(READY, TALK, CHIPS);
    await chat.input.fill("Compare with ");
    await chat.input.pressSequentially("@f");
    const { id } = await chat.told("complete");
    await chat.tell({ type: "completions", id, items: ITEMS });
  },
};

const [folder, ...wanted] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const files = await bundle();
const browser = await launch();
for (const [name, arrange] of Object.entries(STATES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const theme of Object.keys(THEMES)) {
    for (const width of [240, 360, 800]) {
      const chat = await open(browser, files, { theme, width, height: 700, reducedMotion: "reduce" });
      await arrange(chat);
      await chat.drawn();
      await chat.page.evaluate(() => document.fonts.ready);
      await chat.page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png` });
      if (chat.refused.length > 0) console.error(name, theme, width, chat.refused);
      await chat.close();
    }
  }
}
await browser.close();
