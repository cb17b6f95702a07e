import type { IncomingMessage } from "node:http";
import { VllmError } from "@vllm/schema/core";

export interface BodyLimits {
  /** Largest body, with or without a content-length. */
  maxBytes: number;
  /** Time for a body to come in full, in ms. */
  receiveMs: number;
  /** Bodies that may be on their way at the same time. One more, and the one that has been for the longest gives way. */
  maxReceiving: number;
}

/**
 * Reads the whole body of a request.
 *
 * @throws {VllmError} `INVALID_REQUEST` (413) when it is longer than allowed, `REQUEST_TIMEOUT` (408) when it takes too long
 */
export type ReadBody = (request: IncomingMessage) => Promise<Buffer<ArrayBuffer>>;

export function createBodyReader({ maxBytes, receiveMs, maxReceiving }: BodyLimits): ReadBody {
  const receiving = new Set<(reason: Error) => void>();
  return (request) => {
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let length = 0;
      const take = (piece: Buffer) => {
        length += piece.length;
        if (length > maxBytes) refuse(tooLarge(maxBytes));
        else pieces.push(piece);
      };
      const finish = () => {
        settle();
        resolve(Buffer.concat(pieces));
      };
      const refuse = (reason: Error) => {
        settle();
        reject(reason);
      };
      const settle = () => {
        clearTimeout(timer);
        receiving.delete(refuse);
        request.off("data", take).off("end", finish).off("error", refuse);
      };
      const timer = setTimeout(() => refuse(tooSlow(receiveMs)), receiveMs);
      request.on("data", take).on("end", finish).on("error", refuse);
      receiving.add(refuse);
      const [oldest] = receiving;
      if (receiving.size > maxReceiving) oldest?.(gaveWay());
    });
  };
}

function tooLarge(maxBytes: number): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    status: 413,
    message: `The body of the request is larger than the ${maxBytes} bytes that the bridge accepts.`,
    hint: "Send smaller pictures, or raise maxBodyBytes of the bridge.",
  });
}

function tooSlow(receiveMs: number): VllmError {
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    status: 408,
    message: `The body of the request did not arrive within ${receiveMs} ms.`,
    hint: "Send the request again, or raise receiveMs of the bridge for a slow network.",
  });
}

function gaveWay(): VllmError {
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    status: 408,
    message: "The body of the request was still incomplete when too many others were on their way.",
    hint: "Send the request again, or raise maxConcurrent of the bridge.",
  });
}
