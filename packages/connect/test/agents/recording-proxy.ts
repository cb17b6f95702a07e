import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

export interface SeenRequest {
  path: string;
  body: Record<string, unknown>;
  status: number | undefined;
}

export interface RecordingProxy {
  baseUrl: string;
  /** Chats only, in any of the three protocols. */
  chats: SeenRequest[];
  close(): void;
}

/**
 * Stands between the bridge and vLLM, and keeps what was asked. Takes the mark `strict` from tools: the lab's model follows a script, and a
 * grammar would not let it write the broken calls. Changes nothing else.
 */
export async function startRecordingProxy(upstream: string): Promise<RecordingProxy> {
  const target = new URL(upstream);
  const chats: SeenRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = withoutMarks(Buffer.concat(chunks));
      const path = (incoming.url ?? "").replace(/\?.*/s, "");
      const isChat = incoming.method === "POST" && /\/(?:chat\/completions|messages|responses)$/.test(path);
      const seen: SeenRequest = {
        path,
        body: isChat ? (JSON.parse(body.toString()) as Record<string, unknown>) : {},
        status: undefined,
      };
      // The bridge's own questions about tools go to a rank that there is not: they are no agent's.
      const isDryRun = incoming.headers["x-data-parallel-rank"] !== undefined;
      if (isChat && !isDryRun && offersTools(seen.body)) chats.push(seen);
      const { hostname, port } = target;
      const length = body.length > 0 ? { "content-length": String(body.length) } : {};
      const headers = { ...incoming.headers, host: target.host, ...length };
      const sent = request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
        seen.status = answer.statusCode;
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      sent.on("error", () => outgoing.destroy());
      outgoing.on("close", () => sent.destroy());
      sent.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    chats,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function withoutMarks(body: Buffer): Buffer {
  const text = body.toString();
  return text.includes('"strict":true') ? Buffer.from(text.replaceAll('"strict":true', '"strict":false')) : body;
}

function offersTools({ tools }: Record<string, unknown>): boolean {
  return Array.isArray(tools) && tools.length > 0;
}
