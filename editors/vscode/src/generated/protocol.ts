// Made by `python -m rejoinder.protocol.generate` from server/rejoinder/protocol; do not edit.

/** Both sides name it in `experimental.rejoinder.protocolVersion`. */
export const PROTOCOL_VERSION = 1;

/** A client that answers `rejoinder/editor/context` declares this feature. */
export const EDITOR_CONTEXT_FEATURE = "editorContext";

/** No parameters, or nothing to tell. */
export type Nothing = Record<string, never>;

export type Scope = "workspace" | "file" | "none";

export type Role = "system" | "user" | "assistant" | "tool";

export type Source = "chat" | "ask" | "image" | "import" | "manual";

export type StopReason = "end_turn" | "cancelled" | "max_tokens" | "limit" | "refusal" | "approval";

export type HitSource = "code" | "knowledge" | "memory" | "message" | "commit";

export type ToolEffect = "read" | "write" | "reach";

export type AgentSource = "session" | "user" | "project";

export type PromptSource = "user" | "project";

export type AskAction = "explain" | "fix" | "test" | "document" | "review" | "commit";

export type MemoryKind = "short" | "long";

export type ContextSource = "memory" | "knowledge";

export type IndexState = "starting" | "indexing" | "paused" | "ready" | "error";

export type KnowledgeKind = "file" | "folder" | "url" | "text";

export type SearchMode = "words" | "meaning" | "both";

/** The turn has begun. `agent` is the name of the one who answers, if one was named. */
export interface Started {
  model: string;
  sessionId: string;
  agent?: string;
  type: "started";
}

/** A place in a document: zero-based line and character. */
export interface Position {
  line: number;
  character: number;
}

/** A half-open span of a document, from `start` up to but without `end`. */
export interface Range {
  start: Position;
  end: Position;
}

/**
 * A file, a part of one, or an image that comes with a text.
 *
 * `data` is base64; without `text` and `data` the open buffer or the file on disk is read. An image is PNG, JPEG,
 * WebP or GIF. In a history it has a `hash`, the SHA-256 of its bytes, by which `session/attachment` gives them, and
 * by which it may be sent once more in the same session.
 */
export interface Attachment {
  uri: string;
  range?: Range;
  version?: number;
  text?: string;
  mimeType?: string;
  data?: string;
  hash?: string;
}

/** A place that an answer refers to. */
export interface Citation {
  uri: string;
  range: Range;
  label: string;
  messageId?: string;
}

/** A call that a model made in a turn, with what came of it. */
export interface ToolCall {
  callId: string;
  name: string;
  args: Record<string, unknown>;
  status: string;
  output?: string;
}

/**
 * What a turn or a session has used: tokens, cost in US dollars, seconds of wall clock.
 *
 * `cached_tokens` are those of the input that the provider had in its cache.
 */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  seconds: number;
  cost?: number;
  cachedTokens?: number;
}

/** One node of a session's message tree. */
export interface Message {
  messageId: string;
  turnId: string;
  role: Role;
  source: Source;
  content: string;
  createdAt: string;
  parentId?: string;
  attachments?: Attachment[];
  citations?: Citation[];
  toolCalls?: ToolCall[];
  model?: string;
  usage?: Usage;
  stopReason?: StopReason;
  siblings?: string[];
  agent?: string;
}

/** The user's message as it will be stored. */
export interface UserMessage {
  message: Message;
  type: "user_message";
}

/** More of the answer. */
export interface Text {
  text: string;
  type: "text";
}

/** More of the model's reasoning. */
export interface Thought {
  text: string;
  type: "thought";
}

/** What is going on, in a few words for people. */
export interface Status {
  message: string;
  type: "status";
}

/** A span of a text on one line, from `start` up to but without `end`, in the negotiated encoding's units. */
export interface Mark {
  start: number;
  end: number;
}

/**
 * One line of a passage for a list of hits: line ends are spaces, `…` stands for what is left out.
 *
 * The `marks` are the words that were found, in their order.
 */
export interface Snippet {
  text: string;
  marks: Mark[];
}

/**
 * A passage that retrieval found, with the parts of its score.
 *
 * A search tells the `snippet`; of what was said in a session also that session's name and whether it is archived,
 * and of a message its role and when it was written. `range` has the lines of the message.
 */
export interface Hit {
  uri: string;
  range: Range;
  text: string;
  score: number;
  source: HitSource;
  parts: Record<string, number>;
  scope?: string;
  sessionId?: string;
  messageId?: string;
  projectId?: string;
  sessionName?: string;
  archived?: boolean;
  role?: Role;
  createdAt?: string;
  snippet?: Snippet;
}

/** The passages that were retrieved for this turn. */
export interface Context {
  hits: Hit[];
  type: "context";
}

/** A place that the answer refers to. */
export interface CitationFound {
  citation: Citation;
  type: "citation";
}

/** The model calls a tool. */
export interface ToolCallStarted {
  callId: string;
  name: string;
  args: Record<string, unknown>;
  needsApproval: boolean;
  type: "tool_call";
}

/**
 * A tool call went on.
 *
 * `status` is `waiting` (for a decision), `running`, `done`, `failed`, `denied`, `cancelled` or `interrupted`. `args`
 * are there when the decision changed them.
 */
export interface ToolUpdate {
  callId: string;
  status: string;
  output?: string;
  args?: Record<string, unknown>;
  type: "tool_update";
}

/** The turn waits for a decision on this call. */
export interface Approval {
  callId: string;
  type: "approval";
}

/** What the turn has used so far. */
export interface UsageUpdate {
  usage: Usage;
  type: "usage";
}

/** An error as a turn's end carries it: the same code, message and data as the reply's. */
export interface ErrorInfo {
  code: number;
  message: string;
  data?: Record<string, unknown>;
}

/**
 * The turn is over; always the last update.
 *
 * `error` together with `message_id`: it failed, and what there is of it is stored all the same, because a call that
 * may have changed something was begun.
 */
export interface End {
  stopReason: StopReason;
  usage: Usage;
  citations: Citation[];
  messageId?: string;
  error?: ErrorInfo;
  type: "end";
}

/**
 * Somebody who may answer, by name. What is left out is as it is for everybody.
 *
 * `tools` are the only ones that it may use, none when there are none in it. `knowledge` names the only documents of
 * the knowledge that it reads. `description` is for those who choose among agents; no model is told. `source` says
 * where it is kept: with the session, in the user's own configuration, or in the project's folder.
 */
export interface AgentInfo {
  name: string;
  role?: string;
  goal?: string;
  instructions?: string;
  description?: string;
  model?: string;
  tools?: string[];
  knowledge?: string[];
  source?: AgentSource;
}

/** Whose agents are wanted: those that can be named in a session, or outside of all. */
export interface AgentsListParams {
  sessionId?: string;
  projectId?: string;
  uri?: string;
}

/** An agent to keep with a session, in the place of one of the same name. */
export interface AgentsPutParams {
  sessionId: string;
  agent: AgentInfo;
  projectId?: string;
  uri?: string;
}

/** An agent that a session is to keep no more. */
export interface AgentsRemoveParams {
  sessionId: string;
  name: string;
  projectId?: string;
  uri?: string;
}

/** An image of a session by its `hash`. */
export interface SessionAttachmentParams {
  sessionId: string;
  hash: string;
  projectId?: string;
  uri?: string;
}

/** What a client says of itself. `ui`: it draws answers itself. */
export interface ClientHandshake {
  protocolVersion: number;
  ui?: boolean;
  features?: string[];
}

/** A query over memory and knowledge, or one of them; `max_items` is 1 to 50, 5 by default. */
export interface ContextParams {
  query: string;
  maxItems?: number;
  sources?: ContextSource[];
  sessionId?: string;
  userId?: string;
  projectId?: string;
}

/** Something to remember, and the message, session or file of the project that it came from; `long` by default. */
export interface MemoryAddParams {
  text: string;
  kind?: MemoryKind;
  quality?: number;
  metadata?: Record<string, unknown>;
  sessionId?: string;
  messageId?: string;
  userId?: string;
  uri?: string;
  expiresAt?: string;
  projectId?: string;
}

/** What to forget of a user: all of a kind; with `session_id` only what came from that session. */
export interface MemoryClearParams {
  kind: "short" | "long" | "all";
  userId?: string;
  sessionId?: string;
  projectId?: string;
}

