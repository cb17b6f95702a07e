import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createVllmClient } from "@vllm/client";
import { expect, test } from "vitest";

const EVENTS = 400_000;
const chunk = (delta: object, finishReason: string | null = null) =>
  `data: ${JSON.stringify({
    id: "chatcmpl-5a1c9e0b7d3f4a68",
    object: "chat.completion.chunk",
    created: 1_763_800_000,
    model: "org/model",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason, token_ids: null }],
  })}\n\n`;

test("a stream of 100 MB costs the same per event at its end as at its start, and keeps nothing but the message", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const piece = chunk({ content: " word" });
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    let sent = 0;
    const write = () => {
      while (sent < EVENTS) {
        sent += 100;
        if (!response.write(piece.repeat(100))) return void response.once("drain", write);
      }
      return response.end(`${chunk({}, "stop")}data: [DONE]\n\n`);
    };
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = createVllmClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    model: "m",
  });
  await client.chat({ messages: [], max_tokens: 1 }).result();
  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  const tenths: number[] = [];
  let cpuBefore = process.cpuUsage();
  let seen = 0;
  let heapAtEnd = 0;
  for await (const event of client.chat({ messages: [] })) {
    if (event.type !== "text_delta") continue;
    seen += 1;
    if (seen % (EVENTS / 10) !== 0) continue;
    const { user } = process.cpuUsage(cpuBefore);
    tenths.push(user);
    cpuBefore = process.cpuUsage();
    if (seen < EVENTS) continue;
    collectGarbage();
    heapAtEnd = process.memoryUsage().heapUsed;
  }
  server.close();
  expect(seen).toBe(EVENTS);
  const [early, late] = [tenths.slice(1, 4), tenths.slice(-3)].map((part) => part.reduce((sum, each) => sum + each, 0));
  expect(late).toBeLessThan(2 * early!);
  // The text itself has 2 MB.
  expect(heapAtEnd - heapBefore).toBeLessThan(8_000_000);
}, 120_000);
