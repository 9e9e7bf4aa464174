/** The page's one connection to the extension, and what VS Code keeps for the page while it is hidden. */

import type { FromPage, ToPage } from "../panel/messages";

interface WebviewApi {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: Saved): void;
}

declare function acquireVsCodeApi(): WebviewApi;

/** What survives a reload of the page. `sessionId`: the session that the draft belongs to. */
export interface Saved {
  draft: string;
  sessionId?: string;
  /** The message that was in view, and how far below the upper edge; not there: the newest line was. */
  place?: { messageId: string; offset: number } | undefined;
}

export interface Bridge {
  post(message: FromPage): void;
  saved(): Saved;
  /** Change some of it. */
  save(state: Partial<Saved>): void;
}

/** Connect; `receive` gets every message of the extension, one at a time. */
export function connect(receive: (message: ToPage) => void): Bridge {
  const api = acquireVsCodeApi();
  window.addEventListener("message", (event: MessageEvent<ToPage>) => receive(event.data));
  return {
    post: (message) => api.postMessage(message),
    saved: () => readSaved(api.getState()),
    save: (state) => api.setState({ ...readSaved(api.getState()), ...state }),
  };
}

function readSaved(state: unknown): Saved {
  if (typeof state !== "object" || state === null) return { draft: "" };
  const { draft, sessionId, place } = state as Record<string, unknown>;
  const { messageId, offset } = (place ?? {}) as Record<string, unknown>;
  return {
    draft: typeof draft === "string" ? draft : "",
    ...(typeof sessionId === "string" ? { sessionId } : {}),
    ...(typeof messageId === "string" && typeof offset === "number" ? { place: { messageId, offset } } : {}),
  };
}
