import type { VllmError } from "@vllm/schema/core";
import { errorFromResponse, errorFromStreamEvent } from "@vllm/schema/internal/refusal";
import type { Refusal } from "./refusal.ts";

/** The error that a refusal stands for. A page has `explain-refusal.page.ts` in this file's place (`imports` in package.json). */
export function explainRefusal(refusal: Refusal): VllmError | Promise<VllmError> {
  return "answer" in refusal
    ? errorFromResponse(refusal.answer, refusal.context)
    : errorFromStreamEvent(refusal.event, refusal.context);
}
