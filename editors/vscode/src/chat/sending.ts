/** Turns that this editor has sent and that have not ended. What the server did not take is given back. */

import * as vscode from "vscode";

import { failureOf, Refusal } from "../failures";
import type { Attachment } from "../generated/protocol";
import type { ToPage } from "../panel/messages";
import { ServerGone, type Server } from "../server/server";
import type { Address } from "./address";
import type { Attachments } from "./attachments";

/** What a turn says: an edited question hangs where the message `parentId` stands. */
export interface Said {
  turnId: string;
  text: string;
  parentId?: string;
}

interface Sent extends Said {
  attachments: Attachment[];
}

export class Sending {
  private readonly sent = new Map<string, Sent>();

  constructor(
    private readonly server: Server,
    private readonly attachments: Attachments,
    private readonly post: (message: ToPage) => void,
    /** Whether the page shows this text as the session's draft already. */
    private readonly isDraft: (text: string) => boolean,
  ) {}

  has(turnId: string): boolean {
    return this.sent.has(turnId);
  }

  /** A turn has failed and is stored all the same, since something was done in it: its text does not come back. */
  keep(turnId: string): void {
    this.sent.delete(turnId);
  }

  /** Send a turn to where `place` says. Nothing is thrown: a failure is shown. Answers whether it was taken. */
  async turn(
    said: Said,
    place: () => Promise<Address>,
    request: (address: Address, attachments: Attachment[]) => Promise<unknown>,
  ): Promise<boolean> {
    const sent = { ...said, attachments: this.attachments.take() };
    this.sent.set(said.turnId, sent);
    try {
      await request(await place(), sent.attachments);
      this.sent.delete(said.turnId);
      return true;
    } catch (error) {
      if (!this.has(said.turnId)) {
        return true;
      }
      // when the server is started anew, `giveBackLost` sees to it
      if (!(error instanceof ServerGone) || this.server.status.state !== "restarting") {
        this.sent.delete(said.turnId);
        this.post(failureOf(error));
        this.giveBack(sent);
      }
      return false;
    }
  }

  /** After a new start of the server: what it did not get goes back to the user. `running` goes on. */
  giveBackLost(running: string | undefined): void {
    for (const [turnId, sent] of this.sent) {
      this.sent.delete(turnId);
      if (running !== turnId) {
        this.post(failureOf(new Refusal(vscode.l10n.t("The server ended in the middle of the answer."), vscode.l10n.t("It runs again: send the text once more."))));
        this.giveBack(sent);
      }
    }
  }

  private giveBack({ text, parentId, attachments }: Sent): void {
    if (parentId !== undefined && text) {
      this.attachments.swap(attachments);
      this.post({ type: "draft", text, parentId });
      return;
    }
    this.attachments.add(...attachments);
    if (text && !this.isDraft(text)) {
      this.post({ type: "draft", text });
    }
  }
}
