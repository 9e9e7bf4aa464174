/** Which model answers. */

import * as vscode from "vscode";

import type { ModelInfo, ModelsResult } from "../generated/protocol";
import type { Server } from "../server/server";

/** The answer that is put together without a model. */
const NONE = "extractive";

/** The name that people know the model in use by: what its ID has after the provider. Empty when none is set. */
export function nameOf({ current }: ModelsResult): string {
  return current === NONE ? "" : current.slice(current.indexOf(":") + 1);
}

/** Let the user choose among the models that the server knows, or name another; kept in the user's settings. */
export async function chooseModel(server: Server): Promise<void> {
  const { models, current } = await server.request("MODELS", {});
  const other = "$(edit) Another model…";
  const items = models.map((model) => ({ label: model.label, description: aboutOf(model, current), id: model.id }));
  const picked = await vscode.window.showQuickPick([...items, { label: other, description: "", id: "" }], {
    title: "Which model answers?",
    placeHolder: "It is kept in your settings",
  });
  const id = picked?.label === other ? await askName(current) : picked?.id;
  if (id) {
    await vscode.workspace.getConfiguration("rejoinder").update("model", id, vscode.ConfigurationTarget.Global);
  }
}

function aboutOf(model: ModelInfo, current: string): string {
  const words = [
    model.id === current ? "in use" : "",
    model.local ? "on this machine" : model.provider,
    model.configured ? "" : "needs further settings",
  ];
  return words.filter(Boolean).join(" · ");
}

function askName(current: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: "The model's name",
    prompt: "As the setting rejoinder.model has it: ollama:NAME, openai:NAME, openai-compatible:NAME, …",
    value: current,
  });
}
