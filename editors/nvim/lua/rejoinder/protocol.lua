-- Made by `python -m rejoinder.protocol.generate` from server/rejoinder/protocol; do not edit.

---@alias rejoinder.Scope "workspace"|"file"|"none"

---@alias rejoinder.Role "system"|"user"|"assistant"|"tool"

---@alias rejoinder.Source "chat"|"ask"|"image"|"import"|"manual"

---@alias rejoinder.StopReason "end_turn"|"cancelled"|"max_tokens"|"limit"|"refusal"|"approval"

---@alias rejoinder.HitSource "code"|"knowledge"|"memory"|"message"|"commit"

---@alias rejoinder.ToolEffect "read"|"write"|"reach"

---@alias rejoinder.AgentSource "session"|"user"|"project"

---@alias rejoinder.PromptSource "user"|"project"

---@alias rejoinder.AskAction "explain"|"fix"|"test"|"document"|"review"|"commit"

---@alias rejoinder.MemoryKind "short"|"long"

---@alias rejoinder.ContextSource "memory"|"knowledge"

---@alias rejoinder.IndexState "starting"|"indexing"|"paused"|"ready"|"error"

---@alias rejoinder.KnowledgeKind "file"|"folder"|"url"|"text"

---@alias rejoinder.SearchMode "words"|"meaning"|"both"

---The turn has begun. `agent` is the name of the one who answers, if one was named.
---@class rejoinder.Started
---@field model string
---@field sessionId string
---@field agent? string
---@field type "started"

---A place in a document: zero-based line and character.
---@class rejoinder.Position
---@field line integer
---@field character integer

---A half-open span of a document, from `start` up to but without `end`.
---@class rejoinder.Range
---@field start rejoinder.Position
---@field end rejoinder.Position

---A file, a part of one, or an image that comes with a text.
---
---`data` is base64; without `text` and `data` the open buffer or the file on disk is read. An image is PNG, JPEG,
---WebP or GIF. In a history it has a `hash`, the SHA-256 of its bytes, by which `session/attachment` gives them, and
---by which it may be sent once more in the same session.
---@class rejoinder.Attachment
---@field uri string
---@field range? rejoinder.Range
---@field version? integer
---@field text? string
---@field mimeType? string
---@field data? string
---@field hash? string

---A place that an answer refers to.
---@class rejoinder.Citation
---@field uri string
---@field range rejoinder.Range
---@field label string
---@field messageId? string

---A call that a model made in a turn, with what came of it.
---@class rejoinder.ToolCall
---@field callId string
---@field name string
---@field args table<string, any>
---@field status string
---@field output? string

---What a turn or a session has used: tokens, cost in US dollars, seconds of wall clock.
---
---`cached_tokens` are those of the input that the provider had in its cache.
---@class rejoinder.Usage
---@field inputTokens integer
---@field outputTokens integer
---@field seconds number
---@field cost? number
---@field cachedTokens? integer

---One node of a session's message tree.
---@class rejoinder.Message
---@field messageId string
---@field turnId string
---@field role rejoinder.Role
---@field source rejoinder.Source
---@field content string
---@field createdAt string
---@field parentId? string
---@field attachments? rejoinder.Attachment[]
---@field citations? rejoinder.Citation[]
---@field toolCalls? rejoinder.ToolCall[]
---@field model? string
---@field usage? rejoinder.Usage
---@field stopReason? rejoinder.StopReason
---@field siblings? string[]
---@field agent? string

---The user's message as it will be stored.
---@class rejoinder.UserMessage
---@field message rejoinder.Message
---@field type "user_message"

---More of the answer.
---@class rejoinder.Text
---@field text string
---@field type "text"

---More of the model's reasoning.
---@class rejoinder.Thought
---@field text string
---@field type "thought"

---What is going on, in a few words for people.
---@class rejoinder.Status
---@field message string
---@field type "status"

---A span of a text on one line, from `start` up to but without `end`, in the negotiated encoding's units.
---@class rejoinder.Mark
---@field start integer
---@field end integer

---One line of a passage for a list of hits: line ends are spaces, `…` stands for what is left out.
---
---The `marks` are the words that were found, in their order.
---@class rejoinder.Snippet
---@field text string
---@field marks rejoinder.Mark[]

---A passage that retrieval found, with the parts of its score.
---
---A search tells the `snippet`; of what was said in a session also that session's name and whether it is archived,
---and of a message its role and when it was written. `range` has the lines of the message.
---@class rejoinder.Hit
---@field uri string
---@field range rejoinder.Range
---@field text string
---@field score number
---@field source rejoinder.HitSource
---@field parts table<string, number>
---@field scope? string
---@field sessionId? string
---@field messageId? string
---@field projectId? string
---@field sessionName? string
---@field archived? boolean
---@field role? rejoinder.Role
---@field createdAt? string
---@field snippet? rejoinder.Snippet

---The passages that were retrieved for this turn.
---@class rejoinder.Context
---@field hits rejoinder.Hit[]
---@field type "context"

---A place that the answer refers to.
---@class rejoinder.CitationFound
---@field citation rejoinder.Citation
---@field type "citation"

---The model calls a tool.
---@class rejoinder.ToolCallStarted
---@field callId string
---@field name string
---@field args table<string, any>
---@field needsApproval boolean
---@field type "tool_call"

---A tool call went on.
---
---`status` is `waiting` (for a decision), `running`, `done`, `failed`, `denied`, `cancelled` or `interrupted`. `args`
---are there when the decision changed them.
---@class rejoinder.ToolUpdate
---@field callId string
---@field status string
---@field output? string
---@field args? table<string, any>
---@field type "tool_update"

---The turn waits for a decision on this call.
---@class rejoinder.Approval
---@field callId string
---@field type "approval"

---What the turn has used so far.
---@class rejoinder.UsageUpdate
---@field usage rejoinder.Usage
---@field type "usage"

---An error as a turn's end carries it: the same code, message and data as the reply's.
---@class rejoinder.ErrorInfo
---@field code integer
---@field message string
---@field data? table<string, any>

---The turn is over; always the last update.
---
---`error` together with `message_id`: it failed, and what there is of it is stored all the same, because a call that
---may have changed something was begun.
---@class rejoinder.End
---@field stopReason rejoinder.StopReason
---@field usage rejoinder.Usage
---@field citations rejoinder.Citation[]
---@field messageId? string
---@field error? rejoinder.ErrorInfo
---@field type "end"

---Somebody who may answer, by name. What is left out is as it is for everybody.
---
---`tools` are the only ones that it may use, none when there are none in it. `knowledge` names the only documents of
---the knowledge that it reads. `description` is for those who choose among agents; no model is told. `source` says
---where it is kept: with the session, in the user's own configuration, or in the project's folder.
---@class rejoinder.AgentInfo
---@field name string
---@field role? string
---@field goal? string
---@field instructions? string
---@field description? string
---@field model? string
---@field tools? string[]
---@field knowledge? string[]
---@field source? rejoinder.AgentSource

---Whose agents are wanted: those that can be named in a session, or outside of all.
---@class rejoinder.AgentsListParams
---@field sessionId? string
---@field projectId? string
---@field uri? string

---An agent to keep with a session, in the place of one of the same name.
---@class rejoinder.AgentsPutParams
---@field sessionId string
---@field agent rejoinder.AgentInfo
---@field projectId? string
---@field uri? string

---An agent that a session is to keep no more.
---@class rejoinder.AgentsRemoveParams
---@field sessionId string
---@field name string
---@field projectId? string
---@field uri? string

---An image of a session by its `hash`.
---@class rejoinder.SessionAttachmentParams
---@field sessionId string
---@field hash string
---@field projectId? string
---@field uri? string

---What a client says of itself. `ui`: it draws answers itself.
---@class rejoinder.ClientHandshake
---@field protocolVersion integer
---@field ui? boolean
---@field features? string[]

---A query over memory and knowledge, or one of them; `max_items` is 1 to 50, 5 by default.
---@class rejoinder.ContextParams
---@field query string
---@field maxItems? integer
---@field sources? rejoinder.ContextSource[]
---@field sessionId? string
---@field userId? string
---@field projectId? string

---Something to remember, and the message, session or file of the project that it came from; `long` by default.
---@class rejoinder.MemoryAddParams
---@field text string
---@field kind? rejoinder.MemoryKind
---@field quality? number
---@field metadata? table<string, any>
---@field sessionId? string
---@field messageId? string
---@field userId? string
---@field uri? string
---@field expiresAt? string
---@field projectId? string

---What to forget of a user: all of a kind; with `session_id` only what came from that session.
---@class rejoinder.MemoryClearParams
---@field kind "short"|"long"|"all"
---@field userId? string
---@field sessionId? string
---@field projectId? string

---The entry to forget.
---@class rejoinder.MemoryDeleteParams
---@field memoryId string
---@field userId? string
---@field projectId? string

