/** The chat page: puts its parts together and passes on what the extension and the user say. */

import type { RunningTurn, Session } from "../generated/protocol";
import type { ToPage } from "../panel/messages";
import { connect } from "./bridge";
import { handleClicks } from "./clicks";
import { Composer } from "./composer";
import { Drafts } from "./drafts";
import { element } from "./element";
import { ServerNotice } from "./server-notice";
import { Transcript } from "./transcript";
import { Welcome } from "./welcome";

function start(root: HTMLElement): void {
  const bridge = connect(receive);
  const drafts = new Drafts(bridge);
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
  composer.text = drafts.saved.draft;
  bridge.post({ type: "ready" });

  function receive(message: ToPage): void {
    switch (message.type) {
      case "session":
        root.dataset.session = message.session.sessionId;
        takeDraft(message.session, message.running);
        return transcript.show(message.session, message.messages, message.more, message.running);
      case "update":
        return transcript.update(message);
      case "older":
        return transcript.older(message.messages, message.more);
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
