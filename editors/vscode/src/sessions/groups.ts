/** The groups of the sessions tree, and the sessions that each one lists. */

import { basename } from "node:path";
import * as vscode from "vscode";

import type { Project, Session, SessionListParams } from "../generated/protocol";
import type { Server } from "../server/server";

/** How many sessions a group shows at first, and how many more each time that more are asked for. */
export const PAGE = 50;
/** The most that the server gives at once. */
const LARGEST_PAGE = 1000;

/** Sessions that belong together, listed when the group is opened. */
export interface Group {
  kind: "group";
  /** Tells it from all others, also after a refresh. */
  id: string;
  label: string;
  icon: string;
  /** What the server is asked for. */
  of: SessionListParams;
  /** What is said when there are none. */
  empty: string;
  isOpen: boolean;
  description?: string;
  /** The file whose sessions these are. */
  file?: vscode.Uri;
}

/** The group of all projects, each of which is a group itself. */
export interface Projects {
  kind: "projects";
}

/** A session where it stands in the tree. */
export interface Entry {
  kind: "session";
  group: Group;
  session: Session;
}

/** Stands behind the sessions of a group that has more. */
export interface More {
  kind: "more";
  group: Group;
}

/** A line that only says something, or offers to begin a session of a file. */
export interface Note {
  kind: "note";
  text: string;
  file?: vscode.Uri;
}

export type Node = Group | Projects | Entry | More | Note;

/** What stands at the top: the file's sessions if there is a file, the project's, those put away, all projects. */
export function topGroups(file: vscode.Uri | undefined): Node[] {
  const made = (id: string, label: string, icon: string, of: SessionListParams, empty: string): Group => ({
    kind: "group",
    id,
    label,
    icon,
    of,
    empty,
    isOpen: id === "project",
  });
  return [
    ...(file ? [ofFile(file)] : []),
    made("project", vscode.l10n.t("This Project"), "folder", {}, vscode.l10n.t("No sessions yet")),
    { kind: "projects" },
    made("archived", vscode.l10n.t("Archived"), "archive", { archived: true }, vscode.l10n.t("Nothing is archived")),
    made("trash", vscode.l10n.t("Trash"), "trash", { trashed: true }, vscode.l10n.t("The trash is empty")),
  ];
}

/** A project as a group; its folder says which one it is when two have the same name. */
export function ofProject({ projectId, name, paths }: Project): Group {
  return {
    kind: "group",
    id: `project:${projectId}`,
    label: name,
    icon: "folder",
    of: { projectId },
    empty: vscode.l10n.t("No sessions yet"),
    isOpen: false,
    ...(paths[0] ? { description: paths[0] } : {}),
  };
}

/** So many of a group's sessions, and whether there are more. */
export async function sessionsOf(server: Server, group: Group, most: number): Promise<{ sessions: Session[]; more: boolean }> {
  const sessions: Session[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(most - sessions.length, LARGEST_PAGE);
    const page = await server.request("SESSION_LIST", { ...group.of, limit, ...(cursor ? { cursor } : {}) });
    sessions.push(...page.sessions);
    cursor = page.nextCursor;
  } while (cursor && sessions.length < most);
  return { sessions, more: cursor !== undefined };
}

function ofFile(file: vscode.Uri): Group {
  return {
    kind: "group",
    id: "file",
    label: vscode.l10n.t("This File"),
    description: basename(file.fsPath),
    icon: "file",
    of: { scope: "file", uri: file.toString() },
    empty: vscode.l10n.t("Begin a session of this file"),
    isOpen: true,
    file,
  };
}
