/** Times, texts and sessions in a few words. */

import * as vscode from "vscode";

import type { Session } from "../generated/protocol";

const LONGEST = 80;

/** The beginning of a text, in one line. */
export function brief(text: string, longest = LONGEST): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
}

/** How long ago a time of the protocol is, as people say it. */
export function since(time: string): string {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  const words = new Intl.RelativeTimeFormat(vscode.env.language, { numeric: "auto" });
  if (seconds < 60) {
    return vscode.l10n.t("just now");
  }
  if (seconds < 3600) {
    return words.format(-Math.floor(seconds / 60), "minute");
  }
  return seconds < 86_400 ? words.format(-Math.floor(seconds / 3600), "hour") : words.format(-Math.floor(seconds / 86_400), "day");
}

/** When a session was used last, how long it is, and its label. */
export function aboutSession(session: Session): string {
  const count = session.messageCount === 1 ? vscode.l10n.t("1 message") : vscode.l10n.t("{0} messages", session.messageCount.toLocaleString(vscode.env.language));
  return [since(session.updatedAt), count, ...(session.label ? [session.label] : [])].join(", ");
}
