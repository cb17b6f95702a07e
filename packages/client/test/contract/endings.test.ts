import { setTimeout as sleep } from "node:timers/promises";
import { describeTargets, verifies, type ServedTarget } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
import { createControlledStream } from "@vllm-tooling/fake-vllm";
import { loadFixture, toReading } from "@vllm-tooling/fixtures";
import { expect } from "vitest";
import { collect, partialOf } from "../support/collect.ts";
import { clientOf, HELLO, play, QUESTION, shownOf } from "./conversation.ts";

const LONG = { messages: [{ role: "user" as const, content: "very long answer" }], temperature: 0, max_tokens: 3000 };

/** How many requests the server is working on. */
async function runningRequests(served: ServedTarget): Promise<number> {
  const { text } = await fetch(served.baseUrl.replace(/v1$/, "metrics")).then(async (response) => ({
    text: await response.text(),
  }));
  const lines = text.match(/^vllm:num_requests_running.*$/gm) ?? [];
  if (lines.length === 0) throw new Error("/metrics does not say how many requests run.");
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function waitUntilIdle(served: ServedTarget): Promise<void> {
  await expect.poll(() => runningRequests(served), { message: "The server still generates." }).toBe(0);
}

describeTargets(["real"], (target) => {
  verifies(["client/peers-16a", "client/wire-78"], async () => {
    const served = await target.serve("long");
    const controller = new AbortController();
    const reply = clientOf(served).chat(LONG, { signal: controller.signal });
    let error: unknown;
    try {
      for await (const event of reply) if (event.type === "text_delta") controller.abort();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "ABORTED" });
    expect(partialOf(error as never).thinking).toBe("\nA very long one.\n");
    await waitUntilIdle(served);
  });

  verifies("client/peers-16b", async () => {
    const served = await target.serve("long");
    for await (const event of clientOf(served).chat(LONG)) if (event.type === "text_delta") break;
    await waitUntilIdle(served);
  });
});