/** The entry to forget. */
export interface MemoryDeleteParams {
  memoryId: string;
  userId?: string;
  projectId?: string;
}

/** The entry to show. */
export interface MemoryGetParams {
  memoryId: string;
  userId?: string;
  projectId?: string;
}

/** Which entries to list: a user's, with `session_id` those that came from that session; `limit` at most 1000. */
export interface MemoryListParams {
  kind?: MemoryKind;
  userId?: string;
  sessionId?: string;
  projectId?: string;
  cursor?: string;
  limit?: number;
}

/** A query over the memory. `session_id` adds what counts in that session only. */
export interface MemorySearchParams {
  query: string;
  kind?: MemoryKind;
  userId?: string;
  sessionId?: string;
  limit?: number;
  projectId?: string;
}

/** The fields to correct. `metadata` take the place of those before; an empty `expires_at`: it does not expire. */
export interface MemoryUpdateParams {
  memoryId: string;
  text?: string;
  kind?: MemoryKind;
  quality?: number;
  metadata?: Record<string, unknown>;
  expiresAt?: string;
  userId?: string;
  projectId?: string;
}

/**
 * How to look. `refresh`: servers are asked again. `offer`: the user will be asked about what is found.
 *
 * With `offer` the usual ports of servers on this machine are looked at, too. `again`: the user wants to choose, so
 * what was offered before is offered as well.
 */
export interface ModelsParams {
  refresh?: boolean;
  offer?: boolean;
  again?: boolean;
}

/** The model to use wherever no setting names one, from now on; without it that is forgotten. */
export interface ModelsUseParams {
  model?: string;
}

/** How many days, today among them; 30 unless told otherwise. */
export interface UsageParams {
  days?: number;
}

/** A project and the folder that it is in now. `replace`: also when what another project holds loses it by that. */
export interface ProjectRelinkParams {
  projectId: string;
  path: string;
  replace?: boolean;
}

/** A project and whether it is trusted. */
export interface ProjectTrustParams {
  projectId: string;
  trusted: boolean;
}

/** Whose prompts are wanted: those that can be called in a project, or outside of all. */
export interface PromptsListParams {
  projectId?: string;
  uri?: string;
}

/** The file in question. */
export interface IndexExplainParams {
  uri: string;
}

/**
 * What to index anew: one file or all. A pause is over then.
 *
 * With a token the reply comes when it is done, or when somebody pauses the index; without one once it is begun. When
 * it is cancelled the index rests, and `index/resume` has it go on.
 */
export interface IndexRebuildParams {
  uri?: string;
  workDoneToken?: string | number;
}

/** Whose index. */
export interface IndexStatusParams {
  projectId?: string;
}

/**
 * A path, a URL, or a text with a title. Without `kind` it is found out which.
 *
 * With `session_id` it counts in that session only. `allow_private` lets a URL lead to an address of this network;
 * `allow_outside` lets a path lie outside of the project: the user has named it. The same source again is read anew.
 */
export interface KnowledgeAddParams {
  source: string;
  sessionId?: string;
  title?: string;
  workDoneToken?: string | number;
  kind?: KnowledgeKind;
  allowPrivate?: boolean;
  allowOutside?: boolean;
  projectId?: string;
}

/** Whose knowledge to remove; with `session_id` only what was added for that session. */
export interface KnowledgeClearParams {
  sessionId?: string;
  projectId?: string;
}

/** Whose knowledge; with `session_id` what counts in that session too. */
export interface KnowledgeListParams {
  sessionId?: string;
  projectId?: string;
}

/** What to remove. */
export interface KnowledgeRemoveParams {
  knowledgeId: string;
  projectId?: string;
}

/** A query over the knowledge. */
export interface KnowledgeSearchParams {
  query: string;
  limit?: number;
  sessionId?: string;
  projectId?: string;
}

/**
 * A query over files, conversations, memory and knowledge; `limit` is at most 200.
 *
 * With `role` or `model` only messages of that role, or that this model wrote, are found; with `file_uri` those
 * whose attachments or citations name the file, the answers to them, and those of sessions that belong to it. `since`
 * and `until` are RFC 3339 times, the second no longer counted. With any of these, or with sessions, a user or `mode`,
 * no files and commits are found.
 *
 * Without `mode` the query is a question in any words. Else it may hold "a phrase", -excluded words and the
 * beginnings of words (begin*), which count in each mode. `words`: every word as it is written, capitals aside, also
 * as a part of an identifier. `meaning`: what is said in other words, too, and nothing because of its words. `both`:
 * what fits by either. `wait_seconds`, 20 unless told, is how long what is not in the index yet is waited for.
 *
 * With `filters` the query itself may narrow the search down: `role:user`, `since:7d`, `until:2026-01-31`,
 * `file:src/app.py`, `in:SESSION` (an ID or a name); they count before the params of the same meaning.
 */
export interface SearchParams {
  query: string;
  projectId?: string;
  uri?: string;
  sources?: HitSource[];
  sessionId?: string;
  role?: Role;
  model?: string;
  userId?: string;
  allProjects?: boolean;
  limit?: number;
  sessionIds?: string[];
  fileUri?: string;
  since?: string;
  until?: string;
  mode?: SearchMode;
  waitSeconds?: number;
  filters?: boolean;
}

/** A message given by hand, by import, or as the beginning of a session. */
export interface NewMessage {
  role: Role;
  content: string;
  source?: Source;
  createdAt?: string;
  attachments?: Attachment[];
}

/** Messages of a user to put at the end of the active path. */
export interface SessionAddParams {
  sessionId: string;
  messages: NewMessage[];
  projectId?: string;
  uri?: string;
  userId?: string;
}

/** Forget the messages; the system ones stay unless `keep_system` is false. */
export interface SessionClearParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
  keepSystem?: boolean;
}

/** How a session's memory is kept and found. What is not said is as the settings `memory.…` say. */
export interface MemoryConfig {
  provider?: string;
  vectorStore?: string;
}

/** How a session's knowledge is kept, cut and found. What is not said is as the settings `knowledge.…` say. */
export interface KnowledgeConfig {
  provider?: string;
  vectorStore?: string;
  chunker?: string;
  chunkSize?: number;
}

/** A new session of a user; it becomes that user's current one of its scope. */
export interface SessionCreateParams {
  sessionId?: string;
  name?: string;
  description?: string;
  label?: string;
  scope?: Scope;
  uri?: string;
  projectId?: string;
  system?: string;
  messages?: NewMessage[];
  metadata?: Record<string, unknown>;
  userId?: string;
  memory?: MemoryConfig;
  knowledge?: KnowledgeConfig;
}

/** To the trash, or for good. */
export interface SessionDeleteParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
  permanent?: boolean;
}

/**
 * Copy the path up to `message_id`, or all of it, into a new session.
 *
 * With `summarize` the new session begins with a summary of that path in place of its messages.
 */
export interface SessionForkParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
  messageId?: string;
  newSessionId?: string;
  name?: string;
  summarize?: boolean;
}

/**
 * A page of the active path; `before` is a cursor or a message ID.
 *
 * With `user_id` only what this user said and was answered, and what the system said.
 */
export interface SessionHistoryParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
  before?: string;
  limit?: number;
  userId?: string;
}

/**
 * Which sessions to list, newest first; `query` looks at name, label and description.
 *
 * `archived` asks for the archived ones instead, `trashed` for those in the trash, `user_id` for those that this user
 * made.
 */
export interface SessionListParams {
  projectId?: string;
  uri?: string;
  scope?: Scope;
  query?: string;
  archived?: boolean;
  trashed?: boolean;
  cursor?: string;
  limit?: number;
  userId?: string;
}

/** The last update that a client has seen. */
export interface Since {
  turnId: string;
  seq: number;
}

/** A session by `ref` (ID, unique name, or unique prefix), by ID, or a user's current one for a document. */
export interface SessionOpenParams {
  ref?: string;
  sessionId?: string;
  uri?: string;
  projectId?: string;
  scope?: Scope;
  since?: Since;
  userId?: string;
}

/** A session, exactly. */
export interface SessionParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
}

/**
 * Make `message_id` the end of the active path; later messages stay as siblings.
 *
 * With `latest` the end is the message below it that was stored last: from a message to one of its `siblings`, this
 * is how another branch is taken up where it was left.
 */
