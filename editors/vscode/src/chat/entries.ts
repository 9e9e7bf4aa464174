/** An entry of the memory as a document: saving it corrects the entry, deleting it forgets it. */

import * as vscode from "vscode";

import { failureOf } from "../failures";
import type { MemoryEntry } from "../generated/protocol";
import type { Server } from "../server/server";
import { OWN_SCHEME } from "./own-scheme";

/** The document's address; its last part is only for people. */
export function entryUri({ memoryId, text }: MemoryEntry): vscode.Uri {
  const words = text.slice(0, 200).match(/[\p{L}\p{N}]+/gu) ?? ["memory"];
  const name = words.slice(0, 4).join(" ").slice(0, 40);
  return vscode.Uri.from({ scheme: OWN_SCHEME, path: `/memory/${memoryId}/${name}.md` });
}

export class Entries implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly registration: vscode.Disposable;

  readonly onDidChangeFile = this.changed.event;

  constructor(private readonly server: Server) {
    this.registration = vscode.workspace.registerFileSystemProvider(OWN_SCHEME, this, { isCaseSensitive: true });
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { text, createdAt, updatedAt } = await this.entry(uri);
    const [ctime, mtime] = [Date.parse(createdAt), Date.parse(updatedAt ?? createdAt)];
    return { type: vscode.FileType.File, ctime, mtime, size: new TextEncoder().encode(text).length };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return new TextEncoder().encode((await this.entry(uri)).text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const text = new TextDecoder().decode(content);
    await this.asked(() => this.server.request("MEMORY_UPDATE", { memoryId: idOf(uri), text }));
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  async delete(uri: vscode.Uri): Promise<void> {
    await this.asked(() => this.server.request("MEMORY_DELETE", { memoryId: idOf(uri) }));
    this.changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  watch(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private entry(uri: vscode.Uri): Promise<MemoryEntry> {
    return this.asked(() => this.server.request("MEMORY_GET", { memoryId: idOf(uri) }));
  }

  private async asked<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      const { message, hint } = failureOf(error);
      throw vscode.FileSystemError.Unavailable([message, hint].filter(Boolean).join(" "));
    }
  }
}

function idOf(uri: vscode.Uri): string {
  return uri.path.split("/")[2] ?? "";
}