describeTargets(["fake"], (target) => {
  async function answering() {
    const stream = createControlledStream();
    const served = await target.serve(stream);
    const chunk = (delta: object) =>
      stream.writeEvent({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: null }] });
    chunk({ role: "assistant", content: "" });
    chunk({ content: "One " });
    return { stream, served, chunk };
  }

  verifies(["client/peers-16a", "client/wire-78"], async () => {
    const { stream, served } = await answering();
    const controller = new AbortController();
    const reply = clientOf(served).chat(QUESTION, { signal: controller.signal });
    const whole = reply.result().catch((thrown: unknown) => thrown);
    await expect(
      (async () => {
        for await (const event of reply) if (event.type === "text_delta") controller.abort();
      })(),
    ).rejects.toMatchObject({ code: "ABORTED" });
    expect(await stream.closed).toBe("client-left");
    expect(partialOf((await whole) as never).text).toBe("One ");
    await waitUntilIdle(served);
  });

  verifies("client/peers-16b", async () => {
    const { stream, served } = await answering();
    for await (const event of clientOf(served).chat(QUESTION)) if (event.type === "text_delta") break;
    expect(await stream.closed).toBe("client-left");
    await waitUntilIdle(served);
  });

  verifies("client/peers-14", async () => {
    const served = await target.serveFailing("refuse");
    using clock = stopClock();
    const { error } = await clock.passUntil(collect(clientOf(served).chat(QUESTION)), 10);
    expect(clock.elapsedMs).toBeLessThan(2000);
    expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason: "refused" });
    expect(error?.message).toContain(new URL(served.baseUrl).host);
    expect(error?.hint).toContain("vllm serve");
  });

  verifies(["client/peers-17a", "client/wire-77"], async () => {
    const fixture = loadFixture("0.32.0/killed-api/kill-api-stream");
    for (const kind of ["cut-after-bytes", "reset-after-bytes"] as const) {
      const served = await target.serveFailing(kind, { scenario: "0.32.0/lab/long-stream" });
      const { error, events } = await collect(clientOf(served).chat(QUESTION));
      expect(error?.code).toBe("STREAM_ENDED_EARLY");
      // A reset may overtake what was sent before it.
      const { thinking, text } = partialOf(error);
      expect("\nA long one.\n\n\nLine 0 of the story".startsWith(`${thinking}${text}`.slice(0, 30))).toBe(true);
      if (kind === "cut-after-bytes") expect(text).toMatch(/^\n\nLine 0 of the story/);
      expect(events.map((event) => event.type)).not.toContain("done");
    }
    const { error } = await play(target, "0.32.0/killed-api/kill-api-stream");
    expect(error?.code).toBe("STREAM_ENDED_EARLY");
    expect(partialOf(error).text).toBe(toReading(fixture.response.body).text);
  });

  verifies("client/peers-19b", async () => {
    const { served, chunk, stream } = await answering();
    const client = clientOf(served, { timeouts: { idleMs: 250 } });
    const stalled = await collect(client.chat(QUESTION));
    expect(stalled.error?.code).toBe("STREAM_IDLE_TIMEOUT");
    expect(stalled.error?.message).toMatch(/no byte came for [23]\d\d ms/);
    expect(partialOf(stalled.error).text).toBe("One ");
    expect(await stream.closed).toBe("client-left");
    expect(() => chunk({ content: "late" })).toThrow();
    // Healthy, and longer than the limit.
    const long = await target.serve("hello", { chunkDelayMs: 12 });
    const { result } = await collect(clientOf(long, { timeouts: { idleMs: 250 } }).chat(QUESTION));
    expect(result?.text).toBe(HELLO);
    expect(loadFixture("0.32.0/lab/hello-stream").response.chunks.length * 12).toBeGreaterThan(300);
  });

  verifies("client/peers-22b", async () => {
    const served = await target.serveFailing("html-502");
    const { error } = await collect(clientOf(served, { retry: { maxRetries: 1 } }).chat(QUESTION));
    expect(error).toMatchObject({ code: "SERVER_ERROR", status: 502, isRetryable: true });
    expect(shownOf(error)).not.toMatch(/<html|<center/);
    expect(served.requests.filter((request) => request.method === "POST")).toHaveLength(2);
    const healed = await target.serveFailing({ kind: "html-502", times: 1 }, { scenario: "hello" });
    expect((await collect(clientOf(healed).chat(QUESTION))).result?.text).toBe(HELLO);
  });

  verifies("client/wire-4", "a sign of life", async () => {
    const { served, stream } = await answering();
    const reply = clientOf(served, { timeouts: { idleMs: 200 } }).chat(QUESTION);
    const ending = collect(reply);
    for (let beat = 0; beat < 5; beat += 1) {
      await sleep(90);
      stream.write(": keep-alive\n\n");
    }
    stream.writeEvent({
      id: "c",
      model: "m",
      choices: [{ index: 0, delta: { content: "two" }, finish_reason: "stop" }],
    });
    stream.write("data: [DONE]\n\n");
    stream.end();
    expect((await ending).result?.text).toBe("One two");
  });

  verifies("client/wire-3", async () => {
    const served = await target.serve("0.32.0/sleep/chat-paused-stream");
    const { error } = await collect(clientOf(served, { timeouts: { firstTokenMs: 200 } }).chat(QUESTION));
    expect(error?.code).toBe("REQUEST_TIMEOUT");
    expect(error?.message).toContain("answered 200 and then stayed silent");
    expect(error?.hint).toMatch(/queued.*paused.*sleeping/);
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("client/peers-17b", async () => {
    const { error, events } = await play(target, "0.32.0/lab-dies/terminate-stream");
    expect(error?.code).toBe("ENGINE_FAILED");
    expect(partialOf(error).text).toBe("\n\nLine 0 of the story about a small robot. Line 1");
    expect(events.map((event) => event.type)).not.toContain("done");
  });

  verifies("client/peers-17c", async () => {
    const { error } = await play(target, "malformed/endings/clean-end-in-text");
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", isRetryable: true });
    expect(partialOf(error)).toMatchObject({ text: "\n\nHello there! How can I" });
  });

  verifies("client/peers-17d", async () => {
    const { error, events } = await play(target, "malformed/endings/clean-end-in-arguments");
    expect(error?.code).toBe("STREAM_ENDED_EARLY");
    expect(partialOf(error).toolCalls).toMatchObject([
      { name: "get_weather", arguments: undefined, argumentsText: '{"city": "Par', parseError: { kind: "cut-off" } },
    ]);
    for (const event of events) if (event.type === "toolcall_end") expect(event.toolCall.arguments).toBeUndefined();
  });

  verifies(["client/peers-18", "client/wire-75"], async () => {
    const { error } = await play(target, "0.32.0/hermes-qwen3/kill-engine-stream");
    expect(error).toMatchObject({ code: "ENGINE_FAILED", hint: expect.stringMatching(/log/) });
    expect(shownOf(error)).not.toContain("See stack trace (above)");
    expect(partialOf(error).text).toMatch(/^\n\nLine 0 of the story/);
  });

  verifies("client/wire-75", "BadRequestError 400", async () => {
    const { error } = await play(target, "0.12.0/engine-dies/tool-required-json");
    expect(error?.code).toBe("ENGINE_FAILED");
  });

  verifies.each("client/wire-76", ["after-kill-chat", "after-kill-chat-stream"], async (name) => {
    const { error } = await play(target, `0.32.0/lab-dies/${name}`);
    expect(error).toMatchObject({ code: "ENGINE_FAILED", status: 500 });
  });

  verifies("client/peers-22a", async () => {
    const served = await target.serveFailing("html-200");
    const { error, events } = await collect(clientOf(served).chat(QUESTION));
    expect(error?.code).toBe("STREAM_MALFORMED");
    expect(error?.message).toContain("text/html");
    expect(error?.message).toContain(new URL(served.baseUrl).host);
    expect(events).toEqual([]);
    expect(served.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  });
});
