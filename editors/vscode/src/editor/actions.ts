/** Ask, explain, fix, test, document: on what is selected, from menus and from the light bulb. */

import * as vscode from "vscode";

import type { AskAction, Attachment } from "../generated/protocol";
import { SYNCED_SCHEMES } from "../server/client";
import { Refusal } from "../failures";
import { attachmentOf } from "./selection";

/** The commands that send a question at once, with the action that each one asks for. */
export const ASK_COMMANDS: Record<string, AskAction> = {
  "rejoinder.explainSelection": "explain",
  "rejoinder.fixSelection": "fix",
  "rejoinder.testSelection": "test",
  "rejoinder.documentSelection": "document",
};

/** The command that attaches what is selected and waits for a question. */
export const ASK_ABOUT = "rejoinder.askSelection";

/** What a command is about: the range that the light bulb gave, else the selection of the active editor. */
export function subject(range?: vscode.Range): Attachment {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new Refusal(vscode.l10n.t("No editor is open."), vscode.l10n.t("Open a file, and select what it is about."));
  }
  return attachmentOf(editor, range instanceof vscode.Range ? range : undefined);
}

/** The light bulb's entries: on a selection, and for a problem to be fixed. */
export class AskActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite];
  static readonly selector = SYNCED_SCHEMES.map((scheme) => ({ scheme }));

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const { diagnostics } = context;
    const actions: vscode.CodeAction[] = [];
    if (diagnostics.length) {
      const whole = diagnostics.reduce((all, { range: part }) => all.union(part), range);
      const fix = action(vscode.l10n.t("Fix with Rejoinder"), "rejoinder.fixSelection", vscode.CodeActionKind.QuickFix, lines(document, whole));
      fix.diagnostics = [...diagnostics];
      actions.push(fix);
    }
    if (!range.isEmpty) {
      const kind = vscode.CodeActionKind.RefactorRewrite;
      actions.push(
        action(vscode.l10n.t("Ask Rejoinder about this"), ASK_ABOUT, kind, range),
        action(vscode.l10n.t("Explain with Rejoinder"), "rejoinder.explainSelection", kind, range),
        ...(diagnostics.length ? [] : [action(vscode.l10n.t("Fix with Rejoinder"), "rejoinder.fixSelection", kind, range)]),
        action(vscode.l10n.t("Write tests with Rejoinder"), "rejoinder.testSelection", kind, range),
        action(vscode.l10n.t("Document with Rejoinder"), "rejoinder.documentSelection", kind, range),
      );
    }
    return actions;
  }
}

function action(title: string, command: string, kind: vscode.CodeActionKind, range: vscode.Range): vscode.CodeAction {
  const made = new vscode.CodeAction(title, kind);
  made.command = { title, command, arguments: [range] };
  return made;
}

/** The whole lines of a range: a problem's own mark is often a single word. */
function lines(document: vscode.TextDocument, range: vscode.Range): vscode.Range {
  return new vscode.Range(range.start.with({ character: 0 }), document.lineAt(range.end.line).range.end);
}
