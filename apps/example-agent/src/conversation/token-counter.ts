import type { VllmClient } from "@vllm/client";
import { VllmError } from "@vllm/schema";
import type { ToolDefinition } from "../tools/to-tool-definition.ts";
import type { ChatMessage } from "./message.ts";

/** The server's own count of a prompt; undefined when it does not count. */
export type TokenCounter = (
  model: string,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
  signal: AbortSignal,
) => Promise<number | undefined>;

/** Asks the server's `/tokenize`. A server (or a router in front of it) that does not have it is asked once. */
export function createTokenCounter(client: Pick<VllmClient, "countTokens">): TokenCounter {
  let isMissing = false;
  return async (model, messages, tools, signal) => {
    if (isMissing) return undefined;
    try {
      return await client.countTokens({ model, messages, tools }, { signal });
    } catch (error) {
      if (!VllmError.isInstance(error) || error.code === "ABORTED") throw error;
      isMissing = true;
      return undefined;
    }
  };
}
