import { VllmError } from "@vllm/schema";
import type { ErrorEvent } from "./run-event.ts";

/** An error → what the person is told. Anything but a `VllmError` is a mistake in this program: its message is all there is. */
export function toErrorEvent(error: unknown): ErrorEvent {
  if (VllmError.isInstance(error)) {
    const { code, message, hint } = error;
    const partial = error.partial;
    const isAnswerIncomplete = partial !== undefined && partial.text + partial.thinking !== "";
    return { type: "error", code, message, hint, isAnswerIncomplete };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    type: "error",
    code: "UNEXPECTED",
    message,
    hint: "This is a mistake in the program: please report it.",
    isAnswerIncomplete: false,
  };
}
