import { anthropicMessages } from "./anthropic-messages.ts";
import { openaiResponses } from "./openai-responses.ts";
import type { WireProtocol } from "./wire-protocol.ts";

const PROTOCOLS: readonly WireProtocol[] = [anthropicMessages, openaiResponses];

/** The protocol whose path is the one of a request. */
export function findProtocol(isPath: (path: string) => boolean): WireProtocol | undefined {
  return PROTOCOLS.find(({ path }) => isPath(path));
}
