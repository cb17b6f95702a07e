import { VllmError } from "@vllm/schema/core";

/**
 * The body of a request as a JSON object.
 *
 * @throws {VllmError} `INVALID_REQUEST`
 */
export function parseBody(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notAnObject("is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw notAnObject("is not a JSON object");
  return value as Record<string, unknown>;
}

function notAnObject(what: string): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    status: 400,
    message: `The body of the request ${what}.`,
    hint: 'Send a chat request: {"model": "…", "messages": […]}.',
  });
}
