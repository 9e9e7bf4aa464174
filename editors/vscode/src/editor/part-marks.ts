/** What stands at each part of a proposal: its number, and how it is decided by pointer and by keyboard. */

import * as vscode from "vscode";

import { Refusal } from "../failures";
import type { Part } from "./parts";
import { SCHEME, type Proposals } from "./proposals";

/** A part and its lines in the proposed document. */
interface Place {
  readonly part: Part;
  readonly range: vscode.Range;
}

export class PartMarks implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly mark = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    after: { margin: "0 0 0 2em", color: new vscode.ThemeColor("editorCodeLens.foreground"), fontStyle: "italic" },
  });
  private readonly chosen = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: "solid",
    borderWidth: "0 0 0 3px",
    borderColor: new vscode.ThemeColor("focusBorder"),
  });
  private readonly disposables: vscode.Disposable[];

  private readonly moved = new vscode.EventEmitter<void>();

  readonly onDidChangeCodeLenses = this.moved.event;

  constructor(private readonly proposals: Proposals) {
    this.disposables = [
      this.mark,
      this.chosen,
      this.moved,
      proposals.onDidChange(() => this.moved.fire()),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => this.draw(editor))),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.draw(textEditor)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        vscode.window.visibleTextEditors.filter((one) => one.document === document).forEach((editor) => this.draw(editor));
      }),
    ];
  }

  /** Above each part, where the user's settings have lenses in diffs. */
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return this.places(document).flatMap(({ part, range }) => {
      const given = [document.uri, part.id];
      return [
        new vscode.CodeLens(range, { title: vscode.l10n.t("Accept"), command: "rejoinder.acceptPart", arguments: given }),
        new vscode.CodeLens(range, { title: vscode.l10n.t("Reject"), command: "rejoinder.rejectPart", arguments: given }),
      ];
    });
  }

  /** Put the cursor at the next part, or the one before; behind the last comes the first again. */
  step(by: 1 | -1): void {
    const editor = this.editor();
    const places = this.places(editor.document);
    const { line } = editor.selection.active;
    const lines = places.map(({ range }) => range.start);
    const further = by === 1 ? lines.find((one) => one.line > line) : lines.findLast((one) => one.line < line);
    const place = further ?? lines.at(by === 1 ? 0 : -1);
    if (place) {
      editor.selection = new vscode.Selection(place, place);
      editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  /** Decide the part with this number, or the one that the cursor is in or comes to next. */
  async decide(how: "acceptPart" | "rejectPart", uri?: vscode.Uri | string, id?: number): Promise<void> {
    const target = uri === undefined ? this.shown() : typeof uri === "string" ? vscode.Uri.parse(uri) : uri;
    const parts = this.proposals.partsOf(target).map(({ part }) => part);
    const part = typeof id === "number" ? parts.find((one) => one.id === id) : this.atCursor(this.editor())?.part;
    if (part) {
      await this.proposals[how](target, part);
    }
  }

  /** The proposal that is shown, in front if there are several. */
  shown(): vscode.Uri {
    return this.editor().document.uri;
  }

  dispose(): void {
    this.disposables.forEach((disposable) => disposable.dispose());
  }

  /** The part that the cursor is in or comes to next; behind the last, the first. */
  private atCursor({ document, selection }: vscode.TextEditor): Place | undefined {
    const places = this.places(document);
    return places.find(({ range }) => range.end.line >= selection.active.line) ?? places[0];
  }

  private editor(): vscode.TextEditor {
    const shown = vscode.window.visibleTextEditors.filter((one) => one.document.uri.scheme === SCHEME);
    const editor = shown.find((one) => one === vscode.window.activeTextEditor) ?? shown[0];
    if (!editor) {
      throw new Refusal(vscode.l10n.t("No proposed change is shown."), vscode.l10n.t("Ask for one first."));
    }
    return editor;
  }

  /** Where the parts are in the proposed document: the lines that are new, or the one behind those that go. */
  private places(document: vscode.TextDocument): Place[] {
    return this.proposals.partsOf(document.uri).map(({ part, span: [start, end] }) => {
      const last = Math.max(start, end - (/[\r\n]$/.test(part.text) ? 1 : 0));
      return { part, range: new vscode.Range(document.positionAt(start), document.positionAt(last)) };
    });
  }

  private draw(editor: vscode.TextEditor): void {
    if (editor.document.uri.scheme !== SCHEME) {
      return;
    }
    const places = this.places(editor.document);
    const marks = places.map(({ part, range }, at): vscode.DecorationOptions => {
      const contentText = vscode.l10n.t("Part {0} of {1}", at + 1, places.length);
      const end = editor.document.lineAt(range.start.line).range.end;
      const line = new vscode.Range(range.start.with({ character: 0 }), end);
      return { range: line, renderOptions: { after: { contentText } }, hoverMessage: links(editor.document.uri, part) };
    });
    editor.setDecorations(this.mark, marks);
    const chosen = this.atCursor(editor);
    editor.setDecorations(this.chosen, chosen ? [chosen.range] : []);
  }
}

function links(uri: vscode.Uri, part: Part): vscode.MarkdownString {
  const given = encodeURIComponent(JSON.stringify([uri.toString(), part.id]));
  const [accept, reject] = [vscode.l10n.t("Accept this part"), vscode.l10n.t("Reject this part")];
  const text = `[$(check) ${accept}](command:rejoinder.acceptPart?${given}) · [$(close) ${reject}](command:rejoinder.rejectPart?${given})`;
  const links = new vscode.MarkdownString(text, true);
  links.isTrusted = { enabledCommands: ["rejoinder.acceptPart", "rejoinder.rejectPart"] };
  return links;
}