export interface SessionRollbackParams {
  sessionId: string;
  messageId: string;
  projectId?: string;
  uri?: string;
  latest?: boolean;
}

/**
 * The fields to change; an empty text clears one. `memory` and `knowledge` are replaced whole.
 *
 * `allowed_tools` takes back what was allowed for the session, but for these.
 */
export interface SessionUpdateParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
  name?: string;
  label?: string;
  description?: string;
  metadata?: Record<string, unknown>;
  pinned?: boolean;
  archived?: boolean;
  model?: string;
  system?: string;
  draft?: string;
  memory?: MemoryConfig;
  knowledge?: KnowledgeConfig;
  allowedTools?: string[];
}

/** A user's state in a session, or one key of it. */
export interface StateGetParams {
  sessionId: string;
  projectId?: string;
  uri?: string;
  key?: string;
  userId?: string;
}

/**
 * Values to merge into a user's state, or to put in its place.
 *
 * A moment or a day is written as the object `{"$date": "2024-05-06T07:08:09Z"}` or `{"$date": "2024-05-06"}`, with
 * `"$naive": true` beside it for a moment without a time zone; an object that only looks like this as
 * `{"$value": …}`. The Python client does so by itself.
 */
export interface StateSetParams {
  sessionId: string;
  state: Record<string, unknown>;
  projectId?: string;
  uri?: string;
  replace?: boolean;
  userId?: string;
}

/**
 * A function of the program that sends a turn. `parameters` is the JSON schema of its arguments.
 *
 * `asks`: a call waits for a yes.
 */
export interface FunctionTool {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  asks?: boolean;
}

/** Whose tools: those of a project, by its ID or by a document in it. */
export interface ToolListParams {
  projectId?: string;
  uri?: string;
}

/**
 * Functions of the client for turns of a session that another program has sent, and that wait or go on without it.
 *
 * They are called here from now on, until the connection ends or another one offers them.
 */
export interface ToolOfferParams {
  sessionId: string;
  functions: FunctionTool[];
  projectId?: string;
  userId?: string;
}

/** The user's decision on a tool call. `args` take the place of the model's. */
export interface ToolRespondParams {
  turnId: string;
  callId: string;
  decision: "allow" | "allow_session" | "deny";
  reason?: string;
  args?: Record<string, unknown>;
  sessionId?: string;
  projectId?: string;
  userId?: string;
}

/** A transcript's file and a line in it, counted from 0: of the code block there, or of the last one above it. */
export interface TranscriptApplyParams {
  uri: string;
  line: number;
}

/**
 * A document and the lines in question, all of them without a range.
 *
 * Without an action and a text nothing is sent: the transcript is shown with the lines mentioned, to type behind.
 */
export interface TranscriptAskParams {
  uri: string;
  range?: Range;
  action?: "explain" | "fix" | "test" | "document" | "review";
  text?: string;
}

/** A transcript's file, as above, and the call of a tool that is decided about: by default the first that waits. */
export interface TranscriptDecideParams {
  decision: "allow" | "allow_session" | "deny";
  uri?: string;
  callId?: string;
}

/**
 * A document and the lines to change, all of them without a range; the editor is asked to make the change.
 *
 * `problems`: what the editor's checks say of these lines. `text`: what else is to be done, or what alone.
 */
export interface TranscriptEditParams {
  uri: string;
  range?: Range;
  action?: "fix" | "document";
  problems?: string[];
  text?: string;
}

/** The session to show as a Markdown file; by default the current one. `new`: a session that is made for it. */
export interface TranscriptOpenParams {
  sessionId?: string;
  uri?: string;
  new?: boolean;
}

/** A transcript's file; by default the one that this client has opened or changed last. */
export interface TranscriptParams {
  uri?: string;
}

/** A transcript's file, as above, and the model that is to answer the last question anew. */
export interface TranscriptRegenerateParams {
  uri?: string;
  model?: string;
}

/** Where to write an archive of everything that is kept: an absolute path at which there is nothing. */
export interface BackupCreateParams {
  path: string;
}

/**
 * An archive to bring in.
 *
 * Sessions that are here and differ: with `replace` true the archive's take their place, with false they are left
 * alone, without it nothing is restored.
 */
export interface BackupRestoreParams {
  path: string;
  replace?: boolean;
}

/** What to clean up; nothing is removed unless `dry_run` is false. */
export interface SessionCleanupParams {
  empty?: boolean;
  olderThanDays?: number;
  keepMessages?: number;
  dryRun?: boolean;
  projectId?: string;
  uri?: string;
}

/** The sessions to write out; all of the project's when none is named. */
export interface SessionExportParams {
  format: "json" | "markdown";
  sessionIds?: string[];
  projectId?: string;
  uri?: string;
}

/** The usual places of other programs, and the project's own folder. */
export interface SessionImportFindParams {
  projectId?: string;
  uri?: string;
}

/**
 * Sessions of this program or of another: a file's `content` in a known `format`, or an absolute `path`.
 *
 * Formats of content: `json` is what `session/export` wrote, a list of `{role, content}`, or an object with
 * `messages`; `toon` the same in TOON; `markdown` has a heading for each message, as `session/export` writes it, or
 * is a transcript; `agno` is `{sessions, messages}`, the content of `sessions.json` and of each session's
 * `messages.json` by ID; `sqlite` is a database in base64. Without `format` it is found out. A path is a file or
 * folder, in any of these or of `session-object`, `praison`, `continue`, `codecompanion`, `eca`, `aider` and `llm`;
 * it is only read. What came in of an earlier import is known again, and only what has been added since comes in.
 *
 * `place`: with `own` a conversation of another program that belonged to a folder comes into the project of that
 * folder, which is made if the folder is there; all else, and without it everything, comes into the current project.
 */
export interface SessionImportParams {
  format?: string;
  content?: string;
  path?: string;
  projectId?: string;
  uri?: string;
  dryRun?: boolean;
  place?: "own" | "current";
  workDoneToken?: string | number;
}

/** What may be set for one call. What a model does not know is left out of its request. */
export interface ModelSettings {
  temperature?: number;
  maxTokens?: number;
  effort?: "minimal" | "low" | "medium" | "high";
  topP?: number;
  seed?: number;
  stop?: string[];
}

/** One question over all sessions of the project; stored in the current one unless `remember` is false. */
export interface AskParams {
  text: string;
  sessionId?: string;
  uri?: string;
  projectId?: string;
  userId?: string;
  turnId?: string;
  attachments?: Attachment[];
  model?: string;
  settings?: ModelSettings;
  system?: string;
  agent?: string;
  tools?: string[];
  functions?: FunctionTool[];
  retrieve?: boolean;
  ephemeral?: boolean;
  action?: AskAction;
  schema?: Record<string, unknown>;
  remember?: boolean;
  ack?: boolean;
  partialResultToken?: string | number;
  workDoneToken?: string | number;
}

/** Which turn to stop: the one named, else the session's running one. */
export interface ChatCancelParams {
  sessionId: string;
  turnId?: string;
  projectId?: string;
}

/** One turn. `parent_id`: edit, resend or regenerate from there. */
export interface ChatParams {
  text: string;
  sessionId?: string;
  uri?: string;
  projectId?: string;
  userId?: string;
  turnId?: string;
  attachments?: Attachment[];
  model?: string;
  settings?: ModelSettings;
  system?: string;
  agent?: string;
  tools?: string[];
  functions?: FunctionTool[];
  retrieve?: boolean;
  ephemeral?: boolean;
  parentId?: string;
  queue?: boolean;
  ack?: boolean;
  partialResultToken?: string | number;
  workDoneToken?: string | number;
}

/** An input and the cursor's offset in it, in the units of the negotiated position encoding. */
export interface CompleteParams {
  text: string;
  offset: number;
  sessionId?: string;
  uri?: string;
}

/**
 * An instruction for a range, or a block of an answer that is to be applied.
 *
 * An empty range is the cursor. `block` counts the fenced code blocks of the message from 0; without it all those are
 * meant that say what they change, as one edit of any number of files. `uri` is then the document that the client has
 * before it; a block that names a file itself, or that answers a question about a selection, changes that one.
 */
