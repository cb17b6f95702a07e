import type { LanguageModelV4ToolCall } from "@ai-sdk/provider";
import type { ParsedToolCall } from "@vllm/client";

/** A call that is whole: no other one gets here (`brokenCalls: "retry"`). */
export function toToolCall(
  { name, argumentsText, recovered, repaired }: ParsedToolCall,
  id: string,
): LanguageModelV4ToolCall {
  const marks = { ...(recovered === undefined ? {} : { recovered }), ...(repaired === undefined ? {} : { repaired }) };
  return {
    type: "tool-call",
    toolCallId: id,
    toolName: name,
    input: argumentsText.trim() || "{}",
    ...(Object.keys(marks).length === 0 ? {} : { providerMetadata: { vllm: marks } }),
  };
}
