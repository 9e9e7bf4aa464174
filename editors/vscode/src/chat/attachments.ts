/** What goes along with the next message. */

import * as vscode from "vscode";

import type { Attachment } from "../generated/protocol";
import type { AttachmentChip } from "../panel/messages";
import { linesOf, nameOf } from "../panel/place-words";
import { OWN_SCHEME } from "./own-scheme";

/** A list that the page shows as chips. */
export class Attachments {
  private items: Attachment[] = [];
  /** What waits while others take its place. */
  private aside: Attachment[] | undefined;
  private readonly changed = new vscode.EventEmitter<AttachmentChip[]>();

  /** Told of the chips whenever they change. */
  readonly onDidChange = this.changed.event;

  get all(): readonly Attachment[] {
    return this.items;
  }

  /** The list as the page shows it. */
  get chips(): AttachmentChip[] {
    return this.items.map(chipOf);
  }

  /** Add one; the same place twice counts once. */
  add(...items: Attachment[]): void {
    for (const item of items) {
      const place = placeOf(item);
      this.items = [...this.items.filter((other) => placeOf(other) !== place), item];
    }
    this.changed.fire(this.chips);
  }

  /** Add a picture that has no place of its own, by a name that no other has. */
  addPicture(name: string, mimeType: string, data: string): void {
    const [, stem = "picture", ending = ""] = /^(.*?)(\.[^.]*)?$/.exec(name.split(/[\\/]/).at(-1) ?? "") ?? [];
    const taken = new Set(this.items.map(({ uri }) => uri));
    const uriOf = (number: number) =>
      vscode.Uri.from({ scheme: OWN_SCHEME, path: `/pasted/${stem}${number > 1 ? `-${number}` : ""}${ending}` }).toString();
    let number = 1;
    while (taken.has(uriOf(number))) {
      number += 1;
    }
    this.add({ uri: uriOf(number), mimeType, data });
  }

  remove(index: number): void {
    this.items = this.items.filter((_, at) => at !== index);
    this.changed.fire(this.chips);
  }

  /** Put those of an earlier question in the place of what is there, until they are taken or `restore` is said. */
  swap(items: readonly Attachment[]): void {
    this.aside ??= this.items;
    this.items = [...items];
    this.changed.fire(this.chips);
  }

  /** Put back what others took the place of. */
  restore(): void {
    if (this.aside) {
      this.items = this.aside;
      this.aside = undefined;
      this.changed.fire(this.chips);
    }
  }

  /** Take all of them away, for a message that is sent. */
  take(): Attachment[] {
    const taken = this.items;
    this.items = this.aside ?? [];
    this.aside = undefined;
    if (taken.length || this.items.length) {
      this.changed.fire(this.chips);
    }
    return taken;
  }
}

function placeOf(item: Attachment): string {
  return JSON.stringify([item.uri, item.range]);
}

function chipOf(item: Attachment): AttachmentChip {
  const uri = vscode.Uri.parse(item.uri);
  const path = vscode.workspace.asRelativePath(uri);
  const lines = linesOf(item.range);
  return {
    label: nameOf(uri.path) + lines,
    title: path + lines,
    uri: item.uri,
    ...(item.range ? { range: item.range } : {}),
    ...(item.data && item.mimeType ? { picture: `data:${item.mimeType};base64,${item.data}` } : {}),
  };
}
