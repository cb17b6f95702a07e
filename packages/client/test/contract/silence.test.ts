import { createVllmClient } from "@vllm/client";
import { verifies } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
import { loadFixture } from "@vllm-tooling/fixtures";
import { expect } from "vitest";
import { collect } from "../support/collect.ts";
import { playing } from "../support/play.ts";
import { QUESTION } from "./conversation.ts";

/** The code of a reply whose server goes silent after some chunks, and how many minutes later it came. */
async function goSilent(chunks: number): Promise<{ code: string | undefined; minutes: number }> {
  const pieces = loadFixture("0.32.0/lab/hello-stream").response.chunks.slice(0, chunks);
  const client = createVllmClient({ model: "m", fetch: playing({ pieces, end: "silence" }) });
  using clock = stopClock();
  const { error } = await clock.passUntil(collect(client.chat(QUESTION)), 10_000);
  return { code: error?.code, minutes: Math.round(clock.elapsedMs / 60_000) };
}

verifies("client/peers-19a", "in mid-answer", async () => {
  expect(await goSilent(3)).toEqual({ code: "STREAM_IDLE_TIMEOUT", minutes: 10 });
});

verifies("client/peers-19a", "before the first token", async () => {
  expect(await goSilent(0)).toEqual({ code: "REQUEST_TIMEOUT", minutes: 30 });
});

verifies(
  "client/peers-19b",
  "a prompt that takes twenty minutes to read, and pauses of nine, are no failure",
  async () => {
    using clock = stopClock();
    const { chunks } = loadFixture("0.32.0/lab/hello-stream").response;
    const minutes = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 60_000));
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await minutes(next === 0 ? 20 : next % 10 === 0 ? 9 : 0);
        const chunk = chunks[next];
        next += 1;
        if (chunk === undefined) controller.close();
        else controller.enqueue(new Uint8Array(chunk));
      },
    });
    const client = createVllmClient({
      model: "m",
      fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
    });
    const { result } = await clock.passUntil(collect(client.chat(QUESTION)), 60_000);
    expect(result?.text).toBe("\n\nHello there! How can I help you today?");
    expect(clock.elapsedMs).toBeGreaterThan(40 * 60_000);
  },
);
