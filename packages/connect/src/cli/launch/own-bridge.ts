import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { BridgeLogEntry } from "@vllm/bridge";
import type { Agent } from "../../agents/agent.ts";
import type { CommandContext } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import type { ReadyServer } from "./choose-server.ts";

/** A bridge in this process, for one run of an agent. */
export interface OwnBridge {
  baseUrl: string;
  /** Random, and required of every request. */
  key: string;
  /** Stops running requests, at vLLM too. */
  close(): Promise<void>;
}

export async function startOwnBridge(
  { options }: CommandContext,
  { baseUrl: upstream, key: apiKey }: ReadyServer,
  { overflow }: Agent,
  log: (entry: BridgeLogEntry) => void,
): Promise<OwnBridge> {
  const { createBridge } = await import("@vllm/bridge");
  const key = randomBytes(24).toString("hex");
  // An empty key is none; VLLM_API_KEY is not read, for nobody may have named this address.
  const bridge = createBridge({ upstream, apiKey: apiKey ?? "", key, tls: tlsOf(options), stopMs: 0, overflow, log });
  bridge.listen(0, "127.0.0.1");
  await once(bridge, "listening");
  return {
    baseUrl: bridge.baseUrl as string,
    key,
    async close() {
      const closed = once(bridge, "close");
      bridge.close();
      await closed;
    },
  };
}
