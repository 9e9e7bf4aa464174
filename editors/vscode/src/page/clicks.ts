/** What the buttons and links of the conversation do. One listener serves them all, so redrawn ones need none. */

import type { PageCommand } from "../panel/messages";
import type { Acts } from "./acts";
import type { Bridge } from "./bridge";
import type { Transcript } from "./transcript";

const FEEDBACK_MS = 1500;

/** Listen on `root`, which holds the whole page. */
export function handleClicks(root: HTMLElement, transcript: Transcript, bridge: Bridge, acts: Acts): void {
  root.addEventListener("click", (event) => {
    const target = (event.target as Element).closest<HTMLElement>("a, button");
    if (!target) return;
    if (target instanceof HTMLAnchorElement) {
      // VS Code has a listener for links of its own further out
      event.preventDefault();
      event.stopPropagation();
      follow(target, transcript, bridge);
    } else if (target.dataset.command) {
      bridge.post({ type: "run", command: target.dataset.command as PageCommand });
    } else if (target.dataset.act) {
      act(target, target.dataset.act, transcript, bridge, acts);
    }
  });
  root.addEventListener("auxclick", (event) => {
    if ((event.target as Element).closest("a")) event.preventDefault();
  });
}

function follow(link: HTMLAnchorElement, transcript: Transcript, bridge: Bridge): void {
  const { path, line, place } = link.dataset;
  const citation = transcript.answerOf(link)?.citation(place ?? link.textContent);
  if (citation) bridge.post({ type: "open", uri: citation.uri, range: citation.range });
  else if (path !== undefined) bridge.post({ type: "openPath", path, ...(line ? { line: Number(line) } : {}) });
  else bridge.post({ type: "openLink", href: link.href });
}

function act(button: HTMLElement, name: string, transcript: Transcript, bridge: Bridge, acts: Acts): void {
  const block = button.closest(".code");
  const code = block?.querySelector("code")?.textContent ?? "";
  const answer = transcript.answerOf(button);
  switch (name) {
    case "copy":
      bridge.post({ type: "copy", text: code });
      return confirm(button);
    case "copy-answer":
      bridge.post({ type: "copy", text: answer?.text ?? "" });
      return confirm(button);
    case "insert":
      return bridge.post({ type: "insert", text: code });
    case "replace":
      return bridge.post({ type: "replace", text: code });
    case "new-file":
      return bridge.post({ type: "newFile", text: code, language: block?.querySelector(".language")?.textContent ?? "" });
    case "branch":
      return acts.branch(button);
    case "edit":
    case "regenerate":
    case "regenerate-with":
    case "prompt":
      return acts.do(name, button);
    case "apply": {
      const messageId = answer?.root.dataset.messageId;
      const fences = [...(answer?.root.querySelectorAll(".answer .code[data-fence]") ?? [])];
      if (messageId && block) bridge.post({ type: "apply", messageId, block: fences.indexOf(block) });
      return;
    }
    case "apply-all": {
      const messageId = answer?.root.dataset.messageId;
      if (messageId) bridge.post({ type: "applyAll", messageId });
      return;
    }
    case "remember":
      return transcript.remember(answer?.root.dataset.messageId ?? "");
    case "dismiss":
      transcript.clearFailure();
  }
}

/** Show for a moment that it has worked. */
function confirm(button: HTMLElement): void {
  const glyph = button.querySelector(".icon");
  if (!glyph) return;
  glyph.className = "icon icon-check";
  setTimeout(() => (glyph.className = "icon icon-copy"), FEEDBACK_MS);
}