---The entry to show.
---@class rejoinder.MemoryGetParams
---@field memoryId string
---@field userId? string
---@field projectId? string

---Which entries to list: a user's, with `session_id` those that came from that session; `limit` at most 1000.
---@class rejoinder.MemoryListParams
---@field kind? rejoinder.MemoryKind
---@field userId? string
---@field sessionId? string
---@field projectId? string
---@field cursor? string
---@field limit? integer

---A query over the memory. `session_id` adds what counts in that session only.
---@class rejoinder.MemorySearchParams
---@field query string
---@field kind? rejoinder.MemoryKind
---@field userId? string
---@field sessionId? string
---@field limit? integer
---@field projectId? string

---The fields to correct. `metadata` take the place of those before; an empty `expires_at`: it does not expire.
---@class rejoinder.MemoryUpdateParams
---@field memoryId string
---@field text? string
---@field kind? rejoinder.MemoryKind
---@field quality? number
---@field metadata? table<string, any>
---@field expiresAt? string
---@field userId? string
---@field projectId? string

---How to look. `refresh`: servers are asked again. `offer`: the user will be asked about what is found.
---
---With `offer` the usual ports of servers on this machine are looked at, too. `again`: the user wants to choose, so
---what was offered before is offered as well.
---@class rejoinder.ModelsParams
---@field refresh? boolean
---@field offer? boolean
---@field again? boolean

---The model to use wherever no setting names one, from now on; without it that is forgotten.
---@class rejoinder.ModelsUseParams
---@field model? string

---How many days, today among them; 30 unless told otherwise.
---@class rejoinder.UsageParams
---@field days? integer

---A project and the folder that it is in now. `replace`: also when what another project holds loses it by that.
---@class rejoinder.ProjectRelinkParams
---@field projectId string
---@field path string
---@field replace? boolean

---A project and whether it is trusted.
---@class rejoinder.ProjectTrustParams
---@field projectId string
---@field trusted boolean

---Whose prompts are wanted: those that can be called in a project, or outside of all.
---@class rejoinder.PromptsListParams
---@field projectId? string
---@field uri? string

---The file in question.
---@class rejoinder.IndexExplainParams
---@field uri string

---What to index anew: one file or all. A pause is over then.
---
---With a token the reply comes when it is done, or when somebody pauses the index; without one once it is begun. When
---it is cancelled the index rests, and `index/resume` has it go on.
---@class rejoinder.IndexRebuildParams
---@field uri? string
---@field workDoneToken? string|integer

---Whose index.
---@class rejoinder.IndexStatusParams
---@field projectId? string

---A path, a URL, or a text with a title. Without `kind` it is found out which.
---
---With `session_id` it counts in that session only. `allow_private` lets a URL lead to an address of this network;
---`allow_outside` lets a path lie outside of the project: the user has named it. The same source again is read anew.
---@class rejoinder.KnowledgeAddParams
---@field source string
---@field sessionId? string
---@field title? string
---@field workDoneToken? string|integer
---@field kind? rejoinder.KnowledgeKind
---@field allowPrivate? boolean
---@field allowOutside? boolean
---@field projectId? string

---Whose knowledge to remove; with `session_id` only what was added for that session.
---@class rejoinder.KnowledgeClearParams
---@field sessionId? string
---@field projectId? string

---Whose knowledge; with `session_id` what counts in that session too.
---@class rejoinder.KnowledgeListParams
---@field sessionId? string
---@field projectId? string

---What to remove.
---@class rejoinder.KnowledgeRemoveParams
---@field knowledgeId string
---@field projectId? string

---A query over the knowledge.
---@class rejoinder.KnowledgeSearchParams
---@field query string
---@field limit? integer
---@field sessionId? string
---@field projectId? string

---A query over files, conversations, memory and knowledge; `limit` is at most 200.
---
---With `role` or `model` only messages of that role, or that this model wrote, are found; with `file_uri` those
---whose attachments or citations name the file, the answers to them, and those of sessions that belong to it. `since`
---and `until` are RFC 3339 times, the second no longer counted. With any of these, or with sessions, a user or `mode`,
---no files and commits are found.
---
---Without `mode` the query is a question in any words. Else it may hold "a phrase", -excluded words and the
---beginnings of words (begin*), which count in each mode. `words`: every word as it is written, capitals aside, also
---as a part of an identifier. `meaning`: what is said in other words, too, and nothing because of its words. `both`:
---what fits by either. `wait_seconds`, 20 unless told, is how long what is not in the index yet is waited for.
---
---With `filters` the query itself may narrow the search down: `role:user`, `since:7d`, `until:2026-01-31`,
---`file:src/app.py`, `in:SESSION` (an ID or a name); they count before the params of the same meaning.
---@class rejoinder.SearchParams
---@field query string
---@field projectId? string
---@field uri? string
---@field sources? rejoinder.HitSource[]
---@field sessionId? string
---@field role? rejoinder.Role
---@field model? string
---@field userId? string
---@field allProjects? boolean
---@field limit? integer
---@field sessionIds? string[]
---@field fileUri? string
---@field since? string
---@field until? string
---@field mode? rejoinder.SearchMode
---@field waitSeconds? number
---@field filters? boolean

---A message given by hand, by import, or as the beginning of a session.
---@class rejoinder.NewMessage
---@field role rejoinder.Role
---@field content string
---@field source? rejoinder.Source
---@field createdAt? string
---@field attachments? rejoinder.Attachment[]

---Messages of a user to put at the end of the active path.
---@class rejoinder.SessionAddParams
---@field sessionId string
---@field messages rejoinder.NewMessage[]
---@field projectId? string
---@field uri? string
---@field userId? string

---Forget the messages; the system ones stay unless `keep_system` is false.
---@class rejoinder.SessionClearParams
---@field sessionId string
---@field projectId? string
---@field uri? string
---@field keepSystem? boolean

---How a session's memory is kept and found. What is not said is as the settings `memory.…` say.
---@class rejoinder.MemoryConfig
---@field provider? string
---@field vectorStore? string

---How a session's knowledge is kept, cut and found. What is not said is as the settings `knowledge.…` say.
---@class rejoinder.KnowledgeConfig
---@field provider? string
---@field vectorStore? string
---@field chunker? string
---@field chunkSize? integer

---A new session of a user; it becomes that user's current one of its scope.
---@class rejoinder.SessionCreateParams
---@field sessionId? string
---@field name? string
---@field description? string
---@field label? string
---@field scope? rejoinder.Scope
---@field uri? string
---@field projectId? string
---@field system? string
---@field messages? rejoinder.NewMessage[]
---@field metadata? table<string, any>
---@field userId? string
---@field memory? rejoinder.MemoryConfig
---@field knowledge? rejoinder.KnowledgeConfig

---To the trash, or for good.
---@class rejoinder.SessionDeleteParams
---@field sessionId string
---@field projectId? string
---@field uri? string
---@field permanent? boolean

---Copy the path up to `message_id`, or all of it, into a new session.
---
---With `summarize` the new session begins with a summary of that path in place of its messages.
---@class rejoinder.SessionForkParams
---@field sessionId string
---@field projectId? string
---@field uri? string
---@field messageId? string
---@field newSessionId? string
---@field name? string
---@field summarize? boolean

---A page of the active path; `before` is a cursor or a message ID.
---
---With `user_id` only what this user said and was answered, and what the system said.
---@class rejoinder.SessionHistoryParams
---@field sessionId string
---@field projectId? string
---@field uri? string
---@field before? string
---@field limit? integer
---@field userId? string

---Which sessions to list, newest first; `query` looks at name, label and description.
---
---`archived` asks for the archived ones instead, `trashed` for those in the trash, `user_id` for those that this user
---made.
---@class rejoinder.SessionListParams
---@field projectId? string
---@field uri? string
---@field scope? rejoinder.Scope
---@field query? string
---@field archived? boolean
---@field trashed? boolean
---@field cursor? string
---@field limit? integer
---@field userId? string

---The last update that a client has seen.
---@class rejoinder.Since
---@field turnId string
---@field seq integer

---A session by `ref` (ID, unique name, or unique prefix), by ID, or a user's current one for a document.
---@class rejoinder.SessionOpenParams
---@field ref? string
---@field sessionId? string
---@field uri? string
---@field projectId? string
---@field scope? rejoinder.Scope
---@field since? rejoinder.Since
---@field userId? string

---A session, exactly.
---@class rejoinder.SessionParams
---@field sessionId string
---@field projectId? string
---@field uri? string

---Make `message_id` the end of the active path; later messages stay as siblings.
---
---With `latest` the end is the message below it that was stored last: from a message to one of its `siblings`, this
---is how another branch is taken up where it was left.
---@class rejoinder.SessionRollbackParams
---@field sessionId string
---@field messageId string
---@field projectId? string
---@field uri? string
---@field latest? boolean

