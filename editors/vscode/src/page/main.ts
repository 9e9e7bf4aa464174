/** The chat page: puts its parts together and passes on what the extension and the user say. */

import type { RunningTurn, Session } from "../generated/protocol";
import type { ToPage } from "../panel/messages";
import { Acts } from "./acts";
import type { Decision } from "./approval";
import { connect } from "./bridge";
import { handleClicks } from "./clicks";
import { Composer } from "./composer";
import { Drafts } from "./drafts";
import { element } from "./element";
import { KeptPlace } from "./kept-place";
import { typingEnds } from "./pace";
import { base64Of, Pictures, picturesIn, urisIn } from "./pictures";
import { ServerNotice } from "./server-notice";
import { Transcript } from "./transcript";
import { Welcome } from "./welcome";

function start(root: HTMLElement): void {
  const bridge = connect(receive);
  const drafts = new Drafts(bridge);
  const pictures = new Pictures(root, bridge);
  const place = new KeptPlace(bridge);
  let running = false;
  const composer: Composer = new Composer({
    send(text, parentId) {
      const sessionId = drafts.sent();
      typingEnds();
      const turnId = crypto.randomUUID();
      transcript.send(turnId, text, parentId);
      const named = { ...(parentId === undefined ? {} : { parentId }), ...(sessionId === undefined ? {} : { sessionId }) };
      bridge.post({ type: "send", turnId, text, ...named });
    },
    leaveEdit: () => bridge.post({ type: "leaveEdit" }),
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
      older: (before, limit) => bridge.post({ type: "older", before, ...(limit ? { limit } : {}) }),
      remember: (messageId, text) => bridge.post({ type: "remember", messageId, text }),
      running: (now) => {
        running = composer.running = now;
      },
      drawn: () => pictures.fill(),
      moved: (now) => place.moved(now),
    },
    welcome.root,
  );
  const notice = new ServerNotice();
  const middle = element("div", { class: "middle" }, transcript.view.root, transcript.view.follow.button);
  root.append(middle, notice.root, composer.root);
  root.dataset.state = "starting";
  const acts = new Acts(transcript, composer, bridge);
  handleClicks(root, transcript, bridge, acts);
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
      case "session": {
        const { session, messages, more, running, anew } = message;
        const seen = place.of(session.sessionId);
        root.dataset.session = session.sessionId;
        takeDraft(session, running);
        transcript.show(session, messages, more, { running, place: seen, anew });
        return acts.focus.restore((messageId) => transcript.rootOf(messageId));
      }
      case "update":
        return transcript.update(message);
      case "older":
        return transcript.older(message.messages, message.more);
      case "picture":
        return pictures.take(message.hash, message.data);
      case "approval":
        return transcript.focusApproval();
      case "choices":
        composer.pickers.agentName = message.agent;
        composer.pickers.effortName = message.effort;
        return;
      case "context":
        return composer.context.show(message.tokens, message.budget, message.usage);
      case "status":
        root.dataset.state = message.state;
        composer.connected = message.state === "ready";
        if (message.model !== undefined) composer.pickers.modelName = welcome.model = message.model;
        return notice.show(message);
      case "failure":
        transcript.takeBack();
        return transcript.fail(message.message, message.hint, message.action);
      case "completions":
        return composer.completions(message.id, message.items, message.start);
      case "draft":
        transcript.takeBack();
        return composer.takeBack(message.text, message.parentId);
      case "reveal":
        return transcript.reveal(message.messageId);
      case "do":
        return acts.do(message.act, message.messageId);
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
    if (other) composer.leaveEdit();
    const text = composer.draft === "" || other ? draft : composer.draft;
    drafts.take(text, session.sessionId);
    if (text !== composer.draft) composer.draft = text;
  }
}

function asksFor(running: RunningTurn | undefined, text: string | undefined): boolean {
  return running?.updates.some(({ update }) => update.type === "user_message" && update.message.content === text) ?? false;
}

start(document.getElementById("app")!);
