/**
 * What the extension and the chat page tell each other. Wire types come from the protocol as they are.
 *
 * The extension holds the session, the attachments and everything that reaches the server; the page draws.
 */

import type {
  Attachment,
  ChatUpdateParams,
  CompletionItem,
  Message,
  Range,
  RunningTurn,
  Session,
  ToolRespondParams,
  Usage,
} from "../generated/protocol";

/** Where the server is. `missing`: none was found; the page then shows `detail`, `hint` and `actions` alone. */
export type ServerState = "starting" | "ready" | "restarting" | "stopped" | "missing";

/** The commands of this extension that a button on the page may run; any other is refused. */
export const PAGE_COMMANDS = [
  "rejoinder.newSession",
  "rejoinder.showSessions",
  "rejoinder.renameSession",
  "rejoinder.chooseModel",
  "rejoinder.chooseAgent",
  "rejoinder.chooseEffort",
  "rejoinder.attach",
  "rejoinder.setKey",
  "rejoinder.askSelection",
  "rejoinder.restart",
  "rejoinder.runWithUvx",
  "rejoinder.openSettings",
  "rejoinder.copyInstallCommand",
  "rejoinder.showLog",
] as const;
export type PageCommand = (typeof PAGE_COMMANDS)[number];

/** One thing to do, as a button. */
export interface Action {
  label: string;
  command: PageCommand;
}

/** An attachment as a chip: `label` is short (`pool.py:4-9`), `title` says all of it. */
export interface AttachmentChip {
  label: string;
  title: string;
  uri: string;
  range?: Range;
  /** A picture as a `data:` URL. */
  picture?: string;
}

/** What can be done with a message, and with the input, from VS Code's own menus and by its palette. */
export type PageAct = "remember" | "edit" | "regenerate" | "regenerate-with" | "prompt";

export type ToPage =
  /** Show this session in place of what is shown. `more`: there are older messages than the first of these.
   *  The draft goes into the input when another session was shown, or when the input is empty.
   *  `running` has the updates so far of a turn under way; its user message is among them.
   *  `anew`: nothing that is on the page counts any more; a text may have been taken out of messages. */
  | { type: "session"; session: Session; messages: Message[]; more: boolean; running?: RunningTurn; anew: boolean }
  /** The session's name, draft or counters changed; messages stay. */
  | { type: "renamed"; session: Session }
  /** The next update of a turn in the session that is shown, whoever sent it. `at`: when it reached the extension,
   *  in milliseconds since the epoch, with fractions. An `end` with an `error` is followed by a `failure`. */
  | ({ type: "update"; at: number } & ChatUpdateParams)
  /** The answer to `older`. */
  | { type: "older"; messages: Message[]; more: boolean }
  /** `model` is the one in use, as people read it; empty: the server says that none is set; not there: not known yet. */
  | { type: "status"; state: ServerState; detail?: string; hint?: string; actions?: Action[]; model?: string }
  /** Something that was asked for could not be done: what happened, and one thing to do. */
  | { type: "failure"; message: string; hint?: string; action?: Action }
  /** The answer to `complete` with the same `id`. The items replace what stands in the input from `start` to the
   *  offset that was asked about. */
  | { type: "completions"; id: number; items: CompletionItem[]; start?: number }
  /** Put this text into the input, before anything that is in it by now, and focus it. */
  /** An edited question that was not taken goes back to its place: `parentId` is the one that it stands for. */
  | { type: "draft"; text: string; parentId?: string }
  /** Bring this message into view; the page asks for older ones until it is there. */
  | { type: "reveal"; messageId: string }
  /** Do what a button of the page does: it was chosen from the menu on this message, or from the palette. */
  | { type: "do"; act: PageAct; messageId?: string }
  /** Focus the input. */
  | { type: "focus" }
  /** Focus the first call that waits for a decision. */
  | { type: "approval" }
  /** The agent that answers, empty: none was chosen; and the effort, unless it is the model's own. */
  | { type: "choices"; agent: string; effort?: string }
  /** How many tokens the next prompt has without its text, of how many, and what the session has used. */
  | { type: "context"; tokens: number; budget: number; usage: Usage }
  /** The answer to `picture`, as a `data:` URL. */
  | { type: "picture"; hash: string; data: string }
  /** All attachments of the next message. */
  | { type: "attachments"; items: AttachmentChip[] };

export type FromPage =
  /** The page is drawn and listens; it gets `status`, `session` and `attachments`. */
  | { type: "ready" }
  /** Send this text with the attachments, as a turn whose ID the page has made (`crypto.randomUUID()`). The input may
   *  be cleared at once: when the text cannot be sent, it comes back as `draft`. `parentId`: in place of this question.
   *  `sessionId`: where it was typed; it goes to the session that is on its way when there is one. */
  | { type: "send"; turnId: string; text: string; parentId?: string; sessionId?: string }
  /** An earlier question is edited: its attachments stand in for those of the next message until it is sent. */
  | { type: "edit"; attachments: Attachment[] }
  /** It was left as it is. */
  | { type: "leaveEdit" }
  /** Have this question answered anew. `choose`: by a model that the user is asked for. */
  | { type: "regenerate"; messageId: string; choose: boolean }
  /** Take up this version of a message. */
  | { type: "branch"; messageId: string }
  /** Show the prompt that this text would make; without a text, that of the question `parentId`. */
  | { type: "prompt"; text: string; parentId?: string }
  /** Stop the running turn. */
  | { type: "stop" }
  /** What is in the input now, of this session; sent when typing pauses, and before another session is shown. */
  | { type: "draft"; sessionId: string; text: string }
  /** Proposals for the cursor's place in the input. */
  | { type: "complete"; id: number; text: string; offset: number }
  /** Show a file at a place. */
  | { type: "open"; uri: string; range?: Range }
  /** Show a file that an answer names by its path in the workspace, at a line counted from 1. */
  | { type: "openPath"; path: string; line?: number }
  /** Open a link of an answer outside of the editor; `https`, `http` and `mailto` alone. */
  | { type: "openLink"; href: string }
  | { type: "copy"; text: string }
  /** Put a text at the cursor of the editor that was used last. */
  | { type: "insert"; text: string }
  /** Put a text in the place of what is selected there. */
  | { type: "replace"; text: string }
  /** Put a text into a new file, in the language that an answer names. */
  | { type: "newFile"; text: string; language: string }
  /** Show what code block number `block` (from 0, in the order of the text) of a stored message would change. */
  | { type: "apply"; messageId: string; block: number }
  /** Show what all code blocks of a stored message would change together. */
  | { type: "applyAll"; messageId: string }
  /** Remember this text, which stands in a message. */
  | { type: "remember"; messageId: string; text: string }
  /** The messages before this one. */
  | { type: "older"; before: string; limit?: number }
  | { type: "run"; command: PageCommand }
  /** What the user says to a tool call that waits. */
  | ({ type: "respond" } & Pick<ToolRespondParams, "turnId" | "callId" | "decision" | "reason">)
  /** The picture of a stored message is wanted. */
  | { type: "picture"; hash: string }
  /** Attach a picture, as base64. */
  | { type: "attachPicture"; name: string; mimeType: string; data: string }
  /** Attach files. */
  | { type: "attachFiles"; uris: string[] }
  /** Drop the attachment with this index. */
  | { type: "detach"; index: number };
