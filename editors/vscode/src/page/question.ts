/** What the user said, and messages that are neither question nor answer. */

import type { Attachment, Message } from "../generated/protocol";
import { linesOf, nameOf } from "../panel/place-words";
import { versionsOf } from "./branches";
import { element, icon, iconButton } from "./element";
import { pictureOf } from "./pictures";
import { offerMenu } from "./remember";
import { l10n } from "./words";

/** A question as it is sent or stored. It is shown as it was typed. */
export class QuestionView {
  readonly root: HTMLElement;

  constructor(
    readonly text: string,
    attachments: readonly Attachment[] = [],
  ) {
    const chips = attachments.map((attachment) => chip(attachment));
    this.root = element(
      "article",
      { class: "turn user", "aria-label": l10n.t("Your message") },
      element(
        "div",
        { class: "bubble" },
        ...(chips.length > 0 ? [element("div", { class: "chips" }, ...chips)] : []),
        element("div", { class: "words", dir: "auto" }, text),
      ),
    );
  }

  static of(message: Message): QuestionView {
    const view = new QuestionView(message.content, message.attachments);
    view.root.dataset.messageId = message.messageId;
    const edit = iconButton("edit", l10n.t("Edit and resend"), { "data-act": "edit" });
    const versions = versionsOf(message);
    view.root.append(edit, ...(versions ? [element("div", { class: "foot" }, versions)] : []));
    offerMenu(view.root, message.messageId, "question");
    return view;
  }
}

/** A system message, or a tool's output: folded. */
export function foldedView(message: Message): HTMLElement {
  const name = message.role === "system" ? l10n.t("Instructions") : l10n.t("Tool output");
  const root = element(
    "article",
    { class: `turn ${message.role}`, "aria-label": name, "data-message-id": message.messageId },
    element(
      "details",
      { class: "thoughts" },
      element("summary", {}, icon("chevron-right"), name),
      element("div", {}, message.content),
    ),
  );
  return root;
}

function chip(attachment: Attachment): HTMLElement {
  const path = decodeURIComponent(attachment.uri.replace(/^[a-z]+:\/\//i, ""));
  const lines = linesOf(attachment.range);
  const label = nameOf(path) + lines;
  const picture = pictureOf(attachment, label);
  if (picture) return element("span", { class: "shown-picture", title: path }, picture);
  return element("span", { class: "chip", title: `${path}${lines}` }, icon(path.endsWith("/") ? "folder" : "file"), element("span", {}, label));
}