export interface EditParams {
  uri?: string;
  range?: Range;
  version?: number;
  instruction?: string;
  model?: string;
  messageId?: string;
  block?: number;
  sessionId?: string;
  projectId?: string;
}

/** The parameters of a chat or an ask whose prompt is wanted and not sent. */
export interface PreviewParams {
  text: string;
  sessionId?: string;
  uri?: string;
  projectId?: string;
  userId?: string;
  turnId?: string;
  attachments?: Attachment[];
  model?: string;
  settings?: ModelSettings;
  system?: string;
  agent?: string;
  tools?: string[];
  functions?: FunctionTool[];
  retrieve?: boolean;
  ephemeral?: boolean;
  of: "chat" | "ask";
  parentId?: string;
  action?: AskAction;
  schema?: Record<string, unknown>;
  remember?: boolean;
}

/** A finished turn. With `ack` only `session_id` and `turn_id` are given. */
export interface TurnResult {
  sessionId: string;
  turnId: string;
  messageId?: string;
  text?: string;
  stopReason?: StopReason;
  usage?: Usage;
  citations?: Citation[];
  model?: string;
  json?: unknown;
  agent?: string;
}

/** An image that goes along with a message: its type, the SHA-256 of its bytes, and how many these are. */
export interface PromptImage {
  mimeType: string;
  hash: string;
  bytes: number;
}

/** A message exactly as a model would get it. */
export interface PromptMessage {
  role: Role;
  content: string;
  origin?: Hit;
  images?: PromptImage[];
  toolCalls?: ToolCall[];
}

/**
 * A tool that models may be given. `source`: `built-in`, `functions`, or the server that has it.
 *
 * `asks`: a call waits for a yes. `enabled`: a turn that names no tools has it.
 */
export interface ToolInfo {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  effect: ToolEffect;
  source: string;
  asks: boolean;
  enabled: boolean;
}

/** The exact prompt, its estimated tokens, the budget, and how many secrets were masked. */
export interface PreviewResult {
  messages: PromptMessage[];
  tokens: number;
  budget: number;
  masked: number;
  tools?: ToolInfo[];
}

/** What becomes of a file that is there already. */
export interface CreateFileOptions {
  ignoreIfExists: boolean;
}

/** A file that is made before its text is put in. */
export interface CreateFile {
  uri: string;
  kind: "create";
  options: CreateFileOptions;
}

/** A document as it was at `version`; None when it is not open. */
export interface VersionedDocument {
  uri: string;
  version: number | null;
}

/** One replacement within a document. */
export interface TextEdit {
  range: Range;
  newText: string;
}

/** All replacements within one document. */
export interface TextDocumentEdit {
  textDocument: VersionedDocument;
  edits: TextEdit[];
}

/** LSP's WorkspaceEdit in its versioned form. */
export interface WorkspaceEdit {
  documentChanges: (CreateFile | TextDocumentEdit)[];
}

/** A versioned edit, one replacement for each run of lines that differ, and what it does. */
export interface EditResult {
  edit: WorkspaceEdit;
  explanation: string;
}

/** A proposal for an input that is no LSP document. */
export interface CompletionItem {
  label: string;
  insertText: string;
  kind: string;
  detail: string;
}

/** Proposals for `/`, `@` and `#`. `start`: the offset of the text up to the cursor that they replace. */
export interface CompleteResult {
  items: CompletionItem[];
  start?: number;
}

/** All tools that there are. `notes` say what could not be had, for people. */
export interface ToolListResult {
  tools: ToolInfo[];
  notes: string[];
}

/** The agents that can be named, and sentences about those that do not count. */
export interface AgentsListResult {
  agents: AgentInfo[];
  notes: string[];
}

/** A prompt that `/name` calls. `source` says where it is kept: in the user's configuration or in the project. */
export interface PromptInfo {
  name: string;
  source: PromptSource;
  description?: string;
  argumentHint?: string;
}

/** The prompts that can be called, and sentences about those that do not count. */
export interface PromptsListResult {
  prompts: PromptInfo[];
  notes: string[];
}

/** Where a fork was taken from. */
export interface ForkOrigin {
  sessionId: string;
  messageId?: string;
}

/** A conversation. `current`: the one that its scope uses when none is named. `head`: the path's last message. */
export interface Session {
  sessionId: string;
  projectId: string;
  name: string;
  scope: Scope;
  current: boolean;
  pinned: boolean;
  archived: boolean;
  createdAt: string;
  updatedAt: string;
  messageCount: number;
  revision: number;
  metadata: Record<string, unknown>;
  usage: Usage;
  label?: string;
  description?: string;
  uri?: string;
  draft?: string;
  model?: string;
  system?: string;
  forkedFrom?: ForkOrigin;
  userId?: string;
  memory?: MemoryConfig;
  knowledge?: KnowledgeConfig;
  allowedTools?: string[];
  head?: string;
}

/** A page of sessions. */
export interface SessionListResult {
  sessions: Session[];
  nextCursor?: string;
}

/** One update of a turn; `seq` counts from 0 without gaps. */
export interface ChatUpdateParams {
  sessionId: string;
  turnId: string;
  seq: number;
  update: Update;
}

/** A turn under way, with its updates so far or since the one that was named. */
export interface RunningTurn {
  turnId: string;
  updates: ChatUpdateParams[];
}

/** A session, its latest messages, and its running turn. */
export interface SessionOpenResult {
  session: Session;
  messages: Message[];
  running?: RunningTurn;
}

/** Messages, oldest first; `next_cursor` leads to older ones. */
export interface SessionHistoryResult {
  messages: Message[];
  nextCursor?: string;
}

/** The new messages' IDs, in order. */
export interface SessionAddResult {
  messageIds: string[];
}

/** A summary and the messages that it covers, oldest first. */
export interface SummarizeResult {
  summary: string;
  covers: string[];
}

/** A user's state in a session. */
export interface StateResult {
  state: Record<string, unknown>;
}

/** An image; `data` is base64. */
export interface SessionAttachmentResult {
  mimeType: string;
  data: string;
}

/** A file's text. */
export interface SessionExportResult {
  content: string;
}

/**
 * A session that was found, with all messages that it has there and how many of them came in, or would.
 *
 * `known`: it has nothing new; `kept`: it is left as it is here, for the `reason` that is given. `folder` is that of
 * the project into which it comes, if that is not the current one.
 */
export interface ImportedSession {
  sessionId: string;
  name: string;
  outcome: "new" | "grown" | "known" | "kept";
  messages: number;
  newMessages: number;
  newMemories?: number;
  createdAt?: string;
  updatedAt?: string;
  reason?: string;
  folder?: string;
}

/** What could not be read, and why; everything else comes in. */
export interface SkippedPart {
  place: string;
  reason: string;
}

/**
 * What came in, or would.
 *
 * `sessions` counts new ones and those that have grown, `skipped` those that were there already. Of a path also the
 * format that was `detected`, and what was `found`; `skipped_reasons` name what could not be read. The first thousand
 * of each are named.
 */
export interface SessionImportResult {
  sessions: number;
  messages: number;
  skipped: number;
  detected?: string;
  found?: ImportedSession[];
  skippedReasons?: SkippedPart[];
}

/** Where another program keeps its sessions on this machine; nothing there has been read. */
export interface ImportPlace {
  format: string;
  title: string;
  path: string;
}

/** Those that are there, as `session/import` takes them. */
export interface SessionImportFindResult {
  places: ImportPlace[];
}

/** A session that goes (`empty`, `old`), or loses so many of its oldest messages (`long`). */
export interface CleanupCandidate {
  sessionId: string;
  name: string;
  reason: "empty" | "old" | "long";
  messages: number;
}

/** What went to the trash, and what was taken out of long sessions; or what would. */
export interface SessionCleanupResult {
  sessions: number;
  messages: number;
  bytes: number;
  candidates: CleanupCandidate[];
}

/** The archive, with what is in it. `bytes` is its own size. */
export interface BackupCreateResult {
  path: string;
  projects: number;
  sessions: number;
  bytes: number;
}

/** What came in. `skipped` sessions were here and stay; `kept` is an archive of what there was before. */
export interface BackupRestoreResult {
  projects: number;
  sessions: number;
  replaced: number;
  skipped: number;
  kept?: string;
}

/** What a memory entry came from. */
export interface Origin {
  sessionId?: string;
  messageId?: string;
  uri?: string;
}