---The fields to change; an empty text clears one. `memory` and `knowledge` are replaced whole.
---
---`allowed_tools` takes back what was allowed for the session, but for these.
---@class rejoinder.SessionUpdateParams
---@field sessionId string
---@field projectId? string
---@field uri? string
---@field name? string
---@field label? string
---@field description? string
---@field metadata? table<string, any>
---@field pinned? boolean
---@field archived? boolean
---@field model? string
---@field system? string
---@field draft? string
---@field memory? rejoinder.MemoryConfig
---@field knowledge? rejoinder.KnowledgeConfig
---@field allowedTools? string[]

---A user's state in a session, or one key of it.
---@class rejoinder.StateGetParams
---@field sessionId string
---@field projectId? string
---@field uri? string
---@field key? string
---@field userId? string

---Values to merge into a user's state, or to put in its place.
---
---A moment or a day is written as the object `{"$date": "2024-05-06T07:08:09Z"}` or `{"$date": "2024-05-06"}`, with
---`"$naive": true` beside it for a moment without a time zone; an object that only looks like this as
---`{"$value": …}`. The Python client does so by itself.
---@class rejoinder.StateSetParams
---@field sessionId string
---@field state table<string, any>
---@field projectId? string
---@field uri? string
---@field replace? boolean
---@field userId? string

---A function of the program that sends a turn. `parameters` is the JSON schema of its arguments.
---
---`asks`: a call waits for a yes.
---@class rejoinder.FunctionTool
---@field name string
---@field description string
---@field parameters table<string, any>
---@field asks? boolean

---Whose tools: those of a project, by its ID or by a document in it.
---@class rejoinder.ToolListParams
---@field projectId? string
---@field uri? string

---Functions of the client for turns of a session that another program has sent, and that wait or go on without it.
---
---They are called here from now on, until the connection ends or another one offers them.
---@class rejoinder.ToolOfferParams
---@field sessionId string
---@field functions rejoinder.FunctionTool[]
---@field projectId? string
---@field userId? string

---The user's decision on a tool call. `args` take the place of the model's.
---@class rejoinder.ToolRespondParams
---@field turnId string
---@field callId string
---@field decision "allow"|"allow_session"|"deny"
---@field reason? string
---@field args? table<string, any>
---@field sessionId? string
---@field projectId? string
---@field userId? string

---A transcript's file and a line in it, counted from 0: of the code block there, or of the last one above it.
---@class rejoinder.TranscriptApplyParams
---@field uri string
---@field line integer

---A document and the lines in question, all of them without a range.
---
---Without an action and a text nothing is sent: the transcript is shown with the lines mentioned, to type behind.
---@class rejoinder.TranscriptAskParams
---@field uri string
---@field range? rejoinder.Range
---@field action? "explain"|"fix"|"test"|"document"|"review"
---@field text? string

---A transcript's file, as above, and the call of a tool that is decided about: by default the first that waits.
---@class rejoinder.TranscriptDecideParams
---@field decision "allow"|"allow_session"|"deny"
---@field uri? string
---@field callId? string

---A document and the lines to change, all of them without a range; the editor is asked to make the change.
---
---`problems`: what the editor's checks say of these lines. `text`: what else is to be done, or what alone.
---@class rejoinder.TranscriptEditParams
---@field uri string
---@field range? rejoinder.Range
---@field action? "fix"|"document"
---@field problems? string[]
---@field text? string

---The session to show as a Markdown file; by default the current one. `new`: a session that is made for it.
---@class rejoinder.TranscriptOpenParams
---@field sessionId? string
---@field uri? string
---@field new? boolean

---A transcript's file; by default the one that this client has opened or changed last.
---@class rejoinder.TranscriptParams
---@field uri? string

---A transcript's file, as above, and the model that is to answer the last question anew.
---@class rejoinder.TranscriptRegenerateParams
---@field uri? string
---@field model? string

---Where to write an archive of everything that is kept: an absolute path at which there is nothing.
---@class rejoinder.BackupCreateParams
---@field path string

---An archive to bring in.
---
---Sessions that are here and differ: with `replace` true the archive's take their place, with false they are left
---alone, without it nothing is restored.
---@class rejoinder.BackupRestoreParams
---@field path string
---@field replace? boolean

---What to clean up; nothing is removed unless `dry_run` is false.
---@class rejoinder.SessionCleanupParams
---@field empty? boolean
---@field olderThanDays? integer
---@field keepMessages? integer
---@field dryRun? boolean
---@field projectId? string
---@field uri? string

---The sessions to write out; all of the project's when none is named.
---@class rejoinder.SessionExportParams
---@field format "json"|"markdown"
---@field sessionIds? string[]
---@field projectId? string
---@field uri? string

---The usual places of other programs, and the project's own folder.
---@class rejoinder.SessionImportFindParams
---@field projectId? string
---@field uri? string

---Sessions of this program or of another: a file's `content` in a known `format`, or an absolute `path`.
---
---Formats of content: `json` is what `session/export` wrote, a list of `{role, content}`, or an object with
---`messages`; `toon` the same in TOON; `markdown` has a heading for each message, as `session/export` writes it, or
---is a transcript; `agno` is `{sessions, messages}`, the content of `sessions.json` and of each session's
---`messages.json` by ID; `sqlite` is a database in base64. Without `format` it is found out. A path is a file or
---folder, in any of these or of `session-object`, `praison`, `continue`, `codecompanion`, `eca`, `aider` and `llm`;
---it is only read. What came in of an earlier import is known again, and only what has been added since comes in.
---
---`place`: with `own` a conversation of another program that belonged to a folder comes into the project of that
---folder, which is made if the folder is there; all else, and without it everything, comes into the current project.
---@class rejoinder.SessionImportParams
---@field format? string
---@field content? string
---@field path? string
---@field projectId? string
---@field uri? string
---@field dryRun? boolean
---@field place? "own"|"current"
---@field workDoneToken? string|integer

---What may be set for one call. What a model does not know is left out of its request.
---@class rejoinder.ModelSettings
---@field temperature? number
---@field maxTokens? integer
---@field effort? "minimal"|"low"|"medium"|"high"
---@field topP? number
---@field seed? integer
---@field stop? string[]

---One question over all sessions of the project; stored in the current one unless `remember` is false.
---@class rejoinder.AskParams
---@field text string
---@field sessionId? string
---@field uri? string
---@field projectId? string
---@field userId? string
---@field turnId? string
---@field attachments? rejoinder.Attachment[]
---@field model? string
---@field settings? rejoinder.ModelSettings
---@field system? string
---@field agent? string
---@field tools? string[]
---@field functions? rejoinder.FunctionTool[]
---@field retrieve? boolean
---@field ephemeral? boolean
---@field action? rejoinder.AskAction
---@field schema? table<string, any>
---@field remember? boolean
---@field ack? boolean
---@field partialResultToken? string|integer
---@field workDoneToken? string|integer

---Which turn to stop: the one named, else the session's running one.
---@class rejoinder.ChatCancelParams
---@field sessionId string
---@field turnId? string
---@field projectId? string

---One turn. `parent_id`: edit, resend or regenerate from there.
---@class rejoinder.ChatParams
---@field text string
---@field sessionId? string
---@field uri? string
---@field projectId? string
---@field userId? string
---@field turnId? string
---@field attachments? rejoinder.Attachment[]
---@field model? string
---@field settings? rejoinder.ModelSettings
---@field system? string
---@field agent? string
---@field tools? string[]
---@field functions? rejoinder.FunctionTool[]
---@field retrieve? boolean
---@field ephemeral? boolean
---@field parentId? string
---@field queue? boolean
---@field ack? boolean
---@field partialResultToken? string|integer
---@field workDoneToken? string|integer

---An input and the cursor's offset in it, in the units of the negotiated position encoding.
---@class rejoinder.CompleteParams
---@field text string
---@field offset integer
---@field sessionId? string
---@field uri? string

---An instruction for a range, or a block of an answer that is to be applied.
---
---An empty range is the cursor. `block` counts the fenced code blocks of the message from 0; without it all those are
---meant that say what they change, as one edit of any number of files. `uri` is then the document that the client has
---before it; a block that names a file itself, or that answers a question about a selection, changes that one.
---@class rejoinder.EditParams
---@field uri? string
---@field range? rejoinder.Range
---@field version? integer
---@field instruction? string
---@field model? string
---@field messageId? string
---@field block? integer
---@field sessionId? string
---@field projectId? string

---The parameters of a chat or an ask whose prompt is wanted and not sent.
---@class rejoinder.PreviewParams
---@field text string
---@field sessionId? string
---@field uri? string
---@field projectId? string
---@field userId? string
---@field turnId? string
---@field attachments? rejoinder.Attachment[]
---@field model? string
---@field settings? rejoinder.ModelSettings
---@field system? string
---@field agent? string
---@field tools? string[]
---@field functions? rejoinder.FunctionTool[]
---@field retrieve? boolean
---@field ephemeral? boolean
---@field of "chat"|"ask"
---@field parentId? string
---@field action? rejoinder.AskAction
---@field schema? table<string, any>
---@field remember? boolean

