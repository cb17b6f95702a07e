import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { ChatEvent, ChatResult } from "@vllm/client";
import type { CallIds } from "./call-ids.ts";
import { toFinishReason } from "./to-finish-reason.ts";
import { toProviderMetadata } from "./to-provider-metadata.ts";
import { toToolCall } from "./to-tool-call.ts";
import { toUsage } from "./to-usage.ts";

/** The parts of one event. A call becomes parts with its end, which comes when it is proved to be whole. */
export function toStreamParts(event: ChatEvent, ids: CallIds): LanguageModelV4StreamPart[] {
  switch (event.type) {
    case "start":
      return [{ type: "response-metadata", id: event.id, modelId: event.model }];
    case "text_start":
      return [{ type: "text-start", id: String(event.contentIndex) }];
    case "text_delta":
      return [{ type: "text-delta", id: String(event.contentIndex), delta: event.delta }];
    case "text_end":
      return [{ type: "text-end", id: String(event.contentIndex) }];
    case "thinking_start":
      return [{ type: "reasoning-start", id: String(event.contentIndex) }];
    case "thinking_delta":
      return [{ type: "reasoning-delta", id: String(event.contentIndex), delta: event.delta }];
    case "thinking_end":
      return [{ type: "reasoning-end", id: String(event.contentIndex) }];
    case "toolcall_end": {
      const id = ids.take(event.toolCall.id);
      const call = toToolCall(event.toolCall, id);
      return [
        { type: "tool-input-start", id, toolName: call.toolName },
        { type: "tool-input-delta", id, delta: call.input },
        { type: "tool-input-end", id },
        call,
      ];
    }
    case "done":
      return toLastParts(event);
    default:
      return [];
  }
}

function toLastParts(result: ChatResult): LanguageModelV4StreamPart[] {
  const { created, usage } = result;
  return [
    ...(created === undefined ? [] : [{ type: "response-metadata" as const, timestamp: new Date(created * 1000) }]),
    {
      type: "finish",
      finishReason: toFinishReason(result),
      usage: toUsage(usage),
      providerMetadata: toProviderMetadata(result),
    },
  ];
}
