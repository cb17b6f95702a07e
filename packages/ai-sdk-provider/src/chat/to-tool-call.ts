import type { LanguageModelV4ToolCall } from "@ai-sdk/provider";
import type { ParsedToolCall } from "@vllm/client";

/** A call that is whole: no other one gets here (`brokenCalls: "retry"`). */
export function toToolCall(
  { name, arguments: parsed, recovered }: ParsedToolCall,
  id: string,
): LanguageModelV4ToolCall {
  return {
    type: "tool-call",
    toolCallId: id,
    toolName: name,
    input: JSON.stringify(parsed ?? {}),
    ...(recovered === undefined ? {} : { providerMetadata: { vllm: { recovered } } }),
  };
}
