import { afterAll, expect, test } from "vitest";
import { complaintsAbout } from "@vllm-tooling/contract";
import { startBridge, tearDown } from "./bridge-harness.ts";
import { startPlayedServer } from "./played-server.ts";

afterAll(tearDown);

const TOOLS = [{ type: "function" as const, function: { name: "f", parameters: {} } }];
const MARKERS = ["<tool_call>", "<tool_calls", "<function=f>", "functions.f", "```", "<|channel|>final<|message|>"];

const toEvent = (delta: object, finishReason: string | null = null) =>
  `data: ${JSON.stringify({ id: "1", model: "m", choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;

function toStream(text: string): Buffer {
  const pieces = Array.from({ length: Math.ceil(text.length / 200) }, (_, at) => text.slice(at * 200, (at + 1) * 200));
  return Buffer.from(`${pieces.map((content) => toEvent({ content })).join("")}${toEvent({}, "stop")}data: [DONE]\n\n`);
}

test("an answer passes the bridge in linear time", async () => {
  const upstream = await startPlayedServer();
  const bridge = await startBridge({ upstream: upstream.baseUrl });
  const run = async (body: Buffer) => {
    upstream.play(body);
    const response = await fetch(`${bridge.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", stream: true, tools: TOOLS, messages: [{ role: "user", content: "x" }] }),
    });
    await response.text();
  };
  // Server, bridge and reader share one event loop here.
  const pass = { prepare: toStream, run, mostBlockedMs: 200 };
  expect(await complaintsAbout(pass, [...'9{"`~ \n\ud800', ...MARKERS])).toEqual([]);
  upstream.close();
});
