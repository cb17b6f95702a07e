import type { IncomingMessage } from "node:http";
import { VllmError } from "@vllm/schema/core";

/**
 * Reads a request's body.
 *
 * @throws {VllmError} `INVALID_REQUEST` (413) when it is longer than allowed
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * The body as a JSON object.
 *
 * @throws {VllmError} `INVALID_REQUEST`
 */
export function parseBody(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
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

function tooLarge(maxBytes: number): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    status: 413,
    message: `The body of the request is larger than the ${maxBytes} bytes that the bridge accepts.`,
    hint: "Send smaller pictures, or raise maxBodyBytes of the bridge.",
  });
}
