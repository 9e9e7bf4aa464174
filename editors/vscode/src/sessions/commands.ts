/** The commands of the sessions tree. Without a line of the tree they are about the session that the chat shows. */

import type * as vscode from "vscode";

import type { Conversation } from "../chat/conversation";
import type { Sessions } from "../chat/sessions";
import type { Session } from "../generated/protocol";
import type { SessionActions } from "./actions";
import type { Entry, More, Node } from "./groups";
import type { SessionTree } from "./tree";

interface Parts {
  conversation: Conversation;
  sessions: Sessions;
  sessionTree: SessionTree;
  sessionActions: SessionActions;
}

/** What a key of the tree gives, which is about the line with the focus. */
type AtFocus = "focused";

/** Each command by its ID, for the extension to register. */
export function sessionCommands({ conversation, sessions, sessionTree: tree, sessionActions: actions }: Parts) {
  const chosen = async (given?: Entry | AtFocus, all?: Node[]): Promise<Session[]> => {
    if (given === "focused") {
      return tree.atFocus();
    }
    if (given) {
      return (all ?? [given]).flatMap((node) => (node.kind === "session" ? [node.session] : []));
    }
    return conversation.session ? [conversation.session] : [];
  };
  const first = (step: (session: Session) => Promise<void>) => async (given?: Entry | AtFocus) => {
    const [session] = await chosen(given);
    await (session && step(session));
  };
  const each = (step: (sessions: Session[]) => Promise<void>) => async (given?: Entry | AtFocus, all?: Node[]) =>
    step(await chosen(given, all));
  return {
    "rejoinder.showSessionTree": () => tree.reveal(),
    "rejoinder.moreSessions": (more: More) => tree.more(more),
    "rejoinder.newFileSession": ({ file }: { file: vscode.Uri }) => sessions.create({ scope: "file", uri: file.toString() }),
    "rejoinder.openSession": first(({ sessionId, projectId }) => sessions.goTo(sessionId, projectId)),
    "rejoinder.renameSession": first((session) => sessions.rename(session)),
    "rejoinder.deleteSession": each((all) => sessions.delete(all)),
    "rejoinder.pinSession": each((all) => actions.change(all, { pinned: true })),
    "rejoinder.unpinSession": each((all) => actions.change(all, { pinned: false })),
    "rejoinder.archiveSession": each((all) => actions.change(all, { archived: true })),
    "rejoinder.unarchiveSession": each((all) => actions.change(all, { archived: false })),
    "rejoinder.forkSession": first((session) => actions.fork(session)),
    "rejoinder.exportSession": each((all) => actions.export(all)),
    "rejoinder.restoreSession": each((all) => actions.restore(all)),
    "rejoinder.deleteSessionForever": each((all) => actions.deleteForever(all)),
  };
}
