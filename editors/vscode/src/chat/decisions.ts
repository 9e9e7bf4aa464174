/** What the user says to a tool call that waits. */

import { ResponseError } from "vscode-languageclient/node";

import { ERRORS, type ToolRespondParams } from "../generated/protocol";
import type { Server } from "../server/server";
import type { Conversation } from "./conversation";

export type Decision = Pick<ToolRespondParams, "turnId" | "callId" | "decision" | "reason">;

/** Tell the server. Somebody else may have been faster; then there is nothing left to decide. */
export async function respond(server: Server, conversation: Conversation, decision: Decision): Promise<void> {
  try {
    await server.request("TOOL_RESPOND", { ...conversation.address, ...decision });
  } catch (error) {
    if (!(error instanceof ResponseError && error.code === ERRORS.NOT_FOUND)) {
      throw error;
    }
  }
}