/**
 * Something remembered for a project and a user. `quality` is 0 to 1; it is not found from `expires_at` on.
 *
 * A `long` one counts in the whole project. A `short` one counts in the session of its source alone, and goes with it;
 * without a session it counts in the project for a week, unless it says itself until when.
 */
export interface MemoryEntry {
  memoryId: string;
  text: string;
  kind: MemoryKind;
  quality: number;
  metadata: Record<string, unknown>;
  createdAt: string;
  source?: Origin;
  userId?: string;
  expiresAt?: string;
  updatedAt?: string;
}

/** Memory entries, newest first; `next_cursor` leads to older ones. */
export interface MemoryListResult {
  entries: MemoryEntry[];
  nextCursor?: string;
}

/**
 * Passages, best first.
 *
 * A search says whether it is `complete`: false while the index does not know everything that was said, or, by
 * meaning, while not every passage has its vector; `waiting` counts sessions, entries and documents to be read yet.
 */
export interface HitsResult {
  hits: Hit[];
  complete?: boolean;
  waiting?: number;
}

/** How many entries were forgotten. */
export interface MemoryClearResult {
  removed: number;
}

/** One formatted text, quoted as in prompts, and its pieces; the text is empty when nothing was found. */
export interface ContextResult {
  text: string;
  hits: Hit[];
}

/** A document or text that was added for retrieval. With a `session_id` it counts in that session only. */
export interface Knowledge {
  knowledgeId: string;
  source: string;
  title: string;
  kind: KnowledgeKind;
  chunks: number;
  bytes: number;
  addedAt: string;
  updatedAt: string;
  error?: string;
  sessionId?: string;
}

/** What was added. */
export interface KnowledgeListResult {
  knowledge: Knowledge[];
}

/** How much was removed. */
export interface KnowledgeClearResult {
  removed: number;
}

/** A file that could not be indexed, and why. */
export interface IndexFault {
  uri: string;
  reason: string;
}

/**
 * What can be recalled of a project besides its files: passages of messages, memory and knowledge.
 *
 * `embedded` of the passages have a vector of the model in use; `waiting` counts sessions, entries and documents that
 * are still to be read. `bytes` are on disk, `memory` is what the process of this index holds for all projects.
 */
export interface RecallStatus {
  passages: number;
  embedded: number;
  waiting: number;
  model: string;
  dimension: number;
  bytes: number;
  memory: number;
  errors: string[];
}

/** How far the index of a project is; `bytes` on disk. */
export interface IndexStatus {
  state: IndexState;
  files: number;
  chunks: number;
  done: number;
  total: number;
  model: string;
  dimension: number;
  bytes: number;
  errors: IndexFault[];
  projectId?: string;
  secondsLeft?: number;
  recall?: RecallStatus;
}

/** Whether a file is indexed, and why or why not. */
export interface IndexExplainResult {
  indexed: boolean;
  reason: string;
  chunks: number;
}

/** A model that can be chosen. `configured`: it can be used without further settings. */
export interface ModelInfo {
  id: string;
  provider: string;
  label: string;
  vision: boolean;
  tools: boolean;
  configured: boolean;
  local: boolean;
  contextTokens?: number;
}

/**
 * The models that can be chosen, and the one in use.
 *
 * `offers`, when they were asked for, are models that `models/use` would have used, and that were not offered before
 * unless that too was asked for.
 */
export interface ModelsResult {
  models: ModelInfo[];
  current: string;
  offers?: ModelInfo[];
}

/** The model in use now; a setting that names another one is stronger. */
export interface ModelsUseResult {
  current: string;
}

/** What one model used on one day. `day` is an ISO date in UTC. */
export interface DayUsage {
  day: string;
  model: string;
  turns: number;
  usage: Usage;
}

/** A limit that a setting `key` sets for each day, in US dollars or tokens, and what is used of it today. */
export interface BudgetUse {
  key: string;
  limit: number;
  used: number;
}

/** What was used, oldest first, all of it together, and the limits of today. */
export interface UsageResult {
  days: DayUsage[];
  total: Usage;
  budgets: BudgetUse[];
}

/** A workspace folder with sessions. `paths` are where it was seen, newest first. */
export interface Project {
  projectId: string;
  name: string;
  paths: string[];
  sessions: number;
  trusted: boolean;
  createdAt: string;
}

/** Every known project. */
export interface ProjectListResult {
  projects: Project[];
}

/** A setting with its value and the layer that it came from. */
export interface Setting {
  key: string;
  value: unknown;
  source: string;
  default: unknown;
  help: string;
}

/** Every setting, with the layer that it came from. */
export interface ConfigResult {
  settings: Setting[];
}

/** A transcript's file. */
export interface TranscriptOpenResult {
  uri: string;
}

/** A session came, went, or has news; `rewritten`: messages that were there are gone or others now. */
export interface SessionChangedParams {
  projectId: string;
  sessionId: string;
  kind: "created" | "updated" | "deleted" | "message";
  revision: number;
  rewritten?: boolean;
}

/** A call of a function that the client sent with its turn, or has offered. */
export interface ToolCallParams {
  sessionId: string;
  turnId: string;
  callId: string;
  name: string;
  args: Record<string, unknown>;
}

/** What the function answered, or why it could not. */
export interface ToolCallResult {
  output?: string;
  error?: string;
}

/** The document in question. */
export interface EditorContextParams {
  uri?: string;
}

/** What an editor sees: LSP diagnostics, visible and recent documents, the selection. */
export interface EditorContextResult {
  diagnostics?: Record<string, unknown>[];
  visible?: string[];
  recent?: string[];
  selection?: Attachment;
}

/** What the server says of itself: the methods that it serves, by name, and where its files are. */
export interface ServerHandshake {
  protocolVersion: number;
  methods: string[];
  features: string[];
  processId?: number;
  dataDir?: string;
  store?: string;
  cacheDir?: string;
  configFile?: string;
}

/** What goes along with an error. `hint` is one thing to do; the other keys depend on the code. */
export interface ErrorData {
  hint: string;
  candidates?: Record<string, string>[];
  turnId?: string;
  sessionId?: string;
  retryAfter?: number;
  retryable?: boolean;
  errors?: unknown[];
  holder?: string;
  path?: string;
  backup?: string;
  what?: string;
  id?: string;
  limit?: number;
  correlationId?: string;
}

