import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import type { BridgeLogEntry, BridgeOptions } from "../src/index.ts";
import { startBridge, tearDown } from "./bridge-harness.ts";

const servers: Server[] = [];
afterEach(async () => {
  await tearDown();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** A vLLM whose first answer breaks after its first words; with `stays: false` nothing listens there any more until `restart`. */
async function setUp({ stays = true, ...options }: { stays?: boolean } & Partial<BridgeOptions> = {}) {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === "/tokenize") return void response.end(JSON.stringify({ count: 7, tokens: [] }));
    if (request.url !== "/v1/chat/completions") return void response.writeHead(404).end();
    bodies.push(JSON.parse(body) as Record<string, unknown>);
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (bodies.length === 1)
      response.write(event({ content: "Half an " }), () => {
        if (!stays) server.close();
        setImmediate(() => (stays ? response.destroy() : server.closeAllConnections()));
      });
    else response.end(`${event({ content: "answer." })}${event({}, "stop")}data: [DONE]\n\n`);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const upstream = `http://127.0.0.1:${port}/v1`;
  const bridge = await startBridge({ upstream, ...options });
  return { bodies, url: `${bridge.baseUrl}/chat/completions`, restart: () => server.listen(port, "127.0.0.1") };
}

const ask = (url: string, stream: boolean) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "Hello" }] }),
  });

describe("an answer whose server goes away", () => {
  test.each([true, false])("reaches the agent whole (stream: %j)", async (stream) => {
    const { bodies, url } = await setUp();
    const answer = await ask(url, stream);
    const said = await answer.text();
    const whole = stream
      ? [...said.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join("")
      : (JSON.parse(said) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;
    expect(whole).toBe("Half an answer.");
    expect(said).not.toContain('"error"');
    expect(bodies[1]).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });

  test("keeps its stream alive with comments until the server is there again", async () => {
    const logged: BridgeLogEntry[] = [];
    const options = { stays: false, keepAliveMs: 20, log: (entry: BridgeLogEntry) => void logged.push(entry) };
    const { url, restart } = await setUp(options);
    const answer = await ask(url, true);
    let said = "";
    const decoder = new TextDecoder();
    for await (const bytes of answer.body as ReadableStream<Uint8Array>) {
      const comments = said.split(": keep-alive\n\n").length - 1;
      said += decoder.decode(bytes, { stream: true });
      if (comments < 10 && said.split(": keep-alive\n\n").length > 10) restart();
    }
    expect(said).toMatch(/Half an .*\n\n(: keep-alive\n\n){9,}.*answer\..*data: \[DONE\]/s);
    expect(logged.at(-1)).toMatchObject({ ending: "ok", attempts: 2 });
    expect(logged.at(-1)?.changes).toEqual(["CONNECTION_LOST", "asked again: the server went away"]);
  });

  test.each([true, false])(
    "that does not come back is an error with the time and what to type (stream: %j)",
    async (stream) => {
      const { url } = await setUp({ stays: false, resume: { waitMs: 300 } });
      const said = await (await ask(url, stream)).text();
      expect(said).toMatch(/No server came back within [\d.]+ m?s/);
      expect(said).toContain("npx @vllm/connect doctor");
    },
  );

  test("is an error where the bridge shall not resume", async () => {
    const { bodies, url } = await setUp({ resume: false });
    expect((await ask(url, false)).status).toBe(502);
    expect(bodies).toHaveLength(1);
  });
});
