import { findFreePort } from "@vllm-tooling/vllm-lab";
import { afterEach, expect, test } from "vitest";
import type { BridgeLogEntry } from "../src/index.ts";
import { post, setUp, startBridge, tearDown } from "./bridge-harness.ts";

afterEach(tearDown);

const ASK = { model: "m", messages: [{ role: "user", content: "Hello" }] };

test.each([
  [1, "The bridge is its own upstream. Start it with --upstream and the address of vLLM."],
  // The second one tells of the first one's refusal in its own words.
  [2, "508"],
])("%i in a ring: every request ends at once, with what is wrong", async (count, expected) => {
  const log: BridgeLogEntry[] = [];
  const ports = await Promise.all(Array.from({ length: count }, () => findFreePort()));
  for (const [index, port] of ports.entries()) {
    const next = ports[(index + 1) % count];
    await startBridge({ upstream: `http://127.0.0.1:${next}`, log: (entry) => void log.push(entry) }, port);
  }
  const baseUrl = `http://127.0.0.1:${ports[0]}/v1`;
  const answers = [await post(baseUrl, { ...ASK, stream: true }), await post(baseUrl, ASK)];
  for (const path of ["/models", "/rerank"]) {
    const answer = await fetch(baseUrl + path);
    answers.push({ status: answer.status, headers: answer.headers, text: await answer.text() });
  }
  for (const { status, text } of answers) {
    expect(text).toContain(expected);
    expect(status).toBe(508);
  }
  // Once through each bridge, and the first one refuses.
  expect(log.filter(({ path }) => path === "/v1/rerank")).toHaveLength(count + 1);
});

test("a bridge in front of a bridge works", async () => {
  const { baseUrl } = await setUp({ scenario: "hello-stream" });
  const front = await startBridge({ upstream: baseUrl });
  const { status, text } = await post(front.baseUrl ?? "", { ...ASK, model: "lab/tiny" });
  expect(status).toBe(200);
  expect(text).toContain("Hello there!");
});
