import type { ToolDefinition } from "../tools/to-tool-definition.ts";
import type { ChatMessage } from "./message.ts";

/** Tokens that a chat template adds around one message, and around the list of tools, at most. */
const MESSAGE_TOKENS = 16;
const TOOLS_TOKENS = 400;

export interface TokenEstimate {
  /** What it probably is. English has about 4 bytes a token, code 3, other scripts up to 3 a character. */
  likely: number;
  /** What it cannot be above: tokenizers do not split bytes. */
  most: number;
}

/** Size of a prompt when the server does not count it. */
export function estimateTokens(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]): TokenEstimate {
  const bytes = messages.reduce(
    (sum, message) => sum + byteLength(message),
    tools.length === 0 ? 0 : byteLength(tools),
  );
  const template = MESSAGE_TOKENS * messages.length + (tools.length === 0 ? 0 : TOOLS_TOKENS);
  return { likely: Math.ceil(bytes / 3) + template / 4, most: bytes + template };
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
