import { once } from "node:events";
import { createServer, request as sendOn } from "node:http";
import type { AddressInfo } from "node:net";
import { verifies } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
import { createControlledStream } from "@vllm-tooling/fake-vllm";
import { afterEach, expect, test, vi } from "vitest";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import type { Run } from "../../test/stream-harness.ts";
import { chunk, lastWordsOf, run, says } from "../../test/stream-harness.ts";

const start = useFakeServers();

afterEach(() => void vi.unstubAllGlobals());

test("keyless: the placeholder is not sent, nor a header that the agent marks by null", async () => {
  const server = await start();
  const headers = { Authorization: null as never, "X-Team": "a" };
  await run(server, says("Hello"), { options: { apiKey: "vllm-keyless", headers } });
  expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  expect(server.requests[0]?.headers["x-team"]).toBe("a");
  const guarded = await start({ apiKey: "sk-1" });
  const { turn } = await run(guarded, says("Hello"), { options: { apiKey: "sk-1" } });
  expect(turn.stopReason).not.toBe("error");
});

verifies("agent/openclaw/timeout-seconds", async () => {
  const server = await start({ fail: "stall-before-headers" });
  using clock = stopClock();
  const ran = await clock.passUntil(run(server, says("Hello"), { model: { requestTimeoutMs: 200 } }), 5);
  expect(lastWordsOf(ran)).toContain("100 ms");
  expect(lastWordsOf(ran)).toContain("[vllm:REQUEST_TIMEOUT]");
});

verifies("agent/openclaw/silent-server", "/health answers", async () => {
  const server = await start({ fail: "stall-before-headers" });
  using clock = stopClock();
  const ran = await clock.passUntil(run(server, says("Hello"), { settings: { firstTokenMs: 100 } }), 5);
  expect(lastWordsOf(ran)).toContain("The server itself is alive (/health answers)");
  expect(lastWordsOf(ran)).toContain("[vllm:REQUEST_TIMEOUT]");
});

verifies("agent/openclaw/silent-server", "/health answers, behind a proxy that alone reaches the server", async () => {
  const server = await start({ fail: "stall-before-headers" });
  const proxy = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "");
    const onward = sendOn({ port: server.port, host: "127.0.0.1", path: pathname, method: request.method ?? "GET" });
    onward.on("error", () => response.destroy()).on("response", (answer) => answer.pipe(response));
    request.pipe(onward);
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv("NO_PROXY", "");
  const baseUrl = "http://gpu.test:8000/v1";
  const ran = await run(server, says("Hello"), { model: { baseUrl }, settings: { firstTokenMs: 100 } });
  proxy.closeAllConnections();
  proxy.close();
  vi.unstubAllEnvs();
  expect(lastWordsOf(ran)).toContain("The server itself is alive (/health answers)");
});

verifies("agent/openclaw/no-hidden-limit", "ten minutes to the first byte, five between two", async () => {
  const stream = createControlledStream();
  const server = await start({ scenario: stream });
  // What died there were fetch's own limits. They cannot be waited for here, so that fetch is not to be had at all.
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  using clock = stopClock();
  const limits = { firstTokenMs: 601_000, idleMs: 301_000 };
  let running: Promise<Run> | undefined;
  const begun = new Promise<void>((resolve) => {
    running = run(server, says("Hello"), { settings: limits, onEvent: () => resolve() });
  });
  await stream.opened;
  await clock.pass(600_000);
  stream.writeEvent(chunk({ role: "assistant", content: "Here" }));
  await begun;
  await clock.pass(300_000);
  stream.writeEvent(chunk({ content: " I am." }));
  stream.writeEvent(chunk({}, "stop"));
  stream.write("data: [DONE]\n\n");
  stream.end();
  expect((await running)?.turn).toMatchObject({ stopReason: "stop", content: [{ type: "text", text: "Here I am." }] });
});
