import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verifies } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
import { failureKinds, startFakeVllm, type FailureKind } from "@vllm-tooling/fake-vllm";
import { createVllmClient, type VllmErrorCode } from "@vllm/client";
import { afterEach, describe, expect, test } from "vitest";
import { collect, partialOf } from "./support/collect.ts";

const HELLO = "\n\nHello there! How can I help you today?";
const PARAMS = { model: "lab/tiny", messages: [{ role: "user" as const, content: "hello" }] };

/** What a failure of a given kind must become, and how often the request is sent. */
const EXPECTED: Record<FailureKind, { code?: VllmErrorCode; requests: number; reason?: string }> = {
  refuse: { code: "SERVER_UNREACHABLE", reason: "refused", requests: 0 },
  "stall-before-headers": { code: "REQUEST_TIMEOUT", requests: 1 },
  "close-before-headers": { code: "SERVER_UNREACHABLE", reason: "reset", requests: 3 },
  "reset-before-headers": { code: "SERVER_UNREACHABLE", reason: "reset", requests: 3 },
  "reset-in-headers": { code: "SERVER_UNREACHABLE", reason: "reset", requests: 3 },
  garbage: { code: "SERVER_UNREACHABLE", reason: "other", requests: 1 },
  "cut-after-bytes": { code: "STREAM_ENDED_EARLY", requests: 1 },
  "reset-after-bytes": { code: "STREAM_ENDED_EARLY", requests: 1 },
  "end-after-bytes": { code: "STREAM_ENDED_EARLY", requests: 1 },
  stall: { code: "STREAM_IDLE_TIMEOUT", requests: 1 },
  drip: { requests: 1 },
  "bad-chunked": { code: "STREAM_ENDED_EARLY", requests: 1 },
  "short-content-length": { code: "STREAM_ENDED_EARLY", requests: 1 },
  "long-content-length": { requests: 1 },
  gzip: { requests: 1 },
  "huge-line": { code: "RESPONSE_TOO_LARGE", requests: 1 },
  "html-502": { code: "SERVER_ERROR", requests: 3 },
  "html-200": { code: "STREAM_MALFORMED", requests: 1 },
  "empty-200": { code: "STREAM_ENDED_EARLY", requests: 1 },
  "busy-429": { code: "RATE_LIMITED", requests: 3 },
  "queue-408": { code: "REQUEST_TIMEOUT", requests: 3 },
  "no-workers-503": { code: "SERVER_ERROR", requests: 3 },
  "engine-dies": { code: "ENGINE_FAILED", requests: 1 },
};

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Parameters<typeof startFakeVllm>[0]) {
  const server = await startFakeVllm(options);
  servers.push(server);
  return server;
}

describe("every way to fail ends the reply once, with the right error", () => {
  test("none is left out", () => expect(Object.keys(EXPECTED).toSorted()).toEqual([...failureKinds].toSorted()));

  verifies.each("client/stream-faults", failureKinds, async (kind) => {
    const { code, reason, requests } = EXPECTED[kind];
    const server = await start({ fail: kind });
    // 64 MiB arrive before there is an event: on a busy machine that takes a while.
    const firstTokenMs = kind === "huge-line" ? 8000 : 1000;
    const client = createVllmClient({ baseUrl: server.baseUrl, timeouts: { firstTokenMs, idleMs: 400 } });
    using clock = stopClock();
    const { error, result } = await clock.passUntil(collect(client.chat(PARAMS)), 2);
    expect(error?.code).toBe(code);
    if (reason !== undefined) expect(error?.reason).toBe(reason);
    if (error !== undefined) expect(HELLO.startsWith(partialOf(error).text)).toBe(true);
    else expect(result?.text).toBe(HELLO);
    expect(server.requests.filter((request) => request.path.endsWith("/chat/completions"))).toHaveLength(requests);
    expect(clock.elapsedMs).toBeLessThan(kind === "huge-line" ? 9000 : 5000);
  });
});

