/** What the commands of this extension do. */

import * as vscode from "vscode";

import { chooseAgent } from "./chat/agents";
import type { Attachments } from "./chat/attachments";
import type { Conversation } from "./chat/conversation";
import type { Fullness } from "./chat/fullness";
import type { Knowledge } from "./chat/knowledge";
import type { Memory } from "./chat/memory";
import { chooseModel } from "./chat/models";
import type { Origins } from "./chat/origins";
import type { Prompts } from "./chat/prompts";
import type { Search } from "./chat/search";
import type { Sessions } from "./chat/sessions";
import type { CommitMessage } from "./commit/message";
import { ASK_ABOUT, ASK_COMMANDS, subject } from "./editor/actions";
import { editCommands, type Editing } from "./editor/commands";
import type { IndexActions } from "./index/actions";
import { show } from "./failures";
import { pageCommands } from "./panel/commands";
import type { ChatView } from "./panel/view";
import { allowUvx, INSTALL_COMMAND } from "./server/find";
import type { Keys } from "./server/keys";
import type { Server } from "./server/server";
import type { SessionActions } from "./sessions/actions";
import { sessionCommands } from "./sessions/commands";
import type { SessionTree } from "./sessions/tree";
import type { StatusBar } from "./status";

const WALKTHROUGH = "rejoinder.rejoinder#rejoinder.start";

/** The extension's parts. */
export interface Parts extends Editing {
  server: Server;
  view: ChatView;
  attachments: Attachments;
  conversation: Conversation;
  prompts: Prompts;
  fullness: Fullness;
  sessions: Sessions;
  sessionTree: SessionTree;
  sessionActions: SessionActions;
  search: Search;
  commitMessage: CommitMessage;
  indexActions: IndexActions;
  status: StatusBar;
  origins: Origins;
  memory: Memory;
  knowledge: Knowledge;
  keys: Keys;
  log: vscode.LogOutputChannel;
  kept: vscode.Memento;
}

/** Register all of them; one that fails says so, with something to do about it. */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const commands: Commands = {
    ...conversing(parts),
    ...sessionCommands(parts),
    ...asking(parts),
    ...remembering(parts),
    ...pageCommands(parts),
    ...changing(parts),
    ...editCommands(parts),
    ...parts.indexActions.commands,
    ...serving(parts),
  };
  return Object.entries(commands).map(([id, step]) =>
    vscode.commands.registerCommand(id, async (...given: never[]) => {
      await Promise.resolve()
        .then(() => step(...given))
        .catch(show);
    }),
  );
}

type Commands = Record<string, (...given: never[]) => unknown>;

function conversing({ view, sessions, search, conversation, server, status }: Parts): Commands {
  return {
    "rejoinder.openChat": () => view.reveal(),
    "rejoinder.newSession": () => sessions.create(),
    "rejoinder.showSessions": () => sessions.pick(),
    "rejoinder.searchHistory": () => search.pick(),
    "rejoinder.showApproval": async () => {
      await view.reveal();
      view.post({ type: "approval" });
    },
    "rejoinder.chooseAgent": () => chooseAgent(server, conversation),
    "rejoinder.stopTurn": () => conversation.stop(),
    "rejoinder.chooseModel": async () => {
      await chooseModel(server);
      await status.refresh();
    },
  };
}

function asking({ view, attachments, conversation }: Parts): Commands {
  const ask = Object.entries(ASK_COMMANDS).map(([id, action]) => [
    id,
    async (range?: vscode.Range) => {
      const about = subject(range);
      await view.reveal();
      await conversation.ask(action, about);
    },
  ]);
  return {
    ...Object.fromEntries(ask),
    [ASK_ABOUT]: async (range?: vscode.Range) => {
      attachments.add(subject(range));
      await view.reveal();
    },
  };
}

function remembering({ memory, knowledge }: Parts): Commands {
  return {
    "rejoinder.remember": () => memory.rememberSelection(),
    "rejoinder.showMemory": () => memory.pick(),
    "rejoinder.addKnowledge": () => knowledge.addFiles(),
    "rejoinder.addToKnowledge": (uri: vscode.Uri, all?: vscode.Uri[]) => knowledge.addFiles(uri, all),
    "rejoinder.addKnowledgePage": () => knowledge.addPage(),
    "rejoinder.showKnowledge": () => knowledge.pick(),
  };
}

function changing({ commitMessage }: Parts): Commands {
  return {
    "rejoinder.writeCommitMessage": (of?: vscode.SourceControl) => commitMessage.write(of),
  };
}

function serving({ server, keys, log, kept }: Parts): Commands {
  return {
    "rejoinder.restart": () => server.restart(),
    "rejoinder.getStarted": () => vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH, false),
    "rejoinder.setKey": async () => {
      if (await keys.set()) {
        await server.restart();
      }
    },
    "rejoinder.runWithUvx": async () => {
      await allowUvx(kept);
      await server.restart();
    },
    "rejoinder.openSettings": () => vscode.commands.executeCommand("workbench.action.openSettings", "rejoinder"),
    "rejoinder.copyInstallCommand": async () => {
      await vscode.env.clipboard.writeText(INSTALL_COMMAND);
      vscode.window.setStatusBarMessage(vscode.l10n.t("Copied: {0}", INSTALL_COMMAND), 5000);
    },
    "rejoinder.showLog": () => log.show(),
  };
}
