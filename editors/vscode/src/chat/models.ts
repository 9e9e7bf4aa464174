/** Which model answers. What there is to choose from, and what a choice still needs, the server says. */

import * as vscode from "vscode";

import type { ModelInfo, ModelsResult } from "../generated/protocol";
import type { Server } from "../server/server";

/** The answer that is put together without a model. */
const NONE = "extractive";

interface Item extends vscode.QuickPickItem {
  /** `configured` is false where only the server is known, and not the model's name. */
  model?: Pick<ModelInfo, "id" | "configured">;
}

/** The name that people know the model in use by: what its ID has after the provider. Empty when none is set. */
export function nameOf({ current }: ModelsResult): string {
  return current === NONE ? "" : current.slice(current.indexOf(":") + 1);
}

/** Let the user choose: what runs on this machine, what is configured, or another by its name. */
export async function chooseModel(server: Server): Promise<void> {
  const found = server.request("MODELS", { refresh: true, offer: true, again: true });
  const items = found.then(itemsOf);
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Choose a model"), placeHolder: vscode.l10n.t("Which one answers?") });
  const id = picked?.model?.configured ? picked.model.id : picked?.model && (await askName(picked.model.id));
  if (id) {
    await use(server, id, (await found).current);
  }
}

/** Let the user choose a model for one answer: of those that can be used as they are. Answers its ID. */
export async function otherModel(server: Server): Promise<string | undefined> {
  const found = server.request("MODELS", { refresh: true, offer: true, again: true });
  const items = found.then(({ models, offers = [], current }) => {
    const offered = offers.filter(({ id }) => !models.some((model) => model.id === id));
    return [...models, ...offered].filter(({ configured }) => configured).map((model) => itemOf(model, current));
  });
  const title = vscode.l10n.t("Answer with another model");
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t("Which one answers this time?") });
  return picked?.model?.id;
}

/** When something is at hand that nobody was asked about yet, ask. Nothing is used before a yes. */
export async function offerModel(server: Server): Promise<void> {
  const { offers = [], current } = await server.request("MODELS", { offer: true });
  const [first] = offers;
  if (!first) {
    return;
  }
  const [yes, choose] = [vscode.l10n.t("Use It"), vscode.l10n.t("Choose…")];
  const text =
    offers.length > 1
      ? vscode.l10n.t("A model is at hand: {0} (and {1} more). Shall Rejoinder use it?", first.label, offers.length - 1)
      : vscode.l10n.t("A model is at hand: {0}. Shall Rejoinder use it?", first.label);
  const picked = await vscode.window.showInformationMessage(text, ...(first.configured ? [yes] : []), choose);
  if (picked === yes) {
    await use(server, first.id, current);
  } else if (picked === choose) {
    await vscode.commands.executeCommand("rejoinder.chooseModel");
  }
}

/** Use a model wherever no setting names one. Where one does, that setting is changed: it is stronger. */
async function use(server: Server, id: string, before: string): Promise<void> {
  const { current } = await server.request("MODELS_USE", { model: id });
  if (current === before && current !== id) {
    const configuration = vscode.workspace.getConfiguration("rejoinder");
    const isOfFolder = configuration.inspect("model")?.workspaceValue !== undefined;
    const { Workspace, Global } = vscode.ConfigurationTarget;
    await configuration.update("model", id, isOfFolder ? Workspace : Global);
  }
}

function itemsOf({ models, offers = [], current }: ModelsResult): Item[] {
  const offered = new Set(offers.map(({ id }) => id));
  const others = models.filter(({ id }) => !offered.has(id));
  const item = (model: ModelInfo) => itemOf(model, current);
  return [
    ...group(vscode.l10n.t("At hand, used after this choice"), offers.map(item)),
    ...group(vscode.l10n.t("Configured"), others.filter((model) => model.configured).map(item)),
    ...group(vscode.l10n.t("By its name"), [
      ...others.filter((model) => !model.configured).map(item),
      { label: `$(edit) ${vscode.l10n.t("Another model…")}`, model: { id: current, configured: false } },
    ]),
  ];
}

function itemOf(model: ModelInfo, current: string): Item {
  const isUsed = model.id === current;
  const words = [isUsed ? vscode.l10n.t("in use") : "", model.local ? vscode.l10n.t("on this machine") : model.provider];
  return { label: `${isUsed ? "$(check) " : ""}${model.label}`, description: words.filter(Boolean).join(" · "), model };
}

function group(label: string, items: Item[]): Item[] {
  return items.length ? [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items] : [];
}

function askName(id: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("The model's name"),
    prompt: vscode.l10n.t("As the setting rejoinder.model has it: ollama:NAME, openai:NAME, openai-compatible:NAME, …"),
    value: id,
    valueSelection: [id.indexOf(":") + 1, id.length],
  });
}
