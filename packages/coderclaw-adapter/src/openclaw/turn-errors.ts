import type { ChatWarning, ParsedToolCall } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";

/** The model was asked again, and its call was cut again. */
export function brokenCallError({ name, parseError }: ParsedToolCall, warnings: readonly ChatWarning[]): VllmError {
  const unknown = warnings.find(({ code }) => code === "UNKNOWN_FINISH_REASON");
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The model's call of ${name} was not complete, twice; it was not run. ${unknown?.message ?? ""}`.trim(),
    hint:
      parseError?.kind === "length"
        ? "Raise maxTokens of the model, or ask for a smaller step."
        : (unknown?.hint ??
          "Ask again. If it happens often, check --tool-call-parser: npx @vllm/connect doctor --agent openclaw."),
    isRetryable: false,
  });
}

export function filteredError(): VllmError {
  return new VllmError({
    code: "SERVER_ERROR",
    message: "A content filter stopped the answer.",
    hint: "vLLM has none of its own: a gateway in front of it does. Look at its log.",
    isRetryable: false,
  });
}

export function unexpectedError(cause: unknown): VllmError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new VllmError({
    code: "SERVER_ERROR",
    message,
    hint: "Run npx @vllm/connect doctor --agent openclaw.",
    cause,
  });
}
