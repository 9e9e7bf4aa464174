/** The keys of models: kept in the editor's secret storage, handed to the server by its environment. */

import * as vscode from "vscode";

const NAMES = "keyNames";
const USUAL = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"];

/** Keys by the names of the environment variables that carry them. */
export class Keys {
  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly memory: vscode.Memento,
  ) {}

  /** All keys, for the server's environment. */
  async environment(): Promise<Record<string, string>> {
    const found = await Promise.all(this.names().map(async (name) => [name, await this.secrets.get(name)] as const));
    return Object.fromEntries(found.filter((pair): pair is [string, string] => Boolean(pair[1])));
  }

  /** Ask for a key and keep it; an empty one is forgotten. Answers whether anything changed. */
  async set(): Promise<boolean> {
    const name = await this.askName();
    if (!name) {
      return false;
    }
    const key = await vscode.window.showInputBox({
      title: vscode.l10n.t("The key in {0}", name),
      prompt: vscode.l10n.t("It is kept in this editor's secret storage. Leave it empty to forget the one that is there."),
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) {
      return false;
    }
    await (key ? this.secrets.store(name, key) : this.secrets.delete(name));
    const others = this.names().filter((other) => other !== name);
    await this.memory.update(NAMES, key ? [...others, name] : others);
    return true;
  }

  private names(): string[] {
    return this.memory.get<string[]>(NAMES, []);
  }

  private async askName(): Promise<string | undefined> {
    const set = vscode.workspace.getConfiguration("rejoinder").get<string>("apiKeyEnv");
    const names = [...new Set([...(set ? [set] : []), ...USUAL, ...this.names()])];
    const other = vscode.l10n.t("Another variable…");
    const items = names.map((label) => ({ label, description: this.names().includes(label) ? vscode.l10n.t("set") : "" }));
    const picked = await vscode.window.showQuickPick([...items, { label: other, description: "" }], {
      title: vscode.l10n.t("Set a key"),
      placeHolder: vscode.l10n.t("Which variable of the environment carries it?"),
      ignoreFocusOut: true,
    });
    if (picked?.label !== other) {
      return picked?.label;
    }
    return vscode.window.showInputBox({
      title: vscode.l10n.t("The variable's name"),
      placeHolder: "EXAMPLE_API_KEY",
      ignoreFocusOut: true,
      validateInput: (text) => (/^[A-Z][A-Z0-9_]*_API_KEY$/.test(text) ? null : vscode.l10n.t("Capital letters, ending in _API_KEY.")),
    });
  }
}