---A finished turn. With `ack` only `session_id` and `turn_id` are given.
---@class rejoinder.TurnResult
---@field sessionId string
---@field turnId string
---@field messageId? string
---@field text? string
---@field stopReason? rejoinder.StopReason
---@field usage? rejoinder.Usage
---@field citations? rejoinder.Citation[]
---@field model? string
---@field json? any
---@field agent? string

---An image that goes along with a message: its type, the SHA-256 of its bytes, and how many these are.
---@class rejoinder.PromptImage
---@field mimeType string
---@field hash string
---@field bytes integer

---A message exactly as a model would get it.
---@class rejoinder.PromptMessage
---@field role rejoinder.Role
---@field content string
---@field origin? rejoinder.Hit
---@field images? rejoinder.PromptImage[]
---@field toolCalls? rejoinder.ToolCall[]

---A tool that models may be given. `source`: `built-in`, `functions`, or the server that has it.
---
---`asks`: a call waits for a yes. `enabled`: a turn that names no tools has it.
---@class rejoinder.ToolInfo
---@field name string
---@field description string
---@field parameters table<string, any>
---@field effect rejoinder.ToolEffect
---@field source string
---@field asks boolean
---@field enabled boolean

---The exact prompt, its estimated tokens, the budget, and how many secrets were masked.
---@class rejoinder.PreviewResult
---@field messages rejoinder.PromptMessage[]
---@field tokens integer
---@field budget integer
---@field masked integer
---@field tools? rejoinder.ToolInfo[]

---What becomes of a file that is there already.
---@class rejoinder.CreateFileOptions
---@field ignoreIfExists boolean

---A file that is made before its text is put in.
---@class rejoinder.CreateFile
---@field uri string
---@field kind "create"
---@field options rejoinder.CreateFileOptions

---A document as it was at `version`; None when it is not open.
---@class rejoinder.VersionedDocument
---@field uri string
---@field version integer|nil

---One replacement within a document.
---@class rejoinder.TextEdit
---@field range rejoinder.Range
---@field newText string

---All replacements within one document.
---@class rejoinder.TextDocumentEdit
---@field textDocument rejoinder.VersionedDocument
---@field edits rejoinder.TextEdit[]

---LSP's WorkspaceEdit in its versioned form.
---@class rejoinder.WorkspaceEdit
---@field documentChanges (rejoinder.CreateFile|rejoinder.TextDocumentEdit)[]

---A versioned edit, one replacement for each run of lines that differ, and what it does.
---@class rejoinder.EditResult
---@field edit rejoinder.WorkspaceEdit
---@field explanation string

---A proposal for an input that is no LSP document.
---@class rejoinder.CompletionItem
---@field label string
---@field insertText string
---@field kind string
---@field detail string

---Proposals for `/`, `@` and `#`. `start`: the offset of the text up to the cursor that they replace.
---@class rejoinder.CompleteResult
---@field items rejoinder.CompletionItem[]
---@field start? integer

---All tools that there are. `notes` say what could not be had, for people.
---@class rejoinder.ToolListResult
---@field tools rejoinder.ToolInfo[]
---@field notes string[]

---The agents that can be named, and sentences about those that do not count.
---@class rejoinder.AgentsListResult
---@field agents rejoinder.AgentInfo[]
---@field notes string[]

---A prompt that `/name` calls. `source` says where it is kept: in the user's configuration or in the project.
---@class rejoinder.PromptInfo
---@field name string
---@field source rejoinder.PromptSource
---@field description? string
---@field argumentHint? string

---The prompts that can be called, and sentences about those that do not count.
---@class rejoinder.PromptsListResult
---@field prompts rejoinder.PromptInfo[]
---@field notes string[]

---Where a fork was taken from.
---@class rejoinder.ForkOrigin
---@field sessionId string
---@field messageId? string

---A conversation. `current`: the one that its scope uses when none is named. `head`: the path's last message.
---@class rejoinder.Session
---@field sessionId string
---@field projectId string
---@field name string
---@field scope rejoinder.Scope
---@field current boolean
---@field pinned boolean
---@field archived boolean
---@field createdAt string
---@field updatedAt string
---@field messageCount integer
---@field revision integer
---@field metadata table<string, any>
---@field usage rejoinder.Usage
---@field label? string
---@field description? string
---@field uri? string
---@field draft? string
---@field model? string
---@field system? string
---@field forkedFrom? rejoinder.ForkOrigin
---@field userId? string
---@field memory? rejoinder.MemoryConfig
---@field knowledge? rejoinder.KnowledgeConfig
---@field allowedTools? string[]
---@field head? string

---A page of sessions.
---@class rejoinder.SessionListResult
---@field sessions rejoinder.Session[]
---@field nextCursor? string

---One update of a turn; `seq` counts from 0 without gaps.
---@class rejoinder.ChatUpdateParams
---@field sessionId string
---@field turnId string
---@field seq integer
---@field update rejoinder.Update

---A turn under way, with its updates so far or since the one that was named.
---@class rejoinder.RunningTurn
---@field turnId string
---@field updates rejoinder.ChatUpdateParams[]

---A session, its latest messages, and its running turn.
---@class rejoinder.SessionOpenResult
---@field session rejoinder.Session
---@field messages rejoinder.Message[]
---@field running? rejoinder.RunningTurn

---Messages, oldest first; `next_cursor` leads to older ones.
---@class rejoinder.SessionHistoryResult
---@field messages rejoinder.Message[]
---@field nextCursor? string

---The new messages' IDs, in order.
---@class rejoinder.SessionAddResult
---@field messageIds string[]

---A summary and the messages that it covers, oldest first.
---@class rejoinder.SummarizeResult
---@field summary string
---@field covers string[]

---A user's state in a session.
---@class rejoinder.StateResult
---@field state table<string, any>

---An image; `data` is base64.
---@class rejoinder.SessionAttachmentResult
---@field mimeType string
---@field data string

---A file's text.
---@class rejoinder.SessionExportResult
---@field content string

---A session that was found, with all messages that it has there and how many of them came in, or would.
---
---`known`: it has nothing new; `kept`: it is left as it is here, for the `reason` that is given. `folder` is that of
---the project into which it comes, if that is not the current one.
---@class rejoinder.ImportedSession
---@field sessionId string
---@field name string
---@field outcome "new"|"grown"|"known"|"kept"
---@field messages integer
---@field newMessages integer
---@field newMemories? integer
---@field createdAt? string
---@field updatedAt? string
---@field reason? string
---@field folder? string

---What could not be read, and why; everything else comes in.
---@class rejoinder.SkippedPart
---@field place string
---@field reason string

---What came in, or would.
---
---`sessions` counts new ones and those that have grown, `skipped` those that were there already. Of a path also the
---format that was `detected`, and what was `found`; `skipped_reasons` name what could not be read. The first thousand
---of each are named.
---@class rejoinder.SessionImportResult
---@field sessions integer
---@field messages integer
---@field skipped integer
---@field detected? string
---@field found? rejoinder.ImportedSession[]
---@field skippedReasons? rejoinder.SkippedPart[]

---Where another program keeps its sessions on this machine; nothing there has been read.
---@class rejoinder.ImportPlace
---@field format string
---@field title string
---@field path string

---Those that are there, as `session/import` takes them.
---@class rejoinder.SessionImportFindResult
---@field places rejoinder.ImportPlace[]

---A session that goes (`empty`, `old`), or loses so many of its oldest messages (`long`).
---@class rejoinder.CleanupCandidate
---@field sessionId string
---@field name string
---@field reason "empty"|"old"|"long"
---@field messages integer

---What went to the trash, and what was taken out of long sessions; or what would.
---@class rejoinder.SessionCleanupResult
---@field sessions integer
---@field messages integer
---@field bytes integer
---@field candidates rejoinder.CleanupCandidate[]

---The archive, with what is in it. `bytes` is its own size.
---@class rejoinder.BackupCreateResult
---@field path string
---@field projects integer
---@field sessions integer
---@field bytes integer

---What came in. `skipped` sessions were here and stay; `kept` is an archive of what there was before.
---@class rejoinder.BackupRestoreResult
---@field projects integer
---@field sessions integer
---@field replaced integer
---@field skipped integer
---@field kept? string

---What a memory entry came from.
---@class rejoinder.Origin
---@field sessionId? string
---@field messageId? string
---@field uri? string

---Something remembered for a project and a user. `quality` is 0 to 1; it is not found from `expires_at` on.
---
---A `long` one counts in the whole project. A `short` one counts in the session of its source alone, and goes with it;
---without a session it counts in the project for a week, unless it says itself until when.
---@class rejoinder.MemoryEntry
---@field memoryId string
---@field text string
---@field kind rejoinder.MemoryKind
---@field quality number
---@field metadata table<string, any>
---@field createdAt string
---@field source? rejoinder.Origin
---@field userId? string
---@field expiresAt? string
---@field updatedAt? string

