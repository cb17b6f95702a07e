import type { ChatWarning } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";

/** The model was asked again, and its call was broken again. */
export function brokenCallError({ partial }: VllmError, warnings: readonly ChatWarning[]): VllmError {
  // A call that was left in the text has no name.
  const broken = partial?.toolCalls.find(({ parseError }) => parseError !== undefined);
  const what = broken === undefined ? "call" : `call of ${broken.name}`;
  const unknown = warnings.find(({ code }) => code === "UNKNOWN_FINISH_REASON");
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The model's ${what} was not complete, twice; it was not run. ${unknown?.message ?? ""}`.trim(),
    hint:
      broken?.parseError?.kind === "length"
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
