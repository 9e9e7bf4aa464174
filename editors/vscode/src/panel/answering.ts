/** What the extension does about each message of the page, and what it tells the page by itself. */

import * as vscode from "vscode";

import { addressOf } from "../chat/conversation";
import { attach } from "../chat/attaching";
import { respond } from "../chat/decisions";
import { otherModel } from "../chat/models";
import type { Said } from "../chat/sending";
import type { Parts } from "../commands";
import * as places from "../editor/places";
import { failureOf } from "../failures";
import { ServerGone } from "../server/server";
import { PAGE_COMMANDS, type FromPage } from "./messages";

/** Connect the page. A step that fails is shown on the page, with something to do about it. */
export function pageMessages(parts: Parts): vscode.Disposable[] {
  const { view, server, status, attachments } = parts;
  const tell = new Telling(parts);
  return [
    view.onMessage((message) => {
      Promise.resolve()
        .then(() => answer(parts, tell, message))
        .catch((error: unknown) => {
          // that there is no server, the page says by its status already
          if (!(error instanceof ServerGone)) {
            view.post(failureOf(error));
          }
        });
    }),
    server.onDidChange(() => tell.status()),
    status.onDidChangeModel((model) => tell.status(model)),
    attachments.onDidChange((items) => view.post({ type: "attachments", items })),
  ];
}

/** What a new page needs to know. */
class Telling {
  private model: string | undefined;

  constructor(private readonly parts: Parts) {}

  status(model = this.model): void {
    const { view, server } = this.parts;
    this.model = model;
    view.post({ type: "status", ...server.status, ...(model === undefined ? {} : { model }) });
  }

  async everything(): Promise<void> {
    const { view, server, attachments, conversation, fullness } = this.parts;
    this.status();
    view.post({ type: "attachments", items: attachments.chips });
    conversation.choices.tell();
    if (server.status.state === "ready") {
      await conversation.reopen();
      await fullness.refresh(true);
    }
  }
}

async function answer(parts: Parts, tell: Telling, message: FromPage): Promise<void> {
  const { conversation, proposals, applyAll, attachments, server, view, origins, memory, prompts } = parts;
  switch (message.type) {
    case "ready":
      return tell.everything();
    case "send":
      return conversation.send(saidIn(message), message.sessionId);
    case "edit":
      return attachments.swap(message.attachments);
    case "leaveEdit":
      return attachments.restore();
    case "regenerate": {
      const model = message.choose ? await otherModel(server) : undefined;
      return message.choose && !model ? undefined : conversation.regenerate(message.messageId, model);
    }
    case "branch":
      return conversation.switchTo(message.messageId);
    case "prompt":
      return prompts.show(message);
    case "stop":
      return conversation.stop();
    case "draft":
      return conversation.drafts.keep(message.sessionId, message.text);
    case "complete": {
      const { id, text, offset } = message;
      const { sessionId } = conversation.address;
      const uri = vscode.window.activeTextEditor?.document.uri.toString();
      const found = await server.request("COMPLETE", { text, offset, ...(sessionId ? { sessionId } : {}), ...(uri ? { uri } : {}) });
      return view.post({ type: "completions", id, ...found });
    }
    case "older":
      return conversation.older(message.before, message.limit);
    case "open":
      return origins.openUri(message.uri, message.range);
    case "openPath":
      return places.openPath(message.path, message.line);
    case "openLink":
      return places.openLink(message.href);
    case "copy":
      return vscode.env.clipboard.writeText(message.text);
    case "insert":
      return places.insert(message.text);
    case "replace":
      return places.replace(message.text);
    case "newFile":
      return places.newFile(message.text, message.language);
    case "apply":
      return proposals.propose({ ...conversation.address, messageId: message.messageId, block: message.block });
    case "applyAll":
      return applyAll.of({ ...conversation.address, messageId: message.messageId });
    case "remember":
      return memory.rememberMessage(message.text, message.messageId);
    case "detach":
      return attachments.remove(message.index);
    case "respond": {
      const { type: _, ...decision } = message;
      return respond(server, conversation, decision);
    }
    case "picture": {
      const { hash } = message;
      const session = conversation.session;
      if (session) {
        const { mimeType, data } = await server.request("SESSION_ATTACHMENT", { ...addressOf(session), hash });
        view.post({ type: "picture", hash, data: `data:${mimeType};base64,${data}` });
      }
      return;
    }
    case "attachPicture":
      return attachments.addPicture(message.name, message.mimeType, message.data);
    case "attachFiles":
      await attach(attachments, message.uris.map((uri) => vscode.Uri.parse(uri)));
      return;
    case "run":
      if (PAGE_COMMANDS.includes(message.command)) {
        await vscode.commands.executeCommand(message.command);
      }
  }
}

function saidIn({ turnId, text, parentId }: Extract<FromPage, { type: "send" }>): Said {
  return { turnId, text, ...(parentId === undefined ? {} : { parentId }) };
}