---Memory entries, newest first; `next_cursor` leads to older ones.
---@class rejoinder.MemoryListResult
---@field entries rejoinder.MemoryEntry[]
---@field nextCursor? string

---Passages, best first.
---
---A search says whether it is `complete`: false while the index does not know everything that was said, or, by
---meaning, while not every passage has its vector; `waiting` counts sessions, entries and documents to be read yet.
---@class rejoinder.HitsResult
---@field hits rejoinder.Hit[]
---@field complete? boolean
---@field waiting? integer

---How many entries were forgotten.
---@class rejoinder.MemoryClearResult
---@field removed integer

---One formatted text, quoted as in prompts, and its pieces; the text is empty when nothing was found.
---@class rejoinder.ContextResult
---@field text string
---@field hits rejoinder.Hit[]

---A document or text that was added for retrieval. With a `session_id` it counts in that session only.
---@class rejoinder.Knowledge
---@field knowledgeId string
---@field source string
---@field title string
---@field kind rejoinder.KnowledgeKind
---@field chunks integer
---@field bytes integer
---@field addedAt string
---@field updatedAt string
---@field error? string
---@field sessionId? string

---What was added.
---@class rejoinder.KnowledgeListResult
---@field knowledge rejoinder.Knowledge[]

---How much was removed.
---@class rejoinder.KnowledgeClearResult
---@field removed integer

---A file that could not be indexed, and why.
---@class rejoinder.IndexFault
---@field uri string
---@field reason string

---What can be recalled of a project besides its files: passages of messages, memory and knowledge.
---
---`embedded` of the passages have a vector of the model in use; `waiting` counts sessions, entries and documents that
---are still to be read. `bytes` are on disk, `memory` is what the process of this index holds for all projects.
---@class rejoinder.RecallStatus
---@field passages integer
---@field embedded integer
---@field waiting integer
---@field model string
---@field dimension integer
---@field bytes integer
---@field memory integer
---@field errors string[]

---How far the index of a project is; `bytes` on disk.
---@class rejoinder.IndexStatus
---@field state rejoinder.IndexState
---@field files integer
---@field chunks integer
---@field done integer
---@field total integer
---@field model string
---@field dimension integer
---@field bytes integer
---@field errors rejoinder.IndexFault[]
---@field projectId? string
---@field secondsLeft? number
---@field recall? rejoinder.RecallStatus

---Whether a file is indexed, and why or why not.
---@class rejoinder.IndexExplainResult
---@field indexed boolean
---@field reason string
---@field chunks integer

---A model that can be chosen. `configured`: it can be used without further settings.
---@class rejoinder.ModelInfo
---@field id string
---@field provider string
---@field label string
---@field vision boolean
---@field tools boolean
---@field configured boolean
---@field local boolean
---@field contextTokens? integer

---The models that can be chosen, and the one in use.
---
---`offers`, when they were asked for, are models that `models/use` would have used, and that were not offered before
---unless that too was asked for.
---@class rejoinder.ModelsResult
---@field models rejoinder.ModelInfo[]
---@field current string
---@field offers? rejoinder.ModelInfo[]

---The model in use now; a setting that names another one is stronger.
---@class rejoinder.ModelsUseResult
---@field current string

---What one model used on one day. `day` is an ISO date in UTC.
---@class rejoinder.DayUsage
---@field day string
---@field model string
---@field turns integer
---@field usage rejoinder.Usage

---A limit that a setting `key` sets for each day, in US dollars or tokens, and what is used of it today.
---@class rejoinder.BudgetUse
---@field key string
---@field limit number
---@field used number

---What was used, oldest first, all of it together, and the limits of today.
---@class rejoinder.UsageResult
---@field days rejoinder.DayUsage[]
---@field total rejoinder.Usage
---@field budgets rejoinder.BudgetUse[]

---A workspace folder with sessions. `paths` are where it was seen, newest first.
---@class rejoinder.Project
---@field projectId string
---@field name string
---@field paths string[]
---@field sessions integer
---@field trusted boolean
---@field createdAt string

---Every known project.
---@class rejoinder.ProjectListResult
---@field projects rejoinder.Project[]

---A setting with its value and the layer that it came from.
---@class rejoinder.Setting
---@field key string
---@field value any
---@field source string
---@field default any
---@field help string

---Every setting, with the layer that it came from.
---@class rejoinder.ConfigResult
---@field settings rejoinder.Setting[]

---A transcript's file.
---@class rejoinder.TranscriptOpenResult
---@field uri string

---A session came, went, or has news; `rewritten`: messages that were there are gone or others now.
---@class rejoinder.SessionChangedParams
---@field projectId string
---@field sessionId string
---@field kind "created"|"updated"|"deleted"|"message"
---@field revision integer
---@field rewritten? boolean

---A call of a function that the client sent with its turn, or has offered.
---@class rejoinder.ToolCallParams
---@field sessionId string
---@field turnId string
---@field callId string
---@field name string
---@field args table<string, any>

---What the function answered, or why it could not.
---@class rejoinder.ToolCallResult
---@field output? string
---@field error? string

---The document in question.
---@class rejoinder.EditorContextParams
---@field uri? string

---What an editor sees: LSP diagnostics, visible and recent documents, the selection.
---@class rejoinder.EditorContextResult
---@field diagnostics? table<string, any>[]
---@field visible? string[]
---@field recent? string[]
---@field selection? rejoinder.Attachment

---What the server says of itself: the methods that it serves, by name, and where its files are.
---@class rejoinder.ServerHandshake
---@field protocolVersion integer
---@field methods string[]
---@field features string[]
---@field processId? integer
---@field dataDir? string
---@field store? string
---@field cacheDir? string
---@field configFile? string

---What goes along with an error. `hint` is one thing to do; the other keys depend on the code.
---@class rejoinder.ErrorData
---@field hint string
---@field candidates? table<string, string>[]
---@field turnId? string
---@field sessionId? string
---@field retryAfter? number
---@field retryable? boolean
---@field errors? any[]
---@field holder? string
---@field path? string
---@field backup? string
---@field what? string
---@field id? string
---@field limit? integer
---@field correlationId? string

