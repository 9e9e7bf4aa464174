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
}

export interface Bridge {
  post(message: FromPage): void;
  saved(): Saved;
  save(state: Saved): void;
}

/** Connect; `receive` gets every message of the extension, one at a time. */
export function connect(receive: (message: ToPage) => void): Bridge {
  const api = acquireVsCodeApi();
  window.addEventListener("message", (event: MessageEvent<ToPage>) => receive(event.data));
  return {
    post: (message) => api.postMessage(message),
    saved: () => readSaved(api.getState()),
    save: (state) => api.setState(state),
  };
}

function readSaved(state: unknown): Saved {
  if (typeof state !== "object" || state === null) return { draft: "" };
  const { draft, sessionId } = state as Record<string, unknown>;
  return {
    draft: typeof draft === "string" ? draft : "",
    ...(typeof sessionId === "string" ? { sessionId } : {}),
  };
}
