import type { Transform } from "node:stream";
import { createByteBlock } from "../exchange/byte-block.ts";
import type { TransportListener } from "../exchange/transport.ts";

interface BodyListener extends Pick<TransportListener, "onBytes" | "onEnd"> {
  /** More may be written, after a `write` that said no. */
  onDrain(): void;
  onError(error: unknown): void;
}

/** Undoes `content-encoding`. We ask for none, but some proxies compress all the same. */
export interface BodyDecoder {
  /** False when the next bytes should wait for `onDrain`: a thousand times as much may come out of what is written. */
  write(bytes: Uint8Array): boolean;
  end(): void;
  pause(): void;
  resume(): void;
  close(): void;
}

/** The encodings of a body without those that change nothing: some proxies write `none`, or the name of a charset. */
export function listEncodings(header: string): string[] {
  const names = header
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  return names.filter((name) => !UNENCODED.has(name));
}

const UNENCODED = new Set(["", "identity", "none", "utf-8", "utf8"]);

/** @returns undefined for an encoding that this runtime does not know */
export function createBodyDecoder(encoding: string, listener: BodyListener): BodyDecoder | undefined {
  const stream = createStream(encoding);
  if (stream === undefined) return undefined;
  stream.on("data", (bytes: Buffer) => listener.onBytes(createByteBlock(bytes), 0, bytes.length));
  stream.on("drain", () => listener.onDrain());
  stream.on("end", () => listener.onEnd());
  stream.on("error", (error) => listener.onError(error));
  return {
    write: (bytes) => stream.write(bytes),
    end: () => void stream.end(),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close: () => void stream.destroy(),
  };
}

function createStream(encoding: string): Transform | undefined {
  const zlib = process.getBuiltinModule("node:zlib");
  // Each event must come out as soon as it is in.
  const flush = zlib.constants.Z_SYNC_FLUSH;
  if (encoding === "gzip" || encoding === "x-gzip") return zlib.createGunzip({ flush, finishFlush: flush });
  if (encoding === "deflate") return zlib.createInflate({ flush, finishFlush: flush });
  if (encoding === "br") {
    const brotliFlush = zlib.constants.BROTLI_OPERATION_FLUSH;
    return zlib.createBrotliDecompress({ flush: brotliFlush, finishFlush: brotliFlush });
  }
  // Since Node 22.15.
  if (encoding === "zstd" && typeof zlib.createZstdDecompress === "function") {
    const zstdFlush = zlib.constants.ZSTD_e_flush;
    return zlib.createZstdDecompress({ flush: zstdFlush, finishFlush: zstdFlush });
  }
  return undefined;
}
