import { VllmError } from "@vllm/schema/core";

/** A request is sent with its length, so a body that is not in memory yet is read first. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The body of a request, whole.
 *
 * @param given what the caller wrote; text and bytes are in memory already, and may have any size
 * @throws {VllmError} `INVALID_REQUEST` for a stream, a form or a blob that is larger than 64 MiB
 */
export async function readBody(
  request: Request,
  given: unknown,
  signal: AbortSignal | null,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.body === null) return undefined;
  if (typeof given === "string" || given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
    return new Uint8Array(await request.arrayBuffer());
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const onAbort = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const pieces = await readPieces(reader, request.url);
    signal?.throwIfAborted();
    return join(pieces);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function readPieces(reader: ReadableStreamDefaultReader<Uint8Array>, url: string): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return pieces;
    length += value.length;
    if (length > MOST_BODY_BYTES) {
      const error = tooLarge(url);
      reader.cancel(error).catch(() => {});
      throw error;
    }
    pieces.push(value);
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLarge(url: string): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    message: `The body of the request is a stream, a form or a blob of more than ${MOST_BODY_BYTES / 1024 / 1024} MiB, which this fetch does not buffer.`,
    hint: "Pass a string or a Uint8Array, or send it with the fetch of the runtime.",
    url,
  });
}
