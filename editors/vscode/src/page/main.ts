/** The chat page: puts its parts together and passes on what the extension and the user say. */

import type { RunningTurn, Session } from "../generated/protocol";
import type { ToPage } from "../panel/messages";
import type { Decision } from "./approval";
import { connect } from "./bridge";
import { handleClicks } from "./clicks";
import { Composer } from "./composer";
import { Drafts } from "./drafts";
import { element } from "./element";
import { base64Of, Pictures, picturesIn, urisIn } from "./pictures";
import { ServerNotice } from "./server-notice";
import { Transcript } from "./transcript";
import { Welcome } from "./welcome";

function start(root: HTMLElement): void {
  const bridge = connect(receive);
  const drafts = new Drafts(bridge);
  const pictures = new Pictures(root, bridge);
  let running = false;
  const composer: Composer = new Composer({
    send(text) {
      drafts.sent();
      const turnId = crypto.randomUUID();
      transcript.send(turnId, text);
      bridge.post({ type: "send", turnId, text });
    },
    stop: () => bridge.post({ type: "stop" }),
    typed: (text) => drafts.typed(text),
    complete: (id, text, offset) => bridge.post({ type: "complete", id, text, offset }),
    questions: () => transcript.questions(),
    detach: (index) => bridge.post({ type: "detach", index }),
    attach,
  });
  const welcome = new Welcome((text) => composer.fill(text));
  const transcript: Transcript = new Transcript(
    {
      older: (before) => bridge.post({ type: "older", before }),
      remember: (messageId, text) => bridge.post({ type: "remember", messageId, text }),
      running: (now) => {
        running = composer.running = now;
      },
    },
    welcome.root,
  );
  const notice = new ServerNotice();
  const middle = element("div", { class: "middle" }, transcript.log, transcript.follow.button);
  root.append(middle, notice.root, composer.root);
  root.dataset.state = "starting";
  handleClicks(root, transcript, bridge);
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !running || event.isComposing) return;
    event.preventDefault();
    bridge.post({ type: "stop" });
  });
  root.addEventListener("decide", (event) => {
    const { detail } = event as CustomEvent<Decision>;
    const answer = transcript.answerOf(event.target as Element);
    if (answer) bridge.post({ type: "respond", turnId: answer.turnId, ...detail });
  });
  root.addEventListener("released", () => {
    composer.focus();
    transcript.focusApproval();
  });
  composer.text = drafts.saved.draft;
  bridge.post({ type: "ready" });

  /** Pictures and files that are pasted or dropped go along with the next message. Answers whether there were any. */
  function attach(data: DataTransfer | null): boolean {
    const files = picturesIn(data);
    for (const file of files) {
      void base64Of(file).then((bytes) =>
        bridge.post({ type: "attachPicture", name: file.name, mimeType: file.type, data: bytes }),
      );
    }
    const uris = files.length > 0 ? [] : urisIn(data);
    if (uris.length > 0) bridge.post({ type: "attachFiles", uris });
    return files.length > 0 || uris.length > 0;
  }

  function receive(message: ToPage): void {
    switch (message.type) {
      case "session":
        root.dataset.session = message.session.sessionId;
        takeDraft(message.session, message.running);
        transcript.show(message.session, message.messages, message.more, message.running);
        return pictures.fill();
      case "update":
        transcript.update(message);
        return message.update.type === "user_message" ? pictures.fill() : undefined;
      case "older":
        transcript.older(message.messages, message.more);
        return pictures.fill();
      case "picture":
        return pictures.take(message.hash, message.data);
      case "approval":
        return transcript.focusApproval();
      case "agent":
        composer.agentName = message.name;
        return;
      case "status":
        root.dataset.state = message.state;
        composer.connected = message.state === "ready";
        if (message.model !== undefined) composer.modelName = welcome.model = message.model;
        return notice.show(message);
      case "failure":
        transcript.takeBack();
        return transcript.fail(message.message, message.hint, message.action);
      case "completions":
        return composer.completions(message.id, message.items, message.start);
      case "draft":
        transcript.takeBack();
        composer.text = [message.text, composer.text].filter((text) => text !== "").join("\n");
        return composer.focus();
      case "reveal":
        return transcript.reveal(message.messageId);
      case "remember":
        return transcript.remember(message.messageId);
      case "focus":
        return composer.focus();
      case "attachments":
        return composer.attachments(message.items);
    }
  }

  /**
   * A session brings its draft, unless something is in the input that belongs to it, or to none yet. While a turn runs
   * the server keeps its question as the draft; that one is on its way already.
   */
  function takeDraft(session: Session, running: RunningTurn | undefined): void {
    const before = drafts.saved.sessionId;
    const draft = asksFor(running, session.draft) ? "" : (session.draft ?? "");
    const other = before !== undefined && before !== session.sessionId;
    const text = composer.text === "" || other ? draft : composer.text;
    drafts.remember(text, session.sessionId);
    if (text !== composer.text) composer.text = text;
  }
}

function asksFor(running: RunningTurn | undefined, text: string | undefined): boolean {
  return running?.updates.some(({ update }) => update.type === "user_message" && update.message.content === text) ?? false;
}

start(document.getElementById("app")!);