/** The settings of the section `rejoinder`; what is not given has its default. */
export interface Settings {
  /** Which model answers: `extractive`, `openai-compatible:NAME`, `ollama:NAME`, `openai:NAME`, `anthropic:NAME`, `google:NAME`, or the name of a `[models.NAME]` table. Unset: the built-in extractive answer. */
  model?: string | null;
  /** Address of an OpenAI-compatible server, such as `http://localhost:8080/v1`. */
  baseUrl?: string | null;
  /** Name of the environment variable that holds the key; never the key itself. */
  apiKeyEnv?: string | null;
  /** Where the system's keyring holds the key, as `SERVICE/USER`, instead of a variable. */
  apiKeyKeyring?: string | null;
  /** Models that are asked in turn when the first one cannot answer. */
  fallbacks?: string[];
  /** Sampling temperature. Unset: the model's own. */
  temperature?: number | null;
  /** Most tokens of one answer. Unset: the model's own. */
  maxTokens?: number | null;
  /** How much a model may think before it answers. Unset: the model's own. */
  effort?: "minimal" | "low" | "medium" | "high" | null;
  /** Seconds without a byte from the model before a turn fails. */
  timeout?: number;
  /** Tokens that the model takes in, prompt and answer together. Unset: what is known of the model. */
  contextTokens?: number | null;
  /** What a session belongs to when none is named: the `workspace`, each `file`, or `none`. */
  sessionScope?: Scope;
  /** Whether passages of the project and of past messages are looked up for a turn. */
  retrieve?: boolean;
  /** What turns text into vectors. */
  embedder?: string;
  /** Folder of the sessions. Unset: the platform's data folder. */
  dataDir?: string | null;
  /** What keeps the sessions, looked at when the engine starts: `tinydb`, `sqlite`, `memory` (gone with the engine), an address such as `redis://HOST:PORT/0`, or an entry point `rejoinder.stores`. */
  store?: string;
  /** Folder of the indexes. Unset: the platform's cache folder. */
  cacheDir?: string | null;
  /** Whether past commits help to find files. */
  history?: boolean;
  /** Patterns of files that stay out of the index, as in `.gitignore`. */
  ignore?: string[];
  /** Whether known shapes of secrets are masked before a model sees them. */
  redact?: boolean;
  /** Files with instructions for the model. Empty: `AGENTS.md` and its like in the project's folder. */
  instructions?: string[];
  /** What becomes of a running turn when its client goes away. */
  onDisconnect?: "continue" | "cancel";
  /** Days that a deleted session stays in the trash. */
  trashDays?: number;
  /** Days after which an unused session that is not pinned goes to the trash, looked at when the engine starts. Unset: never. */
  retentionDays?: number | null;
  /** Address of a proxy for the model's connection. */
  proxy?: string | null;
  /** File with the certificates to trust for the model's connection. */
  caFile?: string | null;
  /** Seconds that the engine stays after its last client has gone. */
  idleSeconds?: number;
  /** How much the log says. */
  "log.level"?: "debug" | "info" | "warning" | "error";
  /** Most US dollars of a day (UTC). Answers whose price is not known do not count. */
  "budget.day"?: number | null;
  /** Most US dollars of a session. */
  "budget.session"?: number | null;
  /** Most tokens of a day (UTC), in and out. */
  "budget.dayTokens"?: number | null;
  /** Most tokens of a session, in and out. */
  "budget.sessionTokens"?: number | null;
  /** What keeps the memory: `builtin`, `none`, or the name of an entry point `rejoinder.memory`. */
  "memory.provider"?: string;
  /** What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point `rejoinder.vector_stores`. */
  "memory.vectorStore"?: string;
  /** Folder for the files of a provider that is not built in. Unset: one in `dataDir`. */
  "memory.path"?: string | null;
  /** What keeps the knowledge: `builtin`, `none`, or the name of an entry point `rejoinder.knowledge`. */
  "knowledge.provider"?: string;
  /** What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point `rejoinder.vector_stores`. */
  "knowledge.vectorStore"?: string;
  /** Folder for the files of a provider that is not built in. Unset: one in `dataDir`. */
  "knowledge.path"?: string | null;
  /** How documents are cut into passages: `syntax`, `lines`, `paragraphs`, `sentences`, or the name of an entry point `rejoinder.chunkers`. */
  "knowledge.chunker"?: string;
  /** Most characters of a passage of a document. */
  "knowledge.chunkSize"?: number;
  /** Tools of a turn that names none: `default` (those built in that only read), `all`, names of tools, or of servers that have some. Empty: none. */
  "tools.use"?: string[];
  /** Seconds that one call may take. */
  "tools.timeout"?: number;
  /** How often a model may call tools before it has to answer. */
  "tools.rounds"?: number;
  /** Most bytes of a call's output; what is longer is cut. */
  "tools.outputLimit"?: number;
  /** Named models: `[models.NAME]` tables of `model`, `baseUrl`, `apiKeyEnv`, `apiKeyKeyring`, `timeout`, `contextTokens`, `temperature`, `maxTokens`, `effort`, `proxy`, `caFile`, `fallbacks`, `vision`, `tools`, and `inputPrice`, `outputPrice`, `cachedInputPrice` in US dollars for a million tokens. */
  models?: Record<string, Record<string, unknown>>;
  /** Agents who may answer: `[agents.NAME]` tables of `role`, `goal`, `instructions`, `description`, `model`, `tools` and `knowledge`. Files `agents/NAME.md` beside `config.toml` are more of them. */
  agents?: Record<string, Record<string, unknown>>;
  /** Servers of the Model Context Protocol whose tools a model may have, in `config.toml` alone: `[mcp.NAME]` tables of `command`, `args`, `env`, or of `url`, `headers`; of `tools` (only these), `read` (tools that do not ask), `trusted` (none asks) and `timeout`. `${VARIABLE}` in a value stands for a variable's, as for keys. */
  mcp?: Record<string, Record<string, unknown>>;
  /** Addresses of servers on this machine that are not where they usually are: `ollama`, `lmstudio`, `llamacpp`, `vllm`. One with an empty address is not looked for. */
  servers?: Record<string, string>;
}

/** What `chat/update` tells of a running turn. */
export type Update = Started | UserMessage | Text | Thought | Status | Context | CitationFound | ToolCallStarted | ToolUpdate | Approval | UsageUpdate | End;

/** The JSON-RPC methods of requests and notifications. */
export const METHODS = {
  CHAT: "rejoinder/chat",
  ASK: "rejoinder/ask",
  PREVIEW: "rejoinder/preview",
  EDIT: "rejoinder/edit",
  COMPLETE: "rejoinder/complete",
  CHAT_CANCEL: "rejoinder/chat/cancel",
  CHAT_UPDATE: "rejoinder/chat/update",
  TOOL_RESPOND: "rejoinder/tool/respond",
  TOOL_LIST: "rejoinder/tool/list",
  TOOL_OFFER: "rejoinder/tool/offer",
  TOOL_CALL: "rejoinder/tool/call",
  AGENTS_LIST: "rejoinder/agents/list",
  AGENTS_PUT: "rejoinder/agents/put",
  AGENTS_REMOVE: "rejoinder/agents/remove",
  PROMPTS_LIST: "rejoinder/prompts/list",
  SESSION_LIST: "rejoinder/session/list",
  SESSION_GET: "rejoinder/session/get",
  SESSION_OPEN: "rejoinder/session/open",
  SESSION_CLOSE: "rejoinder/session/close",
  SESSION_CREATE: "rejoinder/session/create",
  SESSION_USE: "rejoinder/session/use",
  SESSION_UPDATE: "rejoinder/session/update",
  SESSION_HISTORY: "rejoinder/session/history",
  SESSION_ADD: "rejoinder/session/add",
  SESSION_CLEAR: "rejoinder/session/clear",
  SESSION_FORK: "rejoinder/session/fork",
  SESSION_ROLLBACK: "rejoinder/session/rollback",
  SESSION_DELETE: "rejoinder/session/delete",
  SESSION_RESTORE: "rejoinder/session/restore",
  SESSION_SUMMARIZE: "rejoinder/session/summarize",
  STATE_GET: "rejoinder/session/state/get",
  STATE_SET: "rejoinder/session/state/set",
  STATE_CLEAR: "rejoinder/session/state/clear",
  SESSION_CHANGED: "rejoinder/session/changed",
  SESSION_ATTACHMENT: "rejoinder/session/attachment",
  SESSION_EXPORT: "rejoinder/session/export",
  SESSION_IMPORT: "rejoinder/session/import",
  SESSION_IMPORT_FIND: "rejoinder/session/import/find",
  SESSION_CLEANUP: "rejoinder/session/cleanup",
  BACKUP_CREATE: "rejoinder/backup/create",
  BACKUP_RESTORE: "rejoinder/backup/restore",
  MEMORY_ADD: "rejoinder/memory/add",
  MEMORY_GET: "rejoinder/memory/get",
  MEMORY_LIST: "rejoinder/memory/list",
  MEMORY_SEARCH: "rejoinder/memory/search",
  MEMORY_UPDATE: "rejoinder/memory/update",
  MEMORY_DELETE: "rejoinder/memory/delete",
  MEMORY_CLEAR: "rejoinder/memory/clear",
  CONTEXT: "rejoinder/context",
  KNOWLEDGE_ADD: "rejoinder/knowledge/add",
  KNOWLEDGE_LIST: "rejoinder/knowledge/list",
  KNOWLEDGE_SEARCH: "rejoinder/knowledge/search",
  KNOWLEDGE_REMOVE: "rejoinder/knowledge/remove",
  KNOWLEDGE_CLEAR: "rejoinder/knowledge/clear",
  SEARCH: "rejoinder/search",
  INDEX_STATUS: "rejoinder/index/status",
  INDEX_REBUILD: "rejoinder/index/rebuild",
  INDEX_EXPLAIN: "rejoinder/index/explain",
  INDEX_PAUSE: "rejoinder/index/pause",
  INDEX_RESUME: "rejoinder/index/resume",
  INDEX_CHANGED: "rejoinder/index/changed",
  MODELS: "rejoinder/models",
  MODELS_USE: "rejoinder/models/use",
  USAGE: "rejoinder/usage",
  PROJECT_LIST: "rejoinder/project/list",
  PROJECT_RELINK: "rejoinder/project/relink",
  PROJECT_TRUST: "rejoinder/project/trust",
  CONFIG: "rejoinder/config",
  EDITOR_CONTEXT: "rejoinder/editor/context",
  TRANSCRIPT_OPEN: "rejoinder/transcript/open",
  TRANSCRIPT_SEND: "rejoinder/transcript/send",
  TRANSCRIPT_STOP: "rejoinder/transcript/stop",
  TRANSCRIPT_REGENERATE: "rejoinder/transcript/regenerate",
  TRANSCRIPT_MODEL: "rejoinder/transcript/model",
  TRANSCRIPT_APPLY: "rejoinder/transcript/apply",
  TRANSCRIPT_ASK: "rejoinder/transcript/ask",
  TRANSCRIPT_EDIT: "rejoinder/transcript/edit",
  TRANSCRIPT_DECIDE: "rejoinder/transcript/decide",
} as const;

