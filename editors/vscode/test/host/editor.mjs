/**
 * Parts of the extension by themselves, with a stand-in for VS Code around them: for what comes at the same time, which a
 * window cannot be made to do.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What a file of src/ exports; `vscode` is what it sees of VS Code. */
export async function load(path, vscode) {
  const { outputFiles } = await build({
    absWorkingDir: here("../.."),
    entryPoints: [`src/${path}`],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    external: ["vscode", "vscode-languageclient"],
  });
  const given = { vscode: around(vscode), "vscode-languageclient/node": around({}) };
  const module = { exports: {} };
  const require = createRequire(import.meta.url);
  new Function("module", "require", outputFiles[0].text)(module, (name) => given[name] ?? require(name));
  return module.exports;
}

/** What is not there is an empty class: parts that are not used need one to be loaded. */
function around(known) {
  // as a prototype, for an import takes what the module itself has and no more
  return Object.assign(Object.create(new Proxy({}, { get: () => class {} })), known);
}

class Uri {
  constructor(scheme, path) {
    Object.assign(this, { scheme, path, fsPath: path });
  }

  static file = (path) => new Uri("file", path);
  static parse = (text) => new Uri(...text.split("://"));
  with = ({ scheme = this.scheme, path = this.path }) => new Uri(scheme, path);
  toString = () => `${this.scheme}://${this.path}`;
}

export class EventEmitter {
  #listeners = new Set();
  event = (listener) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire = (...given) => [...this.#listeners].forEach((listener) => listener(...given));
  dispose = () => this.#listeners.clear();
}

class WorkspaceEdit {
  steps = [];
  replace = (uri, _, text) => this.steps.push([uri, text]);
  createFile = (uri, { contents }) => this.steps.push([uri, new TextDecoder().decode(contents)]);
  deleteFile = (uri) => this.steps.push([uri, undefined]);
}

/** An editor whose files are `texts`, by address; `said` is what it tells the user. A file is saved once `saving` is over. */
export function editor() {
  const [texts, said] = [new Map(), []];
  const state = { texts, said, saving: Promise.resolve() };
  const tell = async (text) => void said.push(text);
  const documentOf = (uri) => ({ getText: () => texts.get(`${uri}`), positionAt: () => ({}), save: () => state.saving });
  const stat = async (uri) => {
    if (!texts.has(`${uri}`)) throw new Error(`${uri} is not there`);
    return { type: 1, size: texts.get(`${uri}`).length };
  };
  const applyEdit = async ({ steps }) => {
    for (const [uri, text] of steps) text === undefined ? texts.delete(`${uri}`) : texts.set(`${uri}`, text);
    return true;
  };
  const vscode = {
    Uri,
    EventEmitter,
    WorkspaceEdit,
    FileType: { Directory: 2 },
    TreeItemCollapsibleState: {},
    MarkdownString: class {
      appendText = () => this;
      appendMarkdown = () => this;
    },
    env: { language: "en" },
    l10n: { t: (text, ...values) => text.replace(/\{(\d)\}/g, (_, at) => values[at]) },
    extensions: { getExtension: () => undefined },
    commands: { executeCommand: async () => undefined },
    window: { showInformationMessage: tell, showWarningMessage: tell },
    workspace: {
      textDocuments: [],
      fs: { stat, readFile: async (uri) => Buffer.from(texts.get(`${uri}`)) },
      openTextDocument: async (uri) => documentOf(uri),
      applyEdit,
      asRelativePath: (uri) => (uri.path ?? uri).replace(/^\//, ""),
    },
  };
  return Object.assign(state, { vscode });
}

/** Let all that waits for nothing else go on. */
export const settled = () => new Promise(setImmediate);
