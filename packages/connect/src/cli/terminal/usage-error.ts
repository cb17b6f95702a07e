import { VllmError } from "@vllm/schema/core";

/** Something on the command line, or what it names, cannot be used: exit code 2. */
export function usageError(message: string, hint: string, cause?: unknown): VllmError {
  return new VllmError({ code: "CONFIG_INVALID", message, hint, cause });
}
