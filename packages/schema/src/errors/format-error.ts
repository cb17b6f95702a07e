import type { VllmError } from "./vllm-error.ts";

/** An error as a person should read it: what happened, what to do, and the id to look for in the server's log. No colours. */
export function formatVllmError(error: VllmError): string {
  const lines = [error.message, `What to do: ${error.hint}`];
  if (error.requestId !== undefined) lines.push(`Request id: ${error.requestId}`);
  return lines.join("\n");
}