---The settings of the section `rejoinder`; what is not given has its default.
---@class rejoinder.Settings
---@field model? string|nil Which model answers: `extractive`, `openai-compatible:NAME`, `ollama:NAME`, `openai:NAME`, `anthropic:NAME`, `google:NAME`, or the name of a `[models.NAME]` table. Unset: the built-in extractive answer.
---@field baseUrl? string|nil Address of an OpenAI-compatible server, such as `http://localhost:8080/v1`.
---@field apiKeyEnv? string|nil Name of the environment variable that holds the key; never the key itself.
---@field apiKeyKeyring? string|nil Where the system's keyring holds the key, as `SERVICE/USER`, instead of a variable.
---@field fallbacks? string[] Models that are asked in turn when the first one cannot answer.
---@field temperature? number|nil Sampling temperature. Unset: the model's own.
---@field maxTokens? integer|nil Most tokens of one answer. Unset: the model's own.
---@field effort? "minimal"|"low"|"medium"|"high"|nil How much a model may think before it answers. Unset: the model's own.
---@field timeout? number Seconds without a byte from the model before a turn fails.
---@field contextTokens? integer|nil Tokens that the model takes in, prompt and answer together. Unset: what is known of the model.
---@field sessionScope? rejoinder.Scope What a session belongs to when none is named: the `workspace`, each `file`, or `none`.
---@field retrieve? boolean Whether passages of the project and of past messages are looked up for a turn.
---@field embedder? string What turns text into vectors.
---@field dataDir? string|nil Folder of the sessions. Unset: the platform's data folder.
---@field store? string What keeps the sessions, looked at when the engine starts: `tinydb`, `sqlite`, `memory` (gone with the engine), an address such as `redis://HOST:PORT/0`, or an entry point `rejoinder.stores`.
---@field cacheDir? string|nil Folder of the indexes. Unset: the platform's cache folder.
---@field history? boolean Whether past commits help to find files.
---@field ignore? string[] Patterns of files that stay out of the index, as in `.gitignore`.
---@field redact? boolean Whether known shapes of secrets are masked before a model sees them.
---@field instructions? string[] Files with instructions for the model. Empty: `AGENTS.md` and its like in the project's folder.
---@field onDisconnect? "continue"|"cancel" What becomes of a running turn when its client goes away.
---@field trashDays? integer Days that a deleted session stays in the trash.
---@field retentionDays? integer|nil Days after which an unused session that is not pinned goes to the trash, looked at when the engine starts. Unset: never.
---@field proxy? string|nil Address of a proxy for the model's connection.
---@field caFile? string|nil File with the certificates to trust for the model's connection.
---@field idleSeconds? number Seconds that the engine stays after its last client has gone.
---@field ["log.level"] "debug"|"info"|"warning"|"error"|nil How much the log says.
---@field ["budget.day"] number|nil|nil Most US dollars of a day (UTC). Answers whose price is not known do not count.
---@field ["budget.session"] number|nil|nil Most US dollars of a session.
---@field ["budget.dayTokens"] integer|nil|nil Most tokens of a day (UTC), in and out.
---@field ["budget.sessionTokens"] integer|nil|nil Most tokens of a session, in and out.
---@field ["memory.provider"] string|nil What keeps the memory: `builtin`, `none`, or the name of an entry point `rejoinder.memory`.
---@field ["memory.vectorStore"] string|nil What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point `rejoinder.vector_stores`.
---@field ["memory.path"] string|nil|nil Folder for the files of a provider that is not built in. Unset: one in `dataDir`.
---@field ["knowledge.provider"] string|nil What keeps the knowledge: `builtin`, `none`, or the name of an entry point `rejoinder.knowledge`.
---@field ["knowledge.vectorStore"] string|nil What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point `rejoinder.vector_stores`.
---@field ["knowledge.path"] string|nil|nil Folder for the files of a provider that is not built in. Unset: one in `dataDir`.
---@field ["knowledge.chunker"] string|nil How documents are cut into passages: `syntax`, `lines`, `paragraphs`, `sentences`, or the name of an entry point `rejoinder.chunkers`.
---@field ["knowledge.chunkSize"] integer|nil Most characters of a passage of a document.
---@field ["tools.use"] string[]|nil Tools of a turn that names none: `default` (those built in that only read), `all`, names of tools, or of servers that have some. Empty: none.
---@field ["tools.timeout"] number|nil Seconds that one call may take.
---@field ["tools.rounds"] integer|nil How often a model may call tools before it has to answer.
---@field ["tools.outputLimit"] integer|nil Most bytes of a call's output; what is longer is cut.
---@field models? table<string, table<string, any>> Named models: `[models.NAME]` tables of `model`, `baseUrl`, `apiKeyEnv`, `apiKeyKeyring`, `timeout`, `contextTokens`, `temperature`, `maxTokens`, `effort`, `proxy`, `caFile`, `fallbacks`, `vision`, `tools`, and `inputPrice`, `outputPrice`, `cachedInputPrice` in US dollars for a million tokens.
---@field agents? table<string, table<string, any>> Agents who may answer: `[agents.NAME]` tables of `role`, `goal`, `instructions`, `description`, `model`, `tools` and `knowledge`. Files `agents/NAME.md` beside `config.toml` are more of them.
---@field mcp? table<string, table<string, any>> Servers of the Model Context Protocol whose tools a model may have, in `config.toml` alone: `[mcp.NAME]` tables of `command`, `args`, `env`, or of `url`, `headers`; of `tools` (only these), `read` (tools that do not ask), `trusted` (none asks) and `timeout`. `${VARIABLE}` in a value stands for a variable's, as for keys.
---@field servers? table<string, string> Addresses of servers on this machine that are not where they usually are: `ollama`, `lmstudio`, `llamacpp`, `vllm`. One with an empty address is not looked for.

---What `chat/update` tells of a running turn.
---@alias rejoinder.Update rejoinder.Started|rejoinder.UserMessage|rejoinder.Text|rejoinder.Thought|rejoinder.Status|rejoinder.Context|rejoinder.CitationFound|rejoinder.ToolCallStarted|rejoinder.ToolUpdate|rejoinder.Approval|rejoinder.UsageUpdate|rejoinder.End

local M = {}

---Both sides name it in `experimental.rejoinder.protocolVersion`.
M.version = 1

---A client that answers `rejoinder/editor/context` declares this feature.
M.editor_context_feature = "editorContext"

---The JSON-RPC methods of requests and notifications.
M.methods = {
  CHAT = "rejoinder/chat", -- rejoinder.ChatParams -> rejoinder.TurnResult
  ASK = "rejoinder/ask", -- rejoinder.AskParams -> rejoinder.TurnResult
  PREVIEW = "rejoinder/preview", -- rejoinder.PreviewParams -> rejoinder.PreviewResult
  EDIT = "rejoinder/edit", -- rejoinder.EditParams -> rejoinder.EditResult
  COMPLETE = "rejoinder/complete", -- rejoinder.CompleteParams -> rejoinder.CompleteResult
  CHAT_CANCEL = "rejoinder/chat/cancel", -- rejoinder.ChatCancelParams
  CHAT_UPDATE = "rejoinder/chat/update", -- rejoinder.ChatUpdateParams
  TOOL_RESPOND = "rejoinder/tool/respond", -- rejoinder.ToolRespondParams
  TOOL_LIST = "rejoinder/tool/list", -- rejoinder.ToolListParams -> rejoinder.ToolListResult
  TOOL_OFFER = "rejoinder/tool/offer", -- rejoinder.ToolOfferParams
  TOOL_CALL = "rejoinder/tool/call", -- rejoinder.ToolCallParams -> rejoinder.ToolCallResult
  AGENTS_LIST = "rejoinder/agents/list", -- rejoinder.AgentsListParams -> rejoinder.AgentsListResult
  AGENTS_PUT = "rejoinder/agents/put", -- rejoinder.AgentsPutParams -> rejoinder.AgentInfo
  AGENTS_REMOVE = "rejoinder/agents/remove", -- rejoinder.AgentsRemoveParams
  PROMPTS_LIST = "rejoinder/prompts/list", -- rejoinder.PromptsListParams -> rejoinder.PromptsListResult
  SESSION_LIST = "rejoinder/session/list", -- rejoinder.SessionListParams -> rejoinder.SessionListResult
  SESSION_GET = "rejoinder/session/get", -- rejoinder.SessionParams -> rejoinder.Session
  SESSION_OPEN = "rejoinder/session/open", -- rejoinder.SessionOpenParams -> rejoinder.SessionOpenResult
  SESSION_CLOSE = "rejoinder/session/close", -- rejoinder.SessionParams
  SESSION_CREATE = "rejoinder/session/create", -- rejoinder.SessionCreateParams -> rejoinder.Session
  SESSION_USE = "rejoinder/session/use", -- rejoinder.SessionParams -> rejoinder.Session
  SESSION_UPDATE = "rejoinder/session/update", -- rejoinder.SessionUpdateParams -> rejoinder.Session
  SESSION_HISTORY = "rejoinder/session/history", -- rejoinder.SessionHistoryParams -> rejoinder.SessionHistoryResult
  SESSION_ADD = "rejoinder/session/add", -- rejoinder.SessionAddParams -> rejoinder.SessionAddResult
  SESSION_CLEAR = "rejoinder/session/clear", -- rejoinder.SessionClearParams -> rejoinder.Session
  SESSION_FORK = "rejoinder/session/fork", -- rejoinder.SessionForkParams -> rejoinder.Session
  SESSION_ROLLBACK = "rejoinder/session/rollback", -- rejoinder.SessionRollbackParams -> rejoinder.Session
  SESSION_DELETE = "rejoinder/session/delete", -- rejoinder.SessionDeleteParams
  SESSION_RESTORE = "rejoinder/session/restore", -- rejoinder.SessionParams -> rejoinder.Session
  SESSION_SUMMARIZE = "rejoinder/session/summarize", -- rejoinder.SessionParams -> rejoinder.SummarizeResult
  STATE_GET = "rejoinder/session/state/get", -- rejoinder.StateGetParams -> rejoinder.StateResult
  STATE_SET = "rejoinder/session/state/set", -- rejoinder.StateSetParams -> rejoinder.StateResult
  STATE_CLEAR = "rejoinder/session/state/clear", -- rejoinder.StateGetParams -> rejoinder.StateResult
  SESSION_CHANGED = "rejoinder/session/changed", -- rejoinder.SessionChangedParams
  SESSION_ATTACHMENT = "rejoinder/session/attachment", -- rejoinder.SessionAttachmentParams -> rejoinder.SessionAttachmentResult
  SESSION_EXPORT = "rejoinder/session/export", -- rejoinder.SessionExportParams -> rejoinder.SessionExportResult
  SESSION_IMPORT = "rejoinder/session/import", -- rejoinder.SessionImportParams -> rejoinder.SessionImportResult
  SESSION_IMPORT_FIND = "rejoinder/session/import/find", -- rejoinder.SessionImportFindParams -> rejoinder.SessionImportFindResult
  SESSION_CLEANUP = "rejoinder/session/cleanup", -- rejoinder.SessionCleanupParams -> rejoinder.SessionCleanupResult
  BACKUP_CREATE = "rejoinder/backup/create", -- rejoinder.BackupCreateParams -> rejoinder.BackupCreateResult
  BACKUP_RESTORE = "rejoinder/backup/restore", -- rejoinder.BackupRestoreParams -> rejoinder.BackupRestoreResult
  MEMORY_ADD = "rejoinder/memory/add", -- rejoinder.MemoryAddParams -> rejoinder.MemoryEntry
  MEMORY_GET = "rejoinder/memory/get", -- rejoinder.MemoryGetParams -> rejoinder.MemoryEntry
  MEMORY_LIST = "rejoinder/memory/list", -- rejoinder.MemoryListParams -> rejoinder.MemoryListResult
  MEMORY_SEARCH = "rejoinder/memory/search", -- rejoinder.MemorySearchParams -> rejoinder.HitsResult
  MEMORY_UPDATE = "rejoinder/memory/update", -- rejoinder.MemoryUpdateParams -> rejoinder.MemoryEntry
  MEMORY_DELETE = "rejoinder/memory/delete", -- rejoinder.MemoryDeleteParams
  MEMORY_CLEAR = "rejoinder/memory/clear", -- rejoinder.MemoryClearParams -> rejoinder.MemoryClearResult
  CONTEXT = "rejoinder/context", -- rejoinder.ContextParams -> rejoinder.ContextResult
  KNOWLEDGE_ADD = "rejoinder/knowledge/add", -- rejoinder.KnowledgeAddParams -> rejoinder.Knowledge
  KNOWLEDGE_LIST = "rejoinder/knowledge/list", -- rejoinder.KnowledgeListParams -> rejoinder.KnowledgeListResult
  KNOWLEDGE_SEARCH = "rejoinder/knowledge/search", -- rejoinder.KnowledgeSearchParams -> rejoinder.HitsResult
  KNOWLEDGE_REMOVE = "rejoinder/knowledge/remove", -- rejoinder.KnowledgeRemoveParams
  KNOWLEDGE_CLEAR = "rejoinder/knowledge/clear", -- rejoinder.KnowledgeClearParams -> rejoinder.KnowledgeClearResult
  SEARCH = "rejoinder/search", -- rejoinder.SearchParams -> rejoinder.HitsResult
  INDEX_STATUS = "rejoinder/index/status", -- rejoinder.IndexStatusParams -> rejoinder.IndexStatus
  INDEX_REBUILD = "rejoinder/index/rebuild", -- rejoinder.IndexRebuildParams
  INDEX_EXPLAIN = "rejoinder/index/explain", -- rejoinder.IndexExplainParams -> rejoinder.IndexExplainResult
  INDEX_PAUSE = "rejoinder/index/pause", -- table
  INDEX_RESUME = "rejoinder/index/resume", -- table
  INDEX_CHANGED = "rejoinder/index/changed", -- rejoinder.IndexStatus
  MODELS = "rejoinder/models", -- rejoinder.ModelsParams -> rejoinder.ModelsResult
  MODELS_USE = "rejoinder/models/use", -- rejoinder.ModelsUseParams -> rejoinder.ModelsUseResult
  USAGE = "rejoinder/usage", -- rejoinder.UsageParams -> rejoinder.UsageResult
  PROJECT_LIST = "rejoinder/project/list", -- table -> rejoinder.ProjectListResult
  PROJECT_RELINK = "rejoinder/project/relink", -- rejoinder.ProjectRelinkParams -> rejoinder.Project
  PROJECT_TRUST = "rejoinder/project/trust", -- rejoinder.ProjectTrustParams -> rejoinder.Project
  CONFIG = "rejoinder/config", -- table -> rejoinder.ConfigResult
  EDITOR_CONTEXT = "rejoinder/editor/context", -- rejoinder.EditorContextParams -> rejoinder.EditorContextResult
  TRANSCRIPT_OPEN = "rejoinder/transcript/open", -- rejoinder.TranscriptOpenParams -> rejoinder.TranscriptOpenResult
  TRANSCRIPT_SEND = "rejoinder/transcript/send", -- rejoinder.TranscriptParams -> rejoinder.TurnResult
  TRANSCRIPT_STOP = "rejoinder/transcript/stop", -- rejoinder.TranscriptParams
  TRANSCRIPT_REGENERATE = "rejoinder/transcript/regenerate", -- rejoinder.TranscriptRegenerateParams -> rejoinder.TurnResult
  TRANSCRIPT_MODEL = "rejoinder/transcript/model", -- rejoinder.TranscriptParams
  TRANSCRIPT_APPLY = "rejoinder/transcript/apply", -- rejoinder.TranscriptApplyParams
  TRANSCRIPT_ASK = "rejoinder/transcript/ask", -- rejoinder.TranscriptAskParams -> rejoinder.TranscriptOpenResult
  TRANSCRIPT_EDIT = "rejoinder/transcript/edit", -- rejoinder.TranscriptEditParams
  TRANSCRIPT_DECIDE = "rejoinder/transcript/decide", -- rejoinder.TranscriptDecideParams
}

