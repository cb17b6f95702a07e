import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const ANSWER = { choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] };

export interface FallsSilent extends AsyncDisposable {
  baseUrl: string;
}

/** A server that answers, and says nothing at all to a request with `"stop":"silence"`. */
export async function startFallsSilent(): Promise<FallsSilent> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += String(piece);
    if (body.includes('"stop":"silence"')) return;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ANSWER));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