/** The same as commands for `workspace/executeCommand`. */
export const COMMANDS = {
  CHAT: "rejoinder.chat",
  ASK: "rejoinder.ask",
  PREVIEW: "rejoinder.preview",
  EDIT: "rejoinder.edit",
  COMPLETE: "rejoinder.complete",
  CHAT_CANCEL: "rejoinder.chat.cancel",
  TOOL_RESPOND: "rejoinder.tool.respond",
  TOOL_LIST: "rejoinder.tool.list",
  TOOL_OFFER: "rejoinder.tool.offer",
  AGENTS_LIST: "rejoinder.agents.list",
  AGENTS_PUT: "rejoinder.agents.put",
  AGENTS_REMOVE: "rejoinder.agents.remove",
  PROMPTS_LIST: "rejoinder.prompts.list",
  SESSION_LIST: "rejoinder.session.list",
  SESSION_GET: "rejoinder.session.get",
  SESSION_OPEN: "rejoinder.session.open",
  SESSION_CLOSE: "rejoinder.session.close",
  SESSION_CREATE: "rejoinder.session.create",
  SESSION_USE: "rejoinder.session.use",
  SESSION_UPDATE: "rejoinder.session.update",
  SESSION_HISTORY: "rejoinder.session.history",
  SESSION_ADD: "rejoinder.session.add",
  SESSION_CLEAR: "rejoinder.session.clear",
  SESSION_FORK: "rejoinder.session.fork",
  SESSION_ROLLBACK: "rejoinder.session.rollback",
  SESSION_DELETE: "rejoinder.session.delete",
  SESSION_RESTORE: "rejoinder.session.restore",
  SESSION_SUMMARIZE: "rejoinder.session.summarize",
  STATE_GET: "rejoinder.session.state.get",
  STATE_SET: "rejoinder.session.state.set",
  STATE_CLEAR: "rejoinder.session.state.clear",
  SESSION_ATTACHMENT: "rejoinder.session.attachment",
  SESSION_EXPORT: "rejoinder.session.export",
  SESSION_IMPORT: "rejoinder.session.import",
  SESSION_IMPORT_FIND: "rejoinder.session.import.find",
  SESSION_CLEANUP: "rejoinder.session.cleanup",
  BACKUP_CREATE: "rejoinder.backup.create",
  BACKUP_RESTORE: "rejoinder.backup.restore",
  MEMORY_ADD: "rejoinder.memory.add",
  MEMORY_GET: "rejoinder.memory.get",
  MEMORY_LIST: "rejoinder.memory.list",
  MEMORY_SEARCH: "rejoinder.memory.search",
  MEMORY_UPDATE: "rejoinder.memory.update",
  MEMORY_DELETE: "rejoinder.memory.delete",
  MEMORY_CLEAR: "rejoinder.memory.clear",
  CONTEXT: "rejoinder.context",
  KNOWLEDGE_ADD: "rejoinder.knowledge.add",
  KNOWLEDGE_LIST: "rejoinder.knowledge.list",
  KNOWLEDGE_SEARCH: "rejoinder.knowledge.search",
  KNOWLEDGE_REMOVE: "rejoinder.knowledge.remove",
  KNOWLEDGE_CLEAR: "rejoinder.knowledge.clear",
  SEARCH: "rejoinder.search",
  INDEX_STATUS: "rejoinder.index.status",
  INDEX_REBUILD: "rejoinder.index.rebuild",
  INDEX_EXPLAIN: "rejoinder.index.explain",
  INDEX_PAUSE: "rejoinder.index.pause",
  INDEX_RESUME: "rejoinder.index.resume",
  MODELS: "rejoinder.models",
  MODELS_USE: "rejoinder.models.use",
  USAGE: "rejoinder.usage",
  PROJECT_LIST: "rejoinder.project.list",
  PROJECT_RELINK: "rejoinder.project.relink",
  PROJECT_TRUST: "rejoinder.project.trust",
  CONFIG: "rejoinder.config",
  TRANSCRIPT_OPEN: "rejoinder.transcript.open",
  TRANSCRIPT_SEND: "rejoinder.transcript.send",
  TRANSCRIPT_STOP: "rejoinder.transcript.stop",
  TRANSCRIPT_REGENERATE: "rejoinder.transcript.regenerate",
  TRANSCRIPT_MODEL: "rejoinder.transcript.model",
  TRANSCRIPT_APPLY: "rejoinder.transcript.apply",
  TRANSCRIPT_ASK: "rejoinder.transcript.ask",
  TRANSCRIPT_EDIT: "rejoinder.transcript.edit",
  TRANSCRIPT_DECIDE: "rejoinder.transcript.decide",
} as const;

/** What each method takes. */
export interface Params {
  CHAT: ChatParams;
  ASK: AskParams;
  PREVIEW: PreviewParams;
  EDIT: EditParams;
  COMPLETE: CompleteParams;
  CHAT_CANCEL: ChatCancelParams;
  CHAT_UPDATE: ChatUpdateParams;
  TOOL_RESPOND: ToolRespondParams;
  TOOL_LIST: ToolListParams;
  TOOL_OFFER: ToolOfferParams;
  TOOL_CALL: ToolCallParams;
  AGENTS_LIST: AgentsListParams;
  AGENTS_PUT: AgentsPutParams;
  AGENTS_REMOVE: AgentsRemoveParams;
  PROMPTS_LIST: PromptsListParams;
  SESSION_LIST: SessionListParams;
  SESSION_GET: SessionParams;
  SESSION_OPEN: SessionOpenParams;
  SESSION_CLOSE: SessionParams;
  SESSION_CREATE: SessionCreateParams;
  SESSION_USE: SessionParams;
  SESSION_UPDATE: SessionUpdateParams;
  SESSION_HISTORY: SessionHistoryParams;
  SESSION_ADD: SessionAddParams;
  SESSION_CLEAR: SessionClearParams;
  SESSION_FORK: SessionForkParams;
  SESSION_ROLLBACK: SessionRollbackParams;
  SESSION_DELETE: SessionDeleteParams;
  SESSION_RESTORE: SessionParams;
  SESSION_SUMMARIZE: SessionParams;
  STATE_GET: StateGetParams;
  STATE_SET: StateSetParams;
  STATE_CLEAR: StateGetParams;
  SESSION_CHANGED: SessionChangedParams;
  SESSION_ATTACHMENT: SessionAttachmentParams;
  SESSION_EXPORT: SessionExportParams;
  SESSION_IMPORT: SessionImportParams;
  SESSION_IMPORT_FIND: SessionImportFindParams;
  SESSION_CLEANUP: SessionCleanupParams;
  BACKUP_CREATE: BackupCreateParams;
  BACKUP_RESTORE: BackupRestoreParams;
  MEMORY_ADD: MemoryAddParams;
  MEMORY_GET: MemoryGetParams;
  MEMORY_LIST: MemoryListParams;
  MEMORY_SEARCH: MemorySearchParams;
  MEMORY_UPDATE: MemoryUpdateParams;
  MEMORY_DELETE: MemoryDeleteParams;
  MEMORY_CLEAR: MemoryClearParams;
  CONTEXT: ContextParams;
  KNOWLEDGE_ADD: KnowledgeAddParams;
  KNOWLEDGE_LIST: KnowledgeListParams;
  KNOWLEDGE_SEARCH: KnowledgeSearchParams;
  KNOWLEDGE_REMOVE: KnowledgeRemoveParams;
  KNOWLEDGE_CLEAR: KnowledgeClearParams;
  SEARCH: SearchParams;
  INDEX_STATUS: IndexStatusParams;
  INDEX_REBUILD: IndexRebuildParams;
  INDEX_EXPLAIN: IndexExplainParams;
  INDEX_PAUSE: Nothing;
  INDEX_RESUME: Nothing;
  INDEX_CHANGED: IndexStatus;
  MODELS: ModelsParams;
  MODELS_USE: ModelsUseParams;
  USAGE: UsageParams;
  PROJECT_LIST: Nothing;
  PROJECT_RELINK: ProjectRelinkParams;
  PROJECT_TRUST: ProjectTrustParams;
  CONFIG: Nothing;
  EDITOR_CONTEXT: EditorContextParams;
  TRANSCRIPT_OPEN: TranscriptOpenParams;
  TRANSCRIPT_SEND: TranscriptParams;
  TRANSCRIPT_STOP: TranscriptParams;
  TRANSCRIPT_REGENERATE: TranscriptRegenerateParams;
  TRANSCRIPT_MODEL: TranscriptParams;
  TRANSCRIPT_APPLY: TranscriptApplyParams;
  TRANSCRIPT_ASK: TranscriptAskParams;
  TRANSCRIPT_EDIT: TranscriptEditParams;
  TRANSCRIPT_DECIDE: TranscriptDecideParams;
}