---The same as commands for `workspace/executeCommand`.
M.commands = {
  CHAT = "rejoinder.chat",
  ASK = "rejoinder.ask",
  PREVIEW = "rejoinder.preview",
  EDIT = "rejoinder.edit",
  COMPLETE = "rejoinder.complete",
  CHAT_CANCEL = "rejoinder.chat.cancel",
  TOOL_RESPOND = "rejoinder.tool.respond",
  TOOL_LIST = "rejoinder.tool.list",
  TOOL_OFFER = "rejoinder.tool.offer",
  AGENTS_LIST = "rejoinder.agents.list",
  AGENTS_PUT = "rejoinder.agents.put",
  AGENTS_REMOVE = "rejoinder.agents.remove",
  PROMPTS_LIST = "rejoinder.prompts.list",
  SESSION_LIST = "rejoinder.session.list",
  SESSION_GET = "rejoinder.session.get",
  SESSION_OPEN = "rejoinder.session.open",
  SESSION_CLOSE = "rejoinder.session.close",
  SESSION_CREATE = "rejoinder.session.create",
  SESSION_USE = "rejoinder.session.use",
  SESSION_UPDATE = "rejoinder.session.update",
  SESSION_HISTORY = "rejoinder.session.history",
  SESSION_ADD = "rejoinder.session.add",
  SESSION_CLEAR = "rejoinder.session.clear",
  SESSION_FORK = "rejoinder.session.fork",
  SESSION_ROLLBACK = "rejoinder.session.rollback",
  SESSION_DELETE = "rejoinder.session.delete",
  SESSION_RESTORE = "rejoinder.session.restore",
  SESSION_SUMMARIZE = "rejoinder.session.summarize",
  STATE_GET = "rejoinder.session.state.get",
  STATE_SET = "rejoinder.session.state.set",
  STATE_CLEAR = "rejoinder.session.state.clear",
  SESSION_ATTACHMENT = "rejoinder.session.attachment",
  SESSION_EXPORT = "rejoinder.session.export",
  SESSION_IMPORT = "rejoinder.session.import",
  SESSION_IMPORT_FIND = "rejoinder.session.import.find",
  SESSION_CLEANUP = "rejoinder.session.cleanup",
  BACKUP_CREATE = "rejoinder.backup.create",
  BACKUP_RESTORE = "rejoinder.backup.restore",
  MEMORY_ADD = "rejoinder.memory.add",
  MEMORY_GET = "rejoinder.memory.get",
  MEMORY_LIST = "rejoinder.memory.list",
  MEMORY_SEARCH = "rejoinder.memory.search",
  MEMORY_UPDATE = "rejoinder.memory.update",
  MEMORY_DELETE = "rejoinder.memory.delete",
  MEMORY_CLEAR = "rejoinder.memory.clear",
  CONTEXT = "rejoinder.context",
  KNOWLEDGE_ADD = "rejoinder.knowledge.add",
  KNOWLEDGE_LIST = "rejoinder.knowledge.list",
  KNOWLEDGE_SEARCH = "rejoinder.knowledge.search",
  KNOWLEDGE_REMOVE = "rejoinder.knowledge.remove",
  KNOWLEDGE_CLEAR = "rejoinder.knowledge.clear",
  SEARCH = "rejoinder.search",
  INDEX_STATUS = "rejoinder.index.status",
  INDEX_REBUILD = "rejoinder.index.rebuild",
  INDEX_EXPLAIN = "rejoinder.index.explain",
  INDEX_PAUSE = "rejoinder.index.pause",
  INDEX_RESUME = "rejoinder.index.resume",
  MODELS = "rejoinder.models",
  MODELS_USE = "rejoinder.models.use",
  USAGE = "rejoinder.usage",
  PROJECT_LIST = "rejoinder.project.list",
  PROJECT_RELINK = "rejoinder.project.relink",
  PROJECT_TRUST = "rejoinder.project.trust",
  CONFIG = "rejoinder.config",
  TRANSCRIPT_OPEN = "rejoinder.transcript.open",
  TRANSCRIPT_SEND = "rejoinder.transcript.send",
  TRANSCRIPT_STOP = "rejoinder.transcript.stop",
  TRANSCRIPT_REGENERATE = "rejoinder.transcript.regenerate",
  TRANSCRIPT_MODEL = "rejoinder.transcript.model",
  TRANSCRIPT_APPLY = "rejoinder.transcript.apply",
  TRANSCRIPT_ASK = "rejoinder.transcript.ask",
  TRANSCRIPT_EDIT = "rejoinder.transcript.edit",
  TRANSCRIPT_DECIDE = "rejoinder.transcript.decide",
}

