import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import { networkError, playFetch, recorded } from "../../test/play.ts";
import type { WaitProgress } from "../index.ts";
import { waitUntilReady } from "../index.ts";

const baseUrl = "http://127.0.0.1:8000/v1";
const ready = {
  "GET /v1/models": recorded("0.32.0/tools-hermes/models"),
  "GET /version": recorded("0.32.0/hermes-qwen3/version"),
  "GET /health": recorded("0.32.0/hermes-qwen3/health"),
};

/** A server that is down for some probes, and then ready. */
function readyAfter(looks: number, before: () => Response | Error = () => networkError("ECONNREFUSED")) {
  const up = playFetch(ready);
  let asked = 0;
  return Object.assign(
    (async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      if (new URL(request.url).pathname === "/v1/models") asked += 1;
      if (asked > looks) return up(request);
      const answer = before();
      if (answer instanceof Error) throw answer;
      return answer;
    }) as typeof fetch,
    { looks: () => asked },
  );
}

describe("waitUntilReady", () => {
  test("a loading vLLM refuses connections; then the report of the ready one comes", async () => {
    const progress: WaitProgress[] = [];
    using clock = stopClock();
    const waiting = waitUntilReady({ baseUrl, fetch: readyAfter(3), onProgress: (seen) => progress.push(seen) });
    const report = await clock.passUntil(waiting, 10);
    expect(report).toMatchObject({ state: "ready", version: "0.32.0", models: [{ id: "tiny" }] });
    expect(progress).toMatchObject([
      { attempt: 1, state: "unreachable", message: expect.stringContaining("Nothing listens at 127.0.0.1:8000") },
      { attempt: 2 },
      { attempt: 3 },
    ]);
    expect(progress[1]!.elapsedMs).toBeGreaterThanOrEqual(progress[0]!.elapsedMs);
  });

  test.each<[string, () => Response]>([
    ["a proxy's 502", () => recorded("routers/nginx-default/all-down-models")],
    ["an empty list", () => Response.json({ object: "list", data: [] })],
    ["a 404 of something in front", () => new Response("not yet", { status: 404 })],
  ])("%s is waited for, too", async (_name, before) => {
    expect((await waitUntilReady({ baseUrl, fetch: readyAfter(1, before) })).state).toBe("ready");
  });

  test("a server that is gone again at the second probe is waited for, too", async () => {
    const up = playFetch(ready);
    let looks = 0;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (new URL(request.url).pathname === "/v1/models") looks += 1;
      if (looks === 2) throw networkError("ECONNREFUSED");
      return up(request);
    };
    const states: string[] = [];
    const report = await waitUntilReady({ baseUrl, fetch, onProgress: ({ state }) => states.push(state) });
    expect([report.state, ...states]).toEqual(["ready", "unreachable"]);
  });

  test.each<[string, () => Response | Error, string]>([
    ["a wrong key", () => recorded("0.32.0/api-key/models-wrong-key"), "AUTHENTICATION_FAILED"],
    ["a web page", () => new Response("<!doctype html><html></html>"), "NOT_VLLM"],
    ["a certificate that is not trusted", () => networkError("DEPTH_ZERO_SELF_SIGNED_CERT"), "SERVER_UNREACHABLE"],
  ])("%s ends it at once", async (_name, before, code) => {
    const fetch = readyAfter(100, before);
    await expect(waitUntilReady({ baseUrl, apiKey: "k", fetch })).rejects.toMatchObject({ code });
    expect(fetch.looks()).toBeLessThanOrEqual(2);
  });

  test("when the time is over, the last probe's error is thrown", async () => {
    using clock = stopClock();
    const waiting = waitUntilReady({ baseUrl, timeoutMs: 300, fetch: readyAfter(1000) });
    await expect(clock.passUntil(waiting, 10)).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      reason: "refused",
      message: expect.stringMatching(/^The server was not ready after 0 s: Nothing listens/),
    });
  });

  test("a server that hangs does not hold up more than its share", async () => {
    using clock = stopClock();
    const waiting = waitUntilReady({ baseUrl, timeoutMs: 200, fetch: () => new Promise(() => {}) });
    await expect(clock.passUntil(waiting, 10)).rejects.toMatchObject({ code: "REQUEST_TIMEOUT" });
    expect(clock.elapsedMs).toBeLessThan(2000);
  });

  test("the signal stops it, in a probe and in a pause", async () => {
    const inPause = new AbortController();
    await expect(
      waitUntilReady({ baseUrl, fetch: readyAfter(1000), signal: inPause.signal, onProgress: () => inPause.abort() }),
    ).rejects.toMatchObject({ code: "ABORTED" });
    await expect(
      waitUntilReady({ baseUrl, fetch: readyAfter(1000), signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "ABORTED" });
  });
});
