import type { ByteBlock } from "../exchange/byte-block.ts";
import { copyBytes } from "../exchange/byte-block.ts";
import type { ResponseHead } from "../exchange/transport.ts";

/** A body that is written as it comes. */
export interface BodyStream {
  readonly readable: ReadableStream<Uint8Array>;
  /** False when the reader has fallen behind, until `onPull`. */
  write(block: ByteBlock, start: number, end: number): boolean;
  end(): void;
  error(reason: unknown): void;
}

/** Bytes that wait for their reader before the server has to. */
const HIGH_WATER_MARK = 65_536;

export function createBodyStream(on: { onPull(): void; onCancel(): void }): BodyStream {
  let controller!: ReadableByteStreamController;
  const readable = new ReadableStream<Uint8Array>(
    {
      type: "bytes",
      start: (given) => void (controller = given as ReadableByteStreamController),
      pull: on.onPull,
      cancel: on.onCancel,
    },
    { highWaterMark: HIGH_WATER_MARK },
  );
  return {
    readable,
    write(block, start, end) {
      controller.enqueue(copyBytes(block, start, end));
      return (controller.desiredSize ?? 1) > 0;
    },
    end() {
      controller.close();
      // A reader that brought its own buffer is answered with none of it filled.
      controller.byobRequest?.respond(0);
    },
    error: (reason) => controller.error(reason),
  };
}

/** Statuses that have no body (Fetch standard), whatever the server sends. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

export interface Asked {
  method: string;
  url: string;
  isRedirected: boolean;
}

/** @throws {RangeError} for a status that no `Response` can have */
export function toResponse({ status, statusText, lines }: ResponseHead, body: BodyStream, asked: Asked): Response {
  const hasBody = !WITHOUT_BODY.has(status) && asked.method !== "HEAD";
  const headers = new Headers(lines().map(([name, value]): [string, string] => [name, value]));
  const response = new Response(hasBody ? body.readable : null, { status, statusText, headers });
  // A constructed Response knows neither.
  Object.defineProperties(response, {
    url: { value: asked.url },
    redirected: { value: asked.isRedirected },
  });
  if (!hasBody) void body.readable.pipeTo(new WritableStream()).catch(() => {});
  return response;
}
