/** The one place where the extension's parts are built and wired. */

import * as vscode from "vscode";

import { Attachments } from "./chat/attachments";
import { Choices } from "./chat/choices";
import { Conversation } from "./chat/conversation";
import { Entries } from "./chat/entries";
import { Fullness } from "./chat/fullness";
import { Knowledge } from "./chat/knowledge";
import { Memory } from "./chat/memory";
import { offerModel } from "./chat/models";
import { Origins } from "./chat/origins";
import { Prompts } from "./chat/prompts";
import { Search } from "./chat/search";
import { Sessions } from "./chat/sessions";
import { registerCommands } from "./commands";
import { CommitMessage } from "./commit/message";
import { AskActions } from "./editor/actions";
import { ApplyAll } from "./editor/apply-all";
import { Checkpoints } from "./editor/checkpoints";
import { EditorContext } from "./editor/context";
import { InlineEdits } from "./editor/inline";
import { PartMarks } from "./editor/part-marks";
import { Proposals } from "./editor/proposals";
import { failureOf } from "./failures";
import { IndexActions } from "./index/actions";
import { KnownIndexes } from "./index/known";
import { IndexLine } from "./index/line";
import { pageMessages } from "./panel/answering";
import { ChatView, VIEW_ID } from "./panel/view";
import { Keys } from "./server/keys";
import { Server, ServerGone } from "./server/server";
import { needsRestart } from "./server/settings";
import { SessionActions } from "./sessions/actions";
import { SessionTree } from "./sessions/tree";
import { StatusBar } from "./status";

let running: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Rejoinder", { log: true });
  const keys = new Keys(context.secrets, context.globalState);
  const server = (running = new Server(keys, context.globalState, log));
  const view = new ChatView(context.extensionUri);
  const attachments = new Attachments();
  const choices = new Choices(context.workspaceState, (message) => view.post(message));
  const conversation = new Conversation(server, attachments, (message) => view.post(message), choices);
  const sessions = new Sessions(server, conversation, () => view.reveal());
  const sessionTree = new SessionTree(server, conversation);
  const sessionActions = new SessionActions(server, sessions);
  const search = new Search(server, conversation, sessions);
  const origins = new Origins(server, conversation, sessions);
  const memory = new Memory(server, conversation, origins);
  const knowledge = new Knowledge(server, conversation);
  const checkpoints = new Checkpoints(context.workspaceState);
  const proposals = new Proposals(server, checkpoints);
  const partMarks = new PartMarks(proposals);
  const inlineEdits = new InlineEdits(server, proposals);
  const applyAll = new ApplyAll(server, checkpoints);
  const editing = { checkpoints, proposals, partMarks, inlineEdits, applyAll };
  const indexes = new KnownIndexes(server);
  const indexActions = new IndexActions(server, indexes);
  const commitMessage = new CommitMessage(server);
  const status = new StatusBar(server, conversation, indexes);
  const prompts = new Prompts(server, conversation, attachments);
  const fullness = new Fullness(server, conversation, (message) => view.post(message));
  const kept = context.globalState;
  const chat = { attachments, conversation, prompts, fullness, sessions, sessionTree, sessionActions, search, origins, memory, knowledge };
  const parts = { server, view, ...editing, commitMessage, indexActions, status, keys, log, kept, ...chat };

  context.subscriptions.push(
    log,
    server,
    view,
    conversation,
    prompts,
    proposals,
    partMarks,
    applyAll,
    status,
    indexes,
    new IndexLine(server, indexes),
    sessionTree,
    new EditorContext(server),
    new Entries(server),
    vscode.window.registerWebviewViewProvider(VIEW_ID, view, { webviewOptions: { retainContextWhenHidden: true } }),
    vscode.languages.registerCodeActionsProvider(AskActions.selector, new AskActions(), {
      providedCodeActionKinds: AskActions.kinds,
    }),
    ...registerCommands(parts),
    ...pageMessages(parts),
    server.onDidChange(({ state }) => {
      status.draw();
      if (state === "ready") {
        status
          .refresh()
          .then(() => (status.isWithoutModel ? offerModel(server).then(() => status.refresh()) : undefined))
          .catch((error: unknown) => log.warn(String(error)));
        conversation.reattach().catch((error: unknown) => {
          if (!(error instanceof ServerGone)) {
            view.post(failureOf(error));
          }
        });
      }
    }),
    conversation.onDidChange(() => {
      status.draw();
      view.setTitle(conversation.title);
      fullness.refresh().catch((error: unknown) => log.warn(String(error)));
    }),
    status.onDidChangeModel(() => fullness.refresh(true).catch((error: unknown) => log.warn(String(error)))),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (needsRestart(event)) {
        void server.restart();
      } else if (event.affectsConfiguration("rejoinder")) {
        status.refresh().catch((error: unknown) => log.warn(String(error)));
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
  );
  void server.restart();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
