/** The chat page's own jobs as commands: for the palette, for keys, and for VS Code's menus. */

import * as vscode from "vscode";

import { attach } from "../chat/attaching";
import { chooseEffort } from "../chat/choices";
import type { Parts } from "../commands";
import type { PageAct } from "./messages";

/** `rejoinder.NAME` with what it does. The page's menu names the message that it was opened on. */
export function pageCommands({ view, attachments, conversation }: Parts): Record<string, (...given: never[]) => unknown> {
  const act = (name: PageAct) => async (on?: { messageId?: string }) => {
    // from the page's menu the page is there, and the focus, with what is selected, stays where it is
    if (!on?.messageId) await view.reveal();
    view.post({ type: "do", act: name, ...(on?.messageId ? { messageId: on.messageId } : {}) });
  };
  return {
    "rejoinder.rememberMessage": act("remember"),
    "rejoinder.editQuestion": act("edit"),
    "rejoinder.regenerate": act("regenerate"),
    "rejoinder.regenerateWith": act("regenerate-with"),
    "rejoinder.showPrompt": act("prompt"),
    "rejoinder.chooseEffort": () => chooseEffort(conversation.choices),
    "rejoinder.attach": async (uri?: vscode.Uri, all?: vscode.Uri[]) => {
      if (await attach(attachments, all ?? (uri instanceof vscode.Uri ? [uri] : []))) {
        await view.reveal();
      }
    },
  };
}
