import { createVllmClient, type ChatParams, type VllmClientOptions } from "@vllm/client";
import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import { chunk } from "./support/chunk.ts";
import { collect } from "./support/collect.ts";
import { serveScript, type ScriptedAnswer } from "./support/scripted-server.ts";

const QUEUED: ScriptedAnswer = { body: [], ending: "silent" };
const BEGUN: ScriptedAnswer = { body: [chunk({ content: "Hi" })], ending: "silent" };
const GOOD: ScriptedAnswer = { body: [chunk({ content: "Hi" }), chunk({}, "stop")] };
const DRAINING: ScriptedAnswer = {
  status: 500,
  body: { error: { message: "cannot schedule new futures after shutdown", type: "InternalServerError", code: 500 } },
};
const PARAMS: ChatParams = { model: "m", messages: [{ role: "user", content: "Hello" }] };

const transports: [string, VllmClientOptions][] = [
  ["over Node's sockets", {}],
  ["over fetch", { fetch: globalThis.fetch }],
];

async function setUp(options: VllmClientOptions, ...answers: ScriptedAnswer[]) {
  const server = await serveScript(...answers);
  return { server, client: createVllmClient({ ...options, baseUrl: server.baseUrl }) };
}

describe.each(transports)("30 s without a byte, %s", (_, options) => {
  test.each<[string, ScriptedAnswer, string]>([
    ["a request in the queue", QUEUED, ""],
    ["an answer that has begun", BEGUN, "Hi"],
  ])("a server that refuses new connections is shutting down: %s", async (_name, answer, text) => {
    using clock = stopClock();
    const { server, client } = await setUp(options, answer);
    const reply = collect(client.chat(PARAMS));
    await clock.standUntil(() => server.bodies.length === 1);
    server.stopListening();
    const { error } = await clock.passUntil(reply, 1000);
    expect(error).toMatchObject({ code: "ENGINE_FAILED", reason: "shutting-down", isRetryable: true });
    expect(error?.message).toContain("shutting down");
    expect(error?.partial?.text).toBe(text);
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(30_000);
    expect(clock.elapsedMs).toBeLessThan(45_000);
  });

  test.each([502, 503])(
    "%i from /health: the same, and a router's other server is asked when nothing has come",
    async (status) => {
      using clock = stopClock();
      const { server, client } = await setUp(options, QUEUED, GOOD);
      server.getStatus = status;
      const { result } = await clock.passUntil(collect(client.chat({ ...PARAMS, affinity: "conversation-1" })), 1000);
      expect(result?.text).toBe("Hi");
      expect(server.gets).toEqual(["/health"]);
      expect(server.headers).toHaveLength(2);
    },
  );

  test.each([502, 503])("%i once text has come: nothing is repeated", async (status) => {
    using clock = stopClock();
    const { server, client } = await setUp(options, BEGUN, GOOD);
    server.getStatus = status;
    const { error } = await clock.passUntil(collect(client.chat(PARAMS)), 1000);
    expect(error).toMatchObject({ code: "ENGINE_FAILED", reason: "shutting-down", status });
    expect(server.bodies).toHaveLength(1);
  });

  test.each([200, 404, 500])("%i from /health: the wait goes on, and health is asked once", async (status) => {
    using clock = stopClock();
    const { server, client } = await setUp(options, QUEUED);
    server.getStatus = status;
    const { error } = await clock.passUntil(
      collect(client.chat(PARAMS, { timeouts: { firstTokenMs: 200_000 } })),
      5000,
    );
    expect(error?.code).toBe("REQUEST_TIMEOUT");
    expect(server.gets).toEqual(["/health"]);
  });

  test("a gateway of LiteLLM is not asked: it would ask its servers with real chats", async () => {
    using clock = stopClock();
    const { server, client } = await setUp(options, { ...QUEUED, headers: { "x-litellm-call-id": "1" } });
    await clock.passUntil(collect(client.chat(PARAMS, { timeouts: { firstTokenMs: 100_000 } })), 5000);
    expect(server.gets).toEqual([]);
  });

  test("who asked for it gets the load of a healthy server", async () => {
    using clock = stopClock();
    const { server, client } = await setUp(options, QUEUED);
    server.getBody = [
      "# TYPE vllm:num_requests_running gauge",
      'vllm:num_requests_running{engine="0",model_name="m"} 8.0',
      'vllm:num_requests_running{engine="1",model_name="m"} 6.0',
      'vllm:num_requests_waiting{engine="0",model_name="m"} 31.0',
    ].join("\n");
    const timeouts = { firstTokenMs: 100_000 };
    const { events } = await clock.passUntil(collect(client.chat(PARAMS, { timeouts, reportWaiting: true })), 500);
    expect(events).toEqual([{ type: "waiting", waitedMs: expect.any(Number), running: 14, waiting: 31 }]);
    expect(server.gets).toEqual(["/health", "/metrics"]);
  });
});

describe.each(transports)("a proxy's read timeout, %s", (_, options) => {
  async function closeAfter(ms: number, ...answers: ScriptedAnswer[]) {
    using clock = stopClock();
    const { server, client } = await setUp(options, ...answers);
    const reply = collect(client.chat(PARAMS));
    await clock.standUntil(() => server.bodies.length === 1);
    // The head is on its way to the client.
    await clock.pass(500, 10);
    await clock.pass(ms - 500, 500);
    server.dropConnections();
    return { ...(await clock.passUntil(reply, 50)), sent: server.bodies.length };
  }

  test("is called that, and the wait is not begun again", async () => {
    const { error, sent } = await closeAfter(60_000, QUEUED, GOOD);
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", reason: "proxy-timeout", isRetryable: true });
    expect(error?.message).toMatch(/closed after (59\.\d|60) s without a byte/);
    expect(error?.hint).toContain("proxy_read_timeout 3600s");
    expect(sent).toBe(1);
  });

  test("of a few seconds is worth another try", async () => {
    const { result, sent } = await closeAfter(4000, QUEUED, GOOD);
    expect(result?.text).toBe("Hi");
    expect(sent).toBe(2);
  });

  test("is no word for a connection that is lost at once", async () => {
    const { baseUrl } = await serveScript({ body: [], ending: "lost" });
    const { error } = await collect(createVllmClient({ ...options, baseUrl }).chat(PARAMS));
    expect(error?.code).toBe("STREAM_ENDED_EARLY");
  });
});

describe.each(transports)("a server that shuts down, %s", (_, options) => {
  test("refuses, and another one behind the router takes the request", async () => {
    using clock = stopClock();
    const { server, client } = await setUp(options, DRAINING, DRAINING, DRAINING, GOOD);
    const { result } = await clock.passUntil(collect(client.chat(PARAMS)), 50);
    expect(result?.text).toBe("Hi");
    expect(server.bodies).toHaveLength(4);
  });

  test("alone: it is said to be shutting down, not to have failed", async () => {
    using clock = stopClock();
    const { client } = await setUp({ ...options, retry: { maxElsewhere: 1 } }, DRAINING);
    const { error } = await clock.passUntil(collect(client.chat(PARAMS)), 50);
    expect(error).toMatchObject({ code: "ENGINE_FAILED", reason: "shutting-down", status: 500 });
    expect(error?.message).toContain("shutting down");
  });

  test("without retries at once", async () => {
    const { server, client } = await setUp({ ...options, retry: { maxRetries: 0 } }, DRAINING, GOOD);
    const { error } = await collect(client.chat(PARAMS));
    expect(error?.reason).toBe("shutting-down");
    expect(server.bodies).toHaveLength(1);
  });
});
