import { Buffer } from "node:buffer";
import type { ClientRequest, IncomingMessage } from "node:http";
import { displayUrl, errorFromLimit, errorFromNetwork, VllmError } from "@vllm/schema/core";
import type { UpstreamServer } from "./upstream-server.ts";

/**
 * Sends a request to vLLM and gives the head of its answer, whose body is still to be read. What breaks afterwards breaks the body: it ends
 * with the same error.
 *
 * @throws {VllmError} `SERVER_UNREACHABLE` when no answer came, `STREAM_MALFORMED` when the server changed the protocol instead
 */
export function sendUpstream(outgoing: ClientRequest, url: string, body?: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    outgoing.once("response", (head) => {
      answer = head;
      resolve(head);
    });
    // Without it Node closes the connection, and tells nobody.
    outgoing.once("upgrade", (_head, socket) => {
      socket.destroy();
      reject(protocolChanged(url));
    });
    // It stays: an error of a request that nobody listens to would end the process.
    outgoing.on("error", (cause) => {
      answer?.destroy(cause);
      reject(errorFromNetwork(cause, { url }));
    });
    outgoing.end(body);
  });
}

/**
 * The body of a short answer. Of an error no more than its start is read.
 *
 * @throws {VllmError} `RESPONSE_TOO_LARGE`, or `SERVER_UNREACHABLE` when it breaks
 */
export async function readShortBody(answer: IncomingMessage, url: string, { limits }: UpstreamServer): Promise<string> {
  const isError = (answer.statusCode ?? 0) >= 300;
  const most = isError ? limits.errorBytes : limits.auxiliaryBytes;
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > most && !isError) throw errorFromLimit("auxiliaryBytes", most, { url });
      pieces.push(piece);
      if (length > most) break;
    }
  } catch (cause) {
    throw errorFromNetwork(cause, { url });
  }
  return Buffer.concat(pieces).subarray(0, most).toString("utf8");
}

function protocolChanged(url: string): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `${displayUrl(url)} changed the protocol (101), which was not asked for.`,
    hint: "Something other than vLLM may answer there: check the address of the upstream.",
  });
}
