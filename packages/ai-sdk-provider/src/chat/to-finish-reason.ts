import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { AnswerEnding, ChatResult } from "@vllm/client";

const UNIFIED: Readonly<Record<Exclude<AnswerEnding, "complete">, LanguageModelV4FinishReason["unified"]>> = {
  truncated: "length",
  filtered: "content-filter",
  repetitive: "other",
  unknown: "other",
};

export function toFinishReason({
  ending,
  finishReason,
  toolCalls,
}: Pick<ChatResult, "ending" | "finishReason" | "toolCalls">): LanguageModelV4FinishReason {
  const complete = toolCalls.length > 0 ? "tool-calls" : "stop";
  return { unified: ending === "complete" ? complete : UNIFIED[ending], raw: finishReason };
}
