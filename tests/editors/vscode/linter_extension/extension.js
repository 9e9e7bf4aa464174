// Marks the first line of every Python file, as an extension of a language does with what its checker finds.
const vscode = require("vscode");

exports.activate = (context) => {
  const problems = vscode.languages.createDiagnosticCollection("linter");
  const mark = (document) => {
    if (document.languageId === "python") {
      const range = document.lineAt(0).range;
      problems.set(document.uri, [new vscode.Diagnostic(range, "The first line is too plain", vscode.DiagnosticSeverity.Warning)]);
    }
  };
  context.subscriptions.push(problems, vscode.workspace.onDidOpenTextDocument(mark));
  vscode.workspace.textDocuments.forEach(mark);
};
