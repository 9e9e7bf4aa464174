/** What can be done with a stored message, by its buttons, VS Code's menus and the palette alike. */

import type { Attachment, Message } from "../generated/protocol";
import type { PageAct } from "../panel/messages";
import { BranchFocus } from "./branches";
import type { Bridge } from "./bridge";
import type { Composer } from "./composer";
import type { Transcript } from "./transcript";
import { l10n } from "./words";

export class Acts {
  readonly focus = new BranchFocus();

  constructor(
    private readonly transcript: Transcript,
    private readonly composer: Composer,
    private readonly bridge: Bridge,
  ) {}

  /** Do it with the message that has this ID or that this button is of; without any, with the last one. */
  do(act: PageAct, of?: Element | string): void {
    if (act === "remember") return this.transcript.remember(typeof of === "string" ? of : "");
    const inside = typeof of === "string" ? this.transcript.rootOf(of) : of;
    const asked = (inside && this.transcript.questionOf(inside)) ?? this.transcript.last("user");
    if (act === "prompt") this.prompt(asked);
    else if (asked === undefined) this.transcript.fail(l10n.t("Nothing was asked in this session yet."), l10n.t("Ask something first."), undefined);
    else if (act === "edit") this.edit(asked);
    else this.bridge.post({ type: "regenerate", messageId: asked.messageId, choose: act === "regenerate-with" });
  }

  /** Take up the version that a button of a switch leads to. */
  branch(button: HTMLElement): void {
    this.focus.used(button);
    this.bridge.post({ type: "branch", messageId: button.dataset.to ?? "" });
  }

  private edit({ messageId, content, attachments = [] }: Message): void {
    this.composer.edit(messageId, content);
    this.bridge.post({ type: "edit", attachments: attachments.filter(isOfUser) });
  }

  private prompt(asked: Message | undefined): void {
    const { text, editing } = this.composer;
    const parentId = editing ?? (text.trim() === "" ? asked?.messageId : undefined);
    this.bridge.post({ type: "prompt", text: text.trim() === "" ? "" : text, ...(parentId ? { parentId } : {}) });
  }
}

/** What a command of the text brought by itself comes with the text again. */
function isOfUser({ uri }: Attachment): boolean {
  return !uri.startsWith("prompt:");
}
