import type { AssistantMessage } from "./result.ts";
import type { ParsedToolCall } from "./tool-call.ts";

/** An answer as the turn of a conversation. */
export function toMessage(text: string, thinking: string, toolCalls: readonly ParsedToolCall[]): AssistantMessage {
  return {
    role: "assistant",
    content: text === "" && toolCalls.length > 0 ? null : text,
    ...(thinking === "" ? {} : { reasoning: thinking }),
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map(({ id, name, argumentsText }) => ({
            id,
            type: "function" as const,
            function: { name, arguments: argumentsText === "" ? "{}" : argumentsText },
          })),
        }),
  };
}