test("a line of 64 MiB is read where limits.eventBytes allows it", async () => {
  const server = await start({ fail: "huge-line" });
  const client = createVllmClient({ baseUrl: server.baseUrl, limits: { eventBytes: 70 * 1024 * 1024 } });
  const { error } = await collect(client.chat(PARAMS));
  expect(error?.code).toBe("STREAM_ENDED_EARLY");
  expect(partialOf(error).text.length).toBeGreaterThan(60_000_000);
});

test("a server that is not there is reported well under two seconds, with its address", async () => {
  const server = await start({ fail: "refuse" });
  using clock = stopClock();
  const ending = collect(createVllmClient({ baseUrl: server.baseUrl }).chat(PARAMS));
  const { error } = await clock.passUntil(ending, 10);
  expect(clock.elapsedMs).toBeLessThan(1500);
  expect(error?.message).toContain(`127.0.0.1:${server.port}`);
  expect(error?.hint).toContain("vllm serve");
});

test("a failure that passes is not seen", async () => {
  const server = await start({ fail: { kind: "no-workers-503", times: 2 } });
  const { result } = await collect(createVllmClient({ baseUrl: server.baseUrl }).chat(PARAMS));
  expect(result?.text).toBe(HELLO);
});

test("maxRetries: 0 sends once", async () => {
  const server = await start({ fail: "no-workers-503" });
  const client = createVllmClient({ baseUrl: server.baseUrl, retry: { maxRetries: 0 } });
  const { error } = await collect(client.chat(PARAMS));
  expect(error?.code).toBe("SERVER_ERROR");
  expect(server.requests).toHaveLength(1);
});

test("an error whose body does not end is not taken for a silent 200", async () => {
  const server = createServer((_, response) => {
    response.writeHead(503, { "content-length": "500", "content-type": "application/json" }).write('{"error":');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createVllmClient({ baseUrl, retry: { maxRetries: 0 }, timeouts: { firstTokenMs: 100 } });
  const { error } = await collect(client.chat(PARAMS));
  expect(error).toMatchObject({ code: "SERVER_ERROR", status: 503 });
  server.closeAllConnections();
  server.close();
});

test("a server process that is stopped is an idle stream, not a hang", async () => {
  const program = `
    import { startFakeVllm } from "@vllm-tooling/fake-vllm";
    console.log((await startFakeVllm({ chunkDelayMs: 30 })).baseUrl);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: import.meta.dirname });
  try {
    const baseUrl = await new Promise<string>((resolve) =>
      child.stdout.once("data", (line) => resolve(String(line).trim())),
    );
    using clock = stopClock();
    const reply = createVllmClient({ baseUrl }).chat(PARAMS, { timeouts: { idleMs: 500 } });
    let isStopped = false;
    const reading = (async () => {
      for await (const event of reply) {
        if (event.type === "text_start") {
          child.kill("SIGSTOP");
          isStopped = true;
        }
      }
    })();
    await clock.standUntil(() => isStopped);
    const ending = clock.passUntil(reading, 10);
    await expect(ending).rejects.toMatchObject({ code: "STREAM_IDLE_TIMEOUT", isRetryable: true });
    expect(clock.elapsedMs).toBeLessThan(2000);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a queued request that stays silent after its 200 says so", async () => {
  const server = await start({ fail: { kind: "stall", afterBytes: 0 } });
  const client = createVllmClient({ baseUrl: server.baseUrl, timeouts: { firstTokenMs: 300 } });
  const { error } = await collect(client.chat(PARAMS));
  expect(error?.code).toBe("REQUEST_TIMEOUT");
  expect(error?.message).toMatch(
    /^No first token came within 3\d\d ms: the server answered 200 and then stayed silent/,
  );
  expect(error?.hint).toMatch(/num_requests_waiting.*is_sleeping.*firstTokenMs/);
  expect(server.requests).toHaveLength(1);
});
