/** Answers the server's question about what the editor shows just now. */

import * as vscode from "vscode";

import { METHODS, type EditorContextParams, type EditorContextResult } from "../generated/protocol";
import { SYNCED_SCHEMES } from "../server/client";
import type { Server } from "../server/server";
import { attachmentOf } from "./selection";

const RECENT = 10;

/** Diagnostics and selection of the document in question, visible documents, and those used last. */
export class EditorContext implements vscode.Disposable {
  private recent: string[] = [];
  private readonly watching: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.used(vscode.window.activeTextEditor);
    this.watching = vscode.window.onDidChangeActiveTextEditor((editor) => this.used(editor));
    server.wire((client) => client.onRequest(METHODS.EDITOR_CONTEXT, (params: EditorContextParams) => this.answer(params)));
  }

  dispose(): void {
    this.watching.dispose();
  }

  private answer({ uri }: EditorContextParams): EditorContextResult {
    const visible = vscode.window.visibleTextEditors.filter(isOfUser);
    const asked = visible.find((editor) => editor.document.uri.toString() === uri);
    const editor = asked ?? (uri ? undefined : vscode.window.activeTextEditor);
    const selected = editor && isOfUser(editor) && !editor.selection.isEmpty;
    return {
      diagnostics: this.diagnostics(uri ?? this.recent[0]),
      visible: visible.map(({ document }) => document.uri.toString()),
      recent: this.recent,
      ...(selected ? { selection: attachmentOf(editor) } : {}),
    };
  }

  private diagnostics(uri: string | undefined): Record<string, unknown>[] {
    const found = uri ? vscode.languages.getDiagnostics(vscode.Uri.parse(uri)) : [];
    const converter = this.server.converters?.code2ProtocolConverter;
    return found.map((diagnostic) => ({ ...converter?.asDiagnostic(diagnostic) }));
  }

  private used(editor: vscode.TextEditor | undefined): void {
    if (editor && isOfUser(editor)) {
      const uri = editor.document.uri.toString();
      this.recent = [uri, ...this.recent.filter((other) => other !== uri)].slice(0, RECENT);
    }
  }
}

function isOfUser(editor: vscode.TextEditor): boolean {
  return SYNCED_SCHEMES.includes(editor.document.uri.scheme);
}
