import { agents } from "./agents.ts";
import { clientPeers } from "./client-peers.ts";
import { clientRouters } from "./client-routers.ts";
import { clientStream } from "./client-stream.ts";
import { clientWire } from "./client-wire.ts";
import { discovery } from "./discovery.ts";

/** Every requirement, by id. */
export const requirements = {
  ...clientPeers,
  ...clientWire,
  ...clientRouters,
  ...clientStream,
  ...discovery,
  ...agents,
} as const;

export type RequirementId = keyof typeof requirements;
