import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createVllmClient, type ChatEvent, type VllmError } from "@vllm/client";
import { describeTargets, verifies } from "@vllm-tooling/contract";
import { failureKinds } from "@vllm-tooling/fake-vllm";
import { everyCut, loadFixture, rechunk } from "@vllm-tooling/fixtures";
import { expect } from "vitest";
import { collect, mergeDeltas, partialOf } from "../support/collect.ts";
import { playing, toPlayback } from "../support/play.ts";
import { ask, clientOf, paramsOf, QUESTION, shownOf } from "./conversation.ts";

const TOOL_TWO = loadFixture("0.32.0/hermes-qwen3/tool-two");
const MARKUP = loadFixture("0.32.0/hermes-qwen3/markup-stream");

async function readPieces(fixture: typeof TOOL_TWO, pieces: Iterable<Uint8Array>, end?: "complete" | "broken") {
  const playback = { ...toPlayback(fixture, pieces), ...(end === undefined ? {} : { end }) };
  const client = createVllmClient({ model: "tiny", fetch: playing(playback), retry: { maxRetries: 0 } });
  return collect(client.chat(QUESTION));
}

verifies("client/stream-any-chunking", async () => {
  for (const fixture of [TOOL_TWO, MARKUP]) {
    const { events } = await readPieces(fixture, [fixture.response.body]);
    for (const how of [[1], [7, 300], 1, 2, 3, 4]) {
      expect((await readPieces(fixture, rechunk(fixture.response.body, how))).events).toEqual(events);
    }
  }
});

verifies("client/stream-any-cut", async () => {
  const { body } = TOOL_TWO.response;
  const whole = await readPieces(TOOL_TWO, [body]);
  let cut = 0;
  for (const [head] of everyCut(body)) {
    cut += 1;
    if (cut % 37 !== 0) continue;
    const { error, events, result } = await readPieces(TOOL_TWO, [head], cut % 2 === 0 ? "broken" : "complete");
    if (result !== undefined) {
      // Nothing but [DONE] and usage can be missing.
      expect(result.toolCalls).toEqual(whole.result?.toolCalls);
      continue;
    }
    expect(error?.code).toMatch(/^STREAM_/);
    const partial = partialOf(error);
    expect(whole.result?.text.startsWith(partial.text)).toBe(true);
    expect(whole.result?.thinking.startsWith(partial.thinking)).toBe(true);
    for (const call of partial.toolCalls) expect(call.arguments).toBeUndefined();
    expect(events.some((event) => event.type === "done")).toBe(false);
  }
  expect(cut).toBeGreaterThan(3000);
});

describeTargets(["msw", "fake", "real"], (target) => {
  verifies("client/stream-one-end", "however it is read", async () => {
    const served = await target.serve("0.32.0/lab/tool-one");
    const client = clientOf(served);
    const params = paramsOf("0.32.0/lab/tool-one");
    const [read, whole] = [await collect(client.chat(params)), await client.chat(params).result()];
    expect(whole.text).toBe(read.result?.text);
    const chunks = [];
    for await (const chunk of client.chat(params).rawChunks()) chunks.push(chunk);
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBe(whole.usage?.prompt_tokens);
  });
});

describeTargets(["fake"], (target) => {
  verifies("client/stream-abort-anywhere", async () => {
    const id = "0.32.0/lab/tool-one";
    const { events: all } = await ask(target, id);
    const merged = mergeDeltas(all).length;
    for (let stopAt = 0; stopAt < all.length; stopAt += Math.ceil(all.length / (merged * 2))) {
      const served = await target.serve(id, { chunkDelayMs: 1 });
      const reply = clientOf(served).chat(paramsOf(id));
      const seen: ChatEvent<unknown>[] = [];
      let error: unknown;
      try {
        for await (const event of reply) {
          seen.push(event);
          if (seen.length === stopAt + 1) reply.abort();
        }
      } catch (thrown) {
        error = thrown;
      }
      if (seen.at(-1)?.type === "done") continue;
      expect((error as VllmError).code).toBe("ABORTED");
      expect(seen.map((event) => event.type)).toEqual(all.slice(0, seen.length).map((event) => event.type));
      await expect.poll(() => served.requests[0]?.finished).toBe(true);
    }
  });

  verifies("client/stream-no-secrets", "whatever fails", async () => {
    for (const kind of failureKinds.filter((name) => !/^(drip|gzip|huge-line|long-content-length)$/.test(name))) {
      const served = await target.serveFailing(kind);
      const client = clientOf(served, {
        apiKey: "planted-key-4711",
        headers: { "x-tenant": "planted-header-4711" },
        retry: { maxRetries: 0 },
        timeouts: { firstTokenMs: 100, idleMs: 100 },
      });
      const { error } = await collect(client.chat({ messages: [{ role: "user", content: "planted-prompt-4711" }] }));
      expect(error, kind).toBeDefined();
      expect(shownOf(error)).not.toMatch(/(?<!\d)4711(?!\d)/);
    }
  });

  verifies("client/stream-partial", async () => {
    for (const kind of ["cut-after-bytes", "end-after-bytes", "stall", "bad-chunked", "engine-dies"] as const) {
      const served = await target.serveFailing({ kind, afterBytes: 2500 }, { scenario: "0.32.0/lab/tool-one" });
      const { error, events } = await collect(clientOf(served, { timeouts: { idleMs: 100 } }).chat(QUESTION));
      const deltas = events.map((event) => (event.type === "thinking_delta" ? event.delta : "")).join("");
      expect(deltas.length, kind).toBeGreaterThan(5);
      expect(partialOf(error).thinking, kind).toBe(deltas);
      expect(partialOf(error).id, kind).toMatch(/^chatcmpl-/);
    }
  });

  verifies("client/stream-dropped-reply", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    for (const kind of ["refuse", "cut-after-bytes", "html-200"] as const) {
      const served = await target.serveFailing(kind);
      clientOf(served).chat(QUESTION);
      clientOf(served).chat(QUESTION).abort();
      clientOf(served).chat(QUESTION, { signal: AbortSignal.abort() });
      clientOf(served).chat(QUESTION)[Symbol.asyncIterator]();
    }
    await sleep(400);
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled).toEqual([]);
  });
});

/** A growing number, once it has not grown for a while. */
async function untilStill(read: () => number): Promise<number> {
  for (let before = -1; ; await sleep(120)) {
    if (read() === before) return before;
    before = read();
  }
}

verifies("client/stream-back-pressure", async () => {
  const piece = "x".repeat(60_000);
  const delta = { index: 0, delta: { content: piece }, finish_reason: null };
  const event = `data: ${JSON.stringify({ id: "chatcmpl-1", model: "m", choices: [delta] })}\n\n`;
  let written = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const write = (): void => {
      while (!response.destroyed && response.write(event)) written += event.length;
      written += event.length;
      response.once("drain", write);
    };
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const client = createVllmClient({ baseUrl: `http://127.0.0.1:${port}/v1`, model: "m" });
  try {
    let stoppedAt: number | undefined;
    for await (const seen of client.chat(QUESTION)) {
      if (seen.type !== "text_delta") continue;
      stoppedAt ??= await untilStill(() => written);
      // It goes on once somebody reads.
      if (written > stoppedAt + 20_000_000) break;
    }
    // What the operating system holds (up to 10 MB) and what the client does (1 MB); nobody read for as long as it took.
    expect(stoppedAt).toBeLessThan(16_000_000);
    expect(written).toBeGreaterThan(stoppedAt!);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
