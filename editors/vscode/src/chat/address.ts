/** What names a session on the wire. */

import type { Session } from "../generated/protocol";

export type Address = Pick<Session, "sessionId" | "projectId">;

export function addressOf({ sessionId, projectId }: Address): Address {
  return { sessionId, projectId };
}
