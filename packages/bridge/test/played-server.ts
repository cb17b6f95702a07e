import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { listFixtures } from "@vllm-tooling/fixtures";

/** A server that answers every chat with the same bytes, and everything else with 404. */
export interface PlayedServer {
  baseUrl: string;
  play(body: Uint8Array): void;
  close(): void;
}

export async function startPlayedServer(): Promise<PlayedServer> {
  let played: Uint8Array = new Uint8Array();
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.end(played);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    play: (body) => void (played = body),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Ids of recorded streams that ended as vLLM ends them. */
export const recordedStreams = listFixtures({ path: "/v1/chat/completions", streamed: true })
  .filter((entry) => entry.end === "complete" && entry.status === 200 && entry.bytes < 60_000)
  .map((entry) => entry.id);

/** True for arguments that an agent may parse: a JSON object, or nothing at all. */
export function isWholeArguments(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
