import { describeTargets, verifies } from "@vllm-tooling/contract";
import { loadFixture, toReading } from "@vllm-tooling/fixtures";
import { expect } from "vitest";
import { collect, partialOf } from "../support/collect.ts";
import { clientOf, HELLO, lastBody, play, QUESTION, shownOf } from "./conversation.ts";

const ONCE = { client: { retry: { maxRetries: 0 } } };

describeTargets(["msw", "fake"], (target) => {
  verifies("client/router-error-as-event-stream", async () => {
    const labelled = await play(target, "routers/vllm-router/err-model-unknown-stream", { params: { model: "nope" } });
    const plain = await play(target, "routers/direct/err-model-unknown-plain", { params: { model: "nope" } });
    expect(labelled.error).toMatchObject({ code: "MODEL_NOT_FOUND", status: 404 });
    expect(labelled.error?.message).toBe(plain.error?.message);
  });

  verifies(
    "client/router-plain-text",
    "what is known is said in clear words, what is not in the server's",
    async () => {
      const { error } = await play(target, "routers/vllm-router/all-down-stream-again", ONCE);
      expect(error).toMatchObject({ code: "SERVER_ERROR", status: 503, isRetryable: true });
      expect(error?.message).toContain("could not reach a vLLM server behind it");
      const unknown = await play(target, "malformed/bodies/plain-500", ONCE);
      expect(unknown.error).toMatchObject({ code: "SERVER_ERROR", status: 500 });
      expect(unknown.error?.message).toContain("Internal Server Error");
    },
  );

  verifies("client/router-plain-text", "an inner address", async () => {
    const { error } = await play(target, "routers/vllm-router/all-down-plain", ONCE);
    expect(error).toMatchObject({ code: "SERVER_ERROR", status: 500 });
    expect(error?.hint).not.toContain("127.0.0.1:8142");
    expect(error?.message).toContain("server behind it");
  });

  verifies("client/router-empty-body", async () => {
    const busy = await play(target, "routers/vllm-router/limit-concurrency-no-queue", ONCE);
    expect(busy.error).toMatchObject({ code: "RATE_LIMITED", status: 429, isRetryable: true });
    const queued = await play(target, "routers/vllm-router/limit-queue-408", ONCE);
    expect(queued.error).toMatchObject({ code: "REQUEST_TIMEOUT", status: 408, isRetryable: true });
    const later = await play(target, "malformed/bodies/plain-503-retry-after", ONCE);
    expect(later.error).toMatchObject({ code: "SERVER_ERROR", status: 503, retryAfterMs: expect.any(Number) });
    expect(shownOf(busy.error)).not.toMatch(/undefined|\[object/);
  });

  verifies.each(
    "client/router-broken-stream",
    [
      "routers/vllm-router/mid-stream-fin",
      "routers/vllm-router/mid-stream-reset",
      "malformed/endings/clean-end-in-text",
      "malformed/errors/error-event",
      "malformed/errors/abort-finish",
    ],
    async (id) => {
      const { error, events } = await play(target, id, ONCE);
      expect(error?.code).toMatch(/^(STREAM_ENDED_EARLY|ENGINE_FAILED)$/);
      const { text, thinking } = toReading(loadFixture(id).response.body);
      expect(partialOf(error)).toMatchObject({ text, thinking });
      expect(events.map((event) => event.type)).not.toContain("done");
    },
  );

  verifies("client/router-abort-finish", async () => {
    const { error } = await play(target, "malformed/errors/abort-finish");
    expect(error).toMatchObject({ code: "ENGINE_FAILED", isRetryable: true });
    expect(partialOf(error).text).toBe("Half an ans");
  });

  verifies("client/router-affinity", async () => {
    const { served } = await play(target, "hello", { params: { affinity: "conversation-7" } });
    const chat = served.requests.at(-1);
    expect(chat?.headers).toMatchObject({ "x-session-id": "conversation-7" });
    expect(lastBody(served)).not.toHaveProperty("affinity");
    const without = await play(target, "hello");
    expect(without.served.requests.at(-1)?.headers).not.toHaveProperty("x-session-id");
  });

  verifies("client/router-tool-parameters", async () => {
    const { served } = await play(target, "hello", {
      params: { tools: [{ type: "function", function: { name: "now" } }] },
    });
    expect(lastBody(served)["tools"]).toMatchObject([
      { function: { name: "now", parameters: { type: "object", properties: {} } } },
    ]);
  });
});

describeTargets(["fake"], (target) => {
  verifies("client/router-retry", "what passes is not seen", async () => {
    const kinds = [
      "busy-429",
      "queue-408",
      "no-workers-503",
      "html-502",
      "close-before-headers",
      "reset-in-headers",
    ] as const;
    const read = kinds.map(async (kind) => {
      const served = await target.serveFailing({ kind, times: 1 }, { scenario: "hello" });
      const { result } = await collect(clientOf(served).chat(QUESTION));
      return { kind, text: result?.text, requests: served.requests.length };
    });
    expect(await Promise.all(read)).toEqual(kinds.map((kind) => ({ kind, text: HELLO, requests: 2 })));
  });

  verifies("client/router-retry", "not after the first byte", async () => {
    const served = await target.serveFailing({ kind: "cut-after-bytes", times: 1 }, { scenario: "hello" });
    const { error } = await collect(clientOf(served).chat(QUESTION));
    expect(error?.code).toBe("STREAM_ENDED_EARLY");
    expect(served.requests).toHaveLength(1);
  });
});
