import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface Gateway extends AsyncDisposable {
  baseUrl: string;
}

/** Ends each streamed answer cleanly in the middle, where `marker` has come, as a gateway with a limit of its own may. */
export async function startCuttingGateway(upstream: string, marker: string): Promise<Gateway> {
  return start(async (body) => {
    const answer = await fetch(`${upstream}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await answer.text();
    const at = text.indexOf(marker);
    const end = at < 0 ? text.length : text.indexOf("\n\n", at) + 2;
    return { type: "text/event-stream", status: answer.status, text: text.slice(0, end) };
  });
}

/** Answers everything with a page. */
export function startPage(status: number): Promise<Gateway> {
  const text = "<html><body><h1>Sign in</h1></body></html>";
  return start(() => Promise.resolve({ type: "text/html", status, text }));
}

/** Sends a first piece of an answer and then nothing. */
export function startStalled(): Promise<Gateway> {
  const chunk = { id: "1", created: 1, model: "lab/tiny", choices: [{ index: 0, delta: { content: "Half" } }] };
  return start(() =>
    Promise.resolve({
      type: "text/event-stream",
      status: 200,
      text: `data: ${JSON.stringify(chunk)}\n\n`,
      isOpen: true,
    }),
  );
}

interface Reply {
  type: string;
  status: number;
  text: string;
  isOpen?: boolean;
}

async function start(reply: (body: string) => Promise<Reply>): Promise<Gateway> {
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += String(piece);
    const { type, status, text, isOpen } = await reply(body);
    response.writeHead(status, { "content-type": type });
    response.write(text);
    if (isOpen !== true) response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