---The codes of errors; their data is rejoinder.ErrorData.
M.errors = {
  SESSION_NOT_FOUND = -31001,
  AMBIGUOUS = -31002,
  SESSION_BUSY = -31003,
  MODEL_NOT_CONFIGURED = -31004,
  MODEL_AUTH = -31005,
  MODEL_RATE_LIMITED = -31006,
  MODEL_UNAVAILABLE = -31007,
  MODEL_TIMEOUT = -31008,
  BUDGET_EXCEEDED = -31009,
  CONTEXT_TOO_LARGE = -31010,
  SCHEMA_INVALID = -31011,
  STORAGE_LOCKED = -31012,
  STORAGE_CORRUPT = -31013,
  STORAGE_FULL = -31014,
  INDEX_UNAVAILABLE = -31015,
  NOT_TRUSTED = -31016,
  TOOL_DENIED = -31017,
  NOT_FOUND = -31018,
  TOO_LARGE = -31019,
  SOURCE_UNREADABLE = -31020,
  PARSE_ERROR = -32700,
  INVALID_REQUEST = -32600,
  METHOD_NOT_FOUND = -32601,
  INVALID_PARAMS = -32602,
  INTERNAL_ERROR = -32603,
  SERVER_NOT_INITIALIZED = -32002,
  REQUEST_CANCELLED = -32800,
  CONTENT_MODIFIED = -32801,
}

---The settings; those that are guarded never count from a workspace that is not trusted.
---@type { key: string, default: any, guarded: boolean, help: string }[]
M.settings = {
  { key = "model", default = nil, guarded = false, help = "Which model answers: `extractive`, `openai-compatible:NAME`, `ollama:NAME`, `openai:NAME`, `anthropic:NAME`, `google:NAME`, or the name of a `[models.NAME]` table. Unset: the built-in extractive answer." },
  { key = "baseUrl", default = nil, guarded = true, help = "Address of an OpenAI-compatible server, such as `http://localhost:8080/v1`." },
  { key = "apiKeyEnv", default = nil, guarded = true, help = "Name of the environment variable that holds the key; never the key itself." },
  { key = "apiKeyKeyring", default = nil, guarded = true, help = "Where the system's keyring holds the key, as `SERVICE/USER`, instead of a variable." },
  { key = "fallbacks", default = {}, guarded = false, help = "Models that are asked in turn when the first one cannot answer." },
  { key = "temperature", default = nil, guarded = false, help = "Sampling temperature. Unset: the model's own." },
  { key = "maxTokens", default = nil, guarded = false, help = "Most tokens of one answer. Unset: the model's own." },
  { key = "effort", default = nil, guarded = false, help = "How much a model may think before it answers. Unset: the model's own." },
  { key = "timeout", default = 60.0, guarded = false, help = "Seconds without a byte from the model before a turn fails." },
  { key = "contextTokens", default = nil, guarded = false, help = "Tokens that the model takes in, prompt and answer together. Unset: what is known of the model." },
  { key = "sessionScope", default = "workspace", guarded = false, help = "What a session belongs to when none is named: the `workspace`, each `file`, or `none`." },
  { key = "retrieve", default = true, guarded = false, help = "Whether passages of the project and of past messages are looked up for a turn." },
  { key = "embedder", default = "builtin", guarded = true, help = "What turns text into vectors." },
  { key = "dataDir", default = nil, guarded = true, help = "Folder of the sessions. Unset: the platform's data folder." },
  { key = "store", default = "tinydb", guarded = true, help = "What keeps the sessions, looked at when the engine starts: `tinydb`, `sqlite`, `memory` (gone with the engine), an address such as `redis://HOST:PORT/0`, or an entry point `rejoinder.stores`." },
  { key = "cacheDir", default = nil, guarded = true, help = "Folder of the indexes. Unset: the platform's cache folder." },
  { key = "history", default = true, guarded = false, help = "Whether past commits help to find files." },
  { key = "ignore", default = {}, guarded = false, help = "Patterns of files that stay out of the index, as in `.gitignore`." },
  { key = "redact", default = true, guarded = true, help = "Whether known shapes of secrets are masked before a model sees them." },
  { key = "instructions", default = {}, guarded = false, help = "Files with instructions for the model. Empty: `AGENTS.md` and its like in the project's folder." },
  { key = "onDisconnect", default = "continue", guarded = false, help = "What becomes of a running turn when its client goes away." },
  { key = "trashDays", default = 7, guarded = false, help = "Days that a deleted session stays in the trash." },
  { key = "retentionDays", default = nil, guarded = false, help = "Days after which an unused session that is not pinned goes to the trash, looked at when the engine starts. Unset: never." },
  { key = "proxy", default = nil, guarded = true, help = "Address of a proxy for the model's connection." },
  { key = "caFile", default = nil, guarded = true, help = "File with the certificates to trust for the model's connection." },
  { key = "idleSeconds", default = 30.0, guarded = true, help = "Seconds that the engine stays after its last client has gone." },
  { key = "log.level", default = "warning", guarded = false, help = "How much the log says." },
  { key = "budget.day", default = nil, guarded = true, help = "Most US dollars of a day (UTC). Answers whose price is not known do not count." },
  { key = "budget.session", default = nil, guarded = true, help = "Most US dollars of a session." },
  { key = "budget.dayTokens", default = nil, guarded = true, help = "Most tokens of a day (UTC), in and out." },
  { key = "budget.sessionTokens", default = nil, guarded = true, help = "Most tokens of a session, in and out." },
  { key = "memory.provider", default = "builtin", guarded = true, help = "What keeps the memory: `builtin`, `none`, or the name of an entry point `rejoinder.memory`." },
  { key = "memory.vectorStore", default = "exact", guarded = true, help = "What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point `rejoinder.vector_stores`." },
  { key = "memory.path", default = nil, guarded = true, help = "Folder for the files of a provider that is not built in. Unset: one in `dataDir`." },
  { key = "knowledge.provider", default = "builtin", guarded = true, help = "What keeps the knowledge: `builtin`, `none`, or the name of an entry point `rejoinder.knowledge`." },
  { key = "knowledge.vectorStore", default = "exact", guarded = true, help = "What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point `rejoinder.vector_stores`." },
  { key = "knowledge.path", default = nil, guarded = true, help = "Folder for the files of a provider that is not built in. Unset: one in `dataDir`." },
  { key = "knowledge.chunker", default = "syntax", guarded = true, help = "How documents are cut into passages: `syntax`, `lines`, `paragraphs`, `sentences`, or the name of an entry point `rejoinder.chunkers`." },
  { key = "knowledge.chunkSize", default = 1200, guarded = false, help = "Most characters of a passage of a document." },
  { key = "tools.use", default = {}, guarded = false, help = "Tools of a turn that names none: `default` (those built in that only read), `all`, names of tools, or of servers that have some. Empty: none." },
  { key = "tools.timeout", default = 60.0, guarded = false, help = "Seconds that one call may take." },
  { key = "tools.rounds", default = 12, guarded = false, help = "How often a model may call tools before it has to answer." },
  { key = "tools.outputLimit", default = 65536, guarded = false, help = "Most bytes of a call's output; what is longer is cut." },
  { key = "models", default = {}, guarded = true, help = "Named models: `[models.NAME]` tables of `model`, `baseUrl`, `apiKeyEnv`, `apiKeyKeyring`, `timeout`, `contextTokens`, `temperature`, `maxTokens`, `effort`, `proxy`, `caFile`, `fallbacks`, `vision`, `tools`, and `inputPrice`, `outputPrice`, `cachedInputPrice` in US dollars for a million tokens." },
  { key = "agents", default = {}, guarded = true, help = "Agents who may answer: `[agents.NAME]` tables of `role`, `goal`, `instructions`, `description`, `model`, `tools` and `knowledge`. Files `agents/NAME.md` beside `config.toml` are more of them." },
  { key = "mcp", default = {}, guarded = true, help = "Servers of the Model Context Protocol whose tools a model may have, in `config.toml` alone: `[mcp.NAME]` tables of `command`, `args`, `env`, or of `url`, `headers`; of `tools` (only these), `read` (tools that do not ask), `trusted` (none asks) and `timeout`. `${VARIABLE}` in a value stands for a variable's, as for keys." },
  { key = "servers", default = {}, guarded = true, help = "Addresses of servers on this machine that are not where they usually are: `ollama`, `lmstudio`, `llamacpp`, `vllm`. One with an empty address is not looked for." },
}

return M
