/** What the model would get, word by word, in a document that can only be read. */

import * as vscode from "vscode";

import type { PreviewParams, PreviewResult, PromptMessage } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Attachments } from "./attachments";
import type { Conversation } from "./conversation";

const SCHEME = "rejoinder-prompt";
const PLACE = vscode.Uri.from({ scheme: SCHEME, path: "/Prompt.md" });

export class Prompts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private text = "";
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly attachments: Attachments,
  ) {}

  provideTextDocumentContent(): string {
    return this.text;
  }

  /** Show what this text would make of a prompt; without a text, what the question `parentId` makes of one. */
  async show({ text, parentId }: Pick<PreviewParams, "text" | "parentId">): Promise<void> {
    const { address, choices } = this.conversation;
    const attachments = text ? [...this.attachments.all] : [];
    const asked: PreviewParams = { of: "chat", ...address, ...choices.params, text, attachments, ...(parentId ? { parentId } : {}) };
    this.text = written(await this.server.request("PREVIEW", asked));
    this.changed.fire(PLACE);
    const document = await vscode.workspace.openTextDocument(PLACE);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}

function written({ messages, tokens, budget, masked, tools }: PreviewResult): string {
  const facts = [vscode.l10n.t("{0} of {1} tokens", tokens.toLocaleString(vscode.env.language), budget.toLocaleString(vscode.env.language))];
  if (masked) {
    facts.push(masked === 1 ? vscode.l10n.t("one secret is masked") : vscode.l10n.t("{0} secrets are masked", masked));
  }
  const parts = messages.map((message, index) => `## ${index + 1}. ${headOf(message)}\n\n${message.content.trimEnd()}`);
  if (tools?.length) {
    const lines = tools.map(({ name, description }) => `- ${name}: ${description}`);
    parts.push(`## ${vscode.l10n.t("Tools")}\n\n${lines.join("\n")}`);
  }
  return [`# ${vscode.l10n.t("What the model would get")}`, facts.join(", "), ...parts].join("\n\n") + "\n";
}

function headOf({ role, origin, images, toolCalls }: PromptMessage): string {
  const more = [
    ...(origin ? [vscode.workspace.asRelativePath(vscode.Uri.parse(origin.uri))] : []),
    ...(images?.length ? [vscode.l10n.t("pictures: {0}", images.length)] : []),
    ...(toolCalls ?? []).map(({ name }) => name),
  ];
  return [role, ...more].join(" · ");
}
