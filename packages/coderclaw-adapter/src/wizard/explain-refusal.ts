import { VllmError } from "@vllm/schema/core";

/** What a question says of an answer that cannot be used; undefined for one that can. */
export function explainRefusal(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return VllmError.isInstance(error) ? error.message : String(error);
  }
}
