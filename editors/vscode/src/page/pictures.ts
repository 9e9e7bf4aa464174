/** Pictures that go along with messages. Their bytes are asked for when they are shown. */

import type { Attachment } from "../generated/protocol";
import type { Bridge } from "./bridge";
import { element } from "./element";
import { l10n } from "./words";

/** A place for a picture of a message that is stored: filled by `Pictures`. */
export function pictureOf({ hash }: Attachment, label: string): HTMLElement | undefined {
  return hash ? element("img", { class: "picture", alt: label, "data-hash": hash }) : undefined;
}

export class Pictures {
  /** By hash; undefined: asked for. */
  private readonly known = new Map<string, string | undefined>();

  constructor(
    private readonly root: HTMLElement,
    private readonly bridge: Bridge,
  ) {}

  /** Fill the places that are new on the page. */
  fill(): void {
    for (const image of this.root.querySelectorAll<HTMLImageElement>("img[data-hash]:not([src])")) {
      const hash = image.dataset.hash!;
      const data = this.known.get(hash);
      if (data !== undefined) image.src = data;
      else if (!this.known.has(hash)) {
        this.known.set(hash, undefined);
        this.bridge.post({ type: "picture", hash });
      }
    }
  }

  /** A picture has come. */
  take(hash: string, data: string): void {
    this.known.set(hash, data);
    this.fill();
  }
}

/** The pictures among what is pasted or dropped. */
export function picturesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
}

/** The files that are dropped from VS Code's explorer. */
export function urisIn(data: DataTransfer | null): string[] {
  const listed = data?.getData("application/vnd.code.uri-list") || data?.getData("text/uri-list") || "";
  return listed.split(/\r?\n/).filter((uri) => uri.startsWith("file:") || uri.startsWith("vscode-remote:"));
}

/** A file's bytes as base64. */
export async function base64Of(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error(l10n.t("The picture cannot be read.")));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