/** What each method answers. */
export interface Results {
  CHAT: TurnResult;
  ASK: TurnResult;
  PREVIEW: PreviewResult;
  EDIT: EditResult;
  COMPLETE: CompleteResult;
  CHAT_CANCEL: Nothing;
  CHAT_UPDATE: Nothing;
  TOOL_RESPOND: Nothing;
  TOOL_LIST: ToolListResult;
  TOOL_OFFER: Nothing;
  TOOL_CALL: ToolCallResult;
  AGENTS_LIST: AgentsListResult;
  AGENTS_PUT: AgentInfo;
  AGENTS_REMOVE: Nothing;
  PROMPTS_LIST: PromptsListResult;
  SESSION_LIST: SessionListResult;
  SESSION_GET: Session;
  SESSION_OPEN: SessionOpenResult;
  SESSION_CLOSE: Nothing;
  SESSION_CREATE: Session;
  SESSION_USE: Session;
  SESSION_UPDATE: Session;
  SESSION_HISTORY: SessionHistoryResult;
  SESSION_ADD: SessionAddResult;
  SESSION_CLEAR: Session;
  SESSION_FORK: Session;
  SESSION_ROLLBACK: Session;
  SESSION_DELETE: Nothing;
  SESSION_RESTORE: Session;
  SESSION_SUMMARIZE: SummarizeResult;
  STATE_GET: StateResult;
  STATE_SET: StateResult;
  STATE_CLEAR: StateResult;
  SESSION_CHANGED: Nothing;
  SESSION_ATTACHMENT: SessionAttachmentResult;
  SESSION_EXPORT: SessionExportResult;
  SESSION_IMPORT: SessionImportResult;
  SESSION_IMPORT_FIND: SessionImportFindResult;
  SESSION_CLEANUP: SessionCleanupResult;
  BACKUP_CREATE: BackupCreateResult;
  BACKUP_RESTORE: BackupRestoreResult;
  MEMORY_ADD: MemoryEntry;
  MEMORY_GET: MemoryEntry;
  MEMORY_LIST: MemoryListResult;
  MEMORY_SEARCH: HitsResult;
  MEMORY_UPDATE: MemoryEntry;
  MEMORY_DELETE: Nothing;
  MEMORY_CLEAR: MemoryClearResult;
  CONTEXT: ContextResult;
  KNOWLEDGE_ADD: Knowledge;
  KNOWLEDGE_LIST: KnowledgeListResult;
  KNOWLEDGE_SEARCH: HitsResult;
  KNOWLEDGE_REMOVE: Nothing;
  KNOWLEDGE_CLEAR: KnowledgeClearResult;
  SEARCH: HitsResult;
  INDEX_STATUS: IndexStatus;
  INDEX_REBUILD: Nothing;
  INDEX_EXPLAIN: IndexExplainResult;
  INDEX_PAUSE: Nothing;
  INDEX_RESUME: Nothing;
  INDEX_CHANGED: Nothing;
  MODELS: ModelsResult;
  MODELS_USE: ModelsUseResult;
  USAGE: UsageResult;
  PROJECT_LIST: ProjectListResult;
  PROJECT_RELINK: Project;
  PROJECT_TRUST: Project;
  CONFIG: ConfigResult;
  EDITOR_CONTEXT: EditorContextResult;
  TRANSCRIPT_OPEN: TranscriptOpenResult;
  TRANSCRIPT_SEND: TurnResult;
  TRANSCRIPT_STOP: Nothing;
  TRANSCRIPT_REGENERATE: TurnResult;
  TRANSCRIPT_MODEL: Nothing;
  TRANSCRIPT_APPLY: Nothing;
  TRANSCRIPT_ASK: TranscriptOpenResult;
  TRANSCRIPT_EDIT: Nothing;
  TRANSCRIPT_DECIDE: Nothing;
}

/** The codes of errors; their data is `ErrorData`. */
export const ERRORS = {
  SESSION_NOT_FOUND: -31001,
  AMBIGUOUS: -31002,
  SESSION_BUSY: -31003,
  MODEL_NOT_CONFIGURED: -31004,
  MODEL_AUTH: -31005,
  MODEL_RATE_LIMITED: -31006,
  MODEL_UNAVAILABLE: -31007,
  MODEL_TIMEOUT: -31008,
  BUDGET_EXCEEDED: -31009,
  CONTEXT_TOO_LARGE: -31010,
  SCHEMA_INVALID: -31011,
  STORAGE_LOCKED: -31012,
  STORAGE_CORRUPT: -31013,
  STORAGE_FULL: -31014,
  INDEX_UNAVAILABLE: -31015,
  NOT_TRUSTED: -31016,
  TOOL_DENIED: -31017,
  NOT_FOUND: -31018,
  TOO_LARGE: -31019,
  SOURCE_UNREADABLE: -31020,
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  SERVER_NOT_INITIALIZED: -32002,
  REQUEST_CANCELLED: -32800,
  CONTENT_MODIFIED: -32801,
} as const;

/** The keys of the settings, without their section. */
export const SETTINGS = [
  "model",
  "baseUrl",
  "apiKeyEnv",
  "apiKeyKeyring",
  "fallbacks",
  "temperature",
  "maxTokens",
  "effort",
  "timeout",
  "contextTokens",
  "sessionScope",
  "retrieve",
  "embedder",
  "dataDir",
  "store",
  "cacheDir",
  "history",
  "ignore",
  "redact",
  "instructions",
  "onDisconnect",
  "trashDays",
  "retentionDays",
  "proxy",
  "caFile",
  "idleSeconds",
  "log.level",
  "budget.day",
  "budget.session",
  "budget.dayTokens",
  "budget.sessionTokens",
  "memory.provider",
  "memory.vectorStore",
  "memory.path",
  "knowledge.provider",
  "knowledge.vectorStore",
  "knowledge.path",
  "knowledge.chunker",
  "knowledge.chunkSize",
  "tools.use",
  "tools.timeout",
  "tools.rounds",
  "tools.outputLimit",
  "models",
  "agents",
  "mcp",
  "servers",
] as const;

/** The settings that never count from a workspace that is not trusted. */
export const GUARDED_SETTINGS = [
  "baseUrl",
  "apiKeyEnv",
  "apiKeyKeyring",
  "embedder",
  "dataDir",
  "store",
  "cacheDir",
  "redact",
  "proxy",
  "caFile",
  "idleSeconds",
  "budget.day",
  "budget.session",
  "budget.dayTokens",
  "budget.sessionTokens",
  "memory.provider",
  "memory.vectorStore",
  "memory.path",
  "knowledge.provider",
  "knowledge.vectorStore",
  "knowledge.path",
  "knowledge.chunker",
  "models",
  "agents",
  "mcp",
  "servers",
] as const;
