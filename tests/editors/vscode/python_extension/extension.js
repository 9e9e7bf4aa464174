// As much of the Python extension's interface as other extensions use to learn which interpreter was chosen.
const vscode = require("vscode");

exports.activate = () => ({
  environments: {
    getActiveEnvironmentPath: () => ({
      path: vscode.workspace.getConfiguration("python").get("defaultInterpreterPath"),
    }),
    resolveEnvironment: async ({ path }) => ({ executable: { uri: vscode.Uri.file(path) } }),
  },
});
