import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { BridgeOptions } from "../src/index.ts";
import { post, setUp as setUpFake, startBridge, tearDown, TOOLS } from "./bridge-harness.ts";

let gate: Server | undefined;
afterEach(async () => {
  await tearDown();
  gate?.close();
  gate?.closeAllConnections();
});

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }], tools: TOOLS };

interface Body {
  tools?: { function: { strict?: boolean } }[];
}

type Seen = Pick<Awaited<ReturnType<typeof setUpFake>>, "baseUrl" | "chats">;
/** The marks of each chat's tools. */
const marksOf = ({ chats }: Seen) =>
  chats()
    .map(({ body }) => (body as Body).tools?.map((tool) => tool.function.strict))
    .filter((marks) => marks !== undefined);

/** A bridge before a server that makes a grammar of a tool that is marked strict, and refuses one of which none can be made. */
async function setUp(
  fakeOptions: Parameters<typeof setUpFake>[0] = {},
  options: BridgeOptions = {},
): Promise<Seen & { probes: () => number }> {
  const { fake, chats } = await setUpFake({ scenario: "hello-stream", ...fakeOptions });
  const before = chats().length;
  let probes = 0;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const isMarked = /"no-such-type"[^]*"strict":true|"strict":true[^]*"no-such-type"/.test(body.toString());
    const rank = request.headers["x-data-parallel-rank"];
    if (rank !== undefined) {
      if (body.includes('"tools"')) probes += 1;
      const message = isMarked
        ? "No grammar can be made of it."
        : `data_parallel_rank ${String(rank)} is out of range [0, 1).`;
      const error = { message, type: "BadRequestError", param: null, code: 400 };
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error }));
      return;
    }
    const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
    const sent = request.method === "POST" ? { body } : {};
    const init = { method: request.method ?? "GET", headers: headers as Record<string, string>, ...sent };
    const answer = await fetch(`${fake.serverRoot}${request.url}`, init);
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  gate = server;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const bridge = await startBridge({ upstream, ...options });
  // A first request waits for what is known of the server, but not for long: a busy machine is slower.
  await fetch(`${bridge.baseUrl?.replace(/\/v1$/, "")}/vllm-bridge`);
  return { baseUrl: bridge.baseUrl ?? "", chats: () => chats().slice(before), probes: () => probes };
}

test("tools are marked strict where the server holds calls to them, and it is asked once", async () => {
  const seen = await setUp();
  for (let times = 0; times < 3; times += 1) expect((await post(seen.baseUrl, ASK)).status).toBe(200);
  const all = TOOLS.map(() => true);
  expect(marksOf(seen)).toEqual([all, all, all]);
  // It probes the server again.
  await fetch(`${seen.baseUrl.replace(/\/v1$/, "")}/vllm-bridge`);
  expect(seen.probes()).toBe(3);
});

test("strict: false of a client that always writes it is no wish", async () => {
  const seen = await setUp();
  const tools = TOOLS.map((tool) => ({ ...tool, function: { ...tool.function, strict: false } }));
  await post(seen.baseUrl, { ...ASK, tools });
  expect(marksOf(seen)).toEqual([TOOLS.map(() => true)]);
});

test("a model's settings can leave the mark out", async () => {
  const seen = await setUp({}, { models: { "lab/tiny": { strictTools: false } } });
  await post(seen.baseUrl, ASK);
  expect(marksOf(seen)).toEqual([TOOLS.map(() => undefined)]);
});

test("with probeStrictTools: false nothing is asked, and nothing marked", async () => {
  const seen = await setUp({}, { probeStrictTools: false });
  await post(seen.baseUrl, ASK);
  expect(seen.probes()).toBe(0);
  expect(marksOf(seen)).toEqual([TOOLS.map(() => undefined)]);
});

test("a server that is too old to refuse the probe is not asked, and gets no mark", async () => {
  const seen = await setUp({ config: "0.9.2/old" });
  await post(seen.baseUrl, ASK);
  expect(seen.probes()).toBe(0);
  expect(marksOf(seen)).toEqual([TOOLS.map(() => undefined)]);
});

test("a schema that a grammar would change is left alone", async () => {
  const seen = await setUp();
  const parameters = { type: "object", properties: { id: { type: "string", pattern: "^a" } } };
  await post(seen.baseUrl, { ...ASK, tools: [{ type: "function", function: { name: "find", parameters } }, ...TOOLS] });
  expect(marksOf(seen)).toEqual([[undefined, ...TOOLS.map(() => true)]]);
});
