import { createBridgeFetch } from "@vllm/bridge/fetch";
import type { BridgeFetchOptions, BridgeLogEntry } from "@vllm/bridge/fetch";
import { afterEach, describe, expect, test } from "vitest";
import { tearDown } from "./bridge-harness.ts";
import { eventsOf, recordedStream, setUpGuarded, WINDOW, type Body, type Reply } from "./guarded-upstream.ts";

afterEach(tearDown);

const ROUTES = {
  messages: {
    path: "/v1/messages?beta=true",
    limit: "max_tokens",
    callDelta: "input_json_delta",
    failure: "error",
    request: {
      model: "org/m",
      max_tokens: 400,
      stream: true,
      tools: [{ name: "get_weather", input_schema: { type: "object" } }],
      messages: [{ role: "user", content: "Weather?" }],
    },
  },
  responses: {
    path: "/v1/responses",
    limit: "max_output_tokens",
    callDelta: "response.function_call_arguments.delta",
    failure: "response.failed",
    request: {
      model: "org/m",
      max_output_tokens: 400,
      stream: true,
      tools: [{ type: "function", name: "get_weather", parameters: { type: "object" } }],
      input: "Weather?",
    },
  },
} as const;

/** A vLLM that gives these answers, asked through a fetch. */
async function setUp(replies: readonly Reply[], options: BridgeFetchOptions = {}) {
  const { upstream, bodies, headers } = await setUpGuarded(replies);
  const log: BridgeLogEntry[] = [];
  const bridged = createBridgeFetch({ log: (entry) => void log.push(entry), ...options });
  const ask = (path: string, body: Body, init: RequestInit = {}) =>
    bridged(upstream + path, {
      method: "POST",
      body: JSON.stringify(body),
      ...init,
      headers: { "content-type": "application/json", ...init.headers },
    });
  return { upstream, bodies, headers, log, ask };
}

async function read(answer: Response): Promise<object> {
  const { status, headers } = answer;
  const text = (await answer.text()).replaceAll(/127\.0\.0\.1:\d+|"created_at":\d+/g, "");
  return { status, type: headers.get("content-type"), retry: headers.get("x-should-retry"), text };
}

describe.each(["messages", "responses"] as const)("%s over the fetch", (name) => {
  const { path, request, limit, callDelta, failure } = ROUTES[name];
  const recorded = (what: string) => recordedStream(`${name}-${what}.sse`);
  const overflow = `This model's maximum context length is ${WINDOW} tokens. However, your prompt contains at least ${WINDOW + 1} input tokens`;

  test.each<[string, Reply[], Body]>([
    ["a good call", [recorded("weather")], {}],
    ["an answer without a call", [recorded("hello")], {}],
    ["a broken call, then a good one", [recorded("cut"), recorded("weather")], {}],
    ["a call that is broken twice", [recorded("unclosed")], {}],
    ["a whole answer", [recordedStream(`${name}-weather.json`)], { stream: false }],
    ["more output than the window holds", [recorded("hello")], { [limit]: 32_000 }],
    ["a prompt that does not fit", [{ status: 400, body: { error: { message: overflow, code: 400 } } }], {}],
    ["a refusal of vLLM's", [{ status: 404, body: { error: { message: "no", code: 404 } } }], {}],
    ["an answer that breaks off", [recorded("weather").slice(0, -400)], {}],
  ])("the same as the server: %s", async (_what, replies, change) => {
    const served = await setUpGuarded(replies);
    const own = await setUp(replies);
    const body = { ...request, ...change };
    expect(await read(await own.ask(path, body))).toEqual(await read(await served.ask(path, body)));
    expect(own.bodies).toEqual(served.bodies);
    const { at: _at, durationMs: _durationMs, firstTokenMs: _firstTokenMs, ...entry } = served.log[0]!;
    await expect.poll(() => own.log).toMatchObject([entry]);
  });

  test("a broken call is never handed over", async () => {
    const { ask, bodies } = await setUp([recorded("cut")]);
    const text = await (await ask(path, request)).text();
    expect(bodies).toHaveLength(2);
    expect(text).not.toContain(callDelta);
    expect(eventsOf(text).at(-1)?.["type"]).toBe(failure);
  });

  test("silence ends with an error", async () => {
    const { ask } = await setUp([() => {}], { timeouts: { firstTokenMs: 50 } });
    expect((await ask(path, request)).status).toBe(504);
  });

  test("an abort rejects with its own reason, and stops vLLM", async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    let hasLeft = false;
    const { ask, log } = await setUp([
      (response) => {
        isAsked();
        response.once("close", () => (hasLeft = true));
      },
    ]);
    const controller = new AbortController();
    const answer = ask(path, request, { signal: controller.signal });
    await asked;
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await expect.poll(() => hasLeft).toBe(true);
    await expect.poll(() => log[0]?.ending).toBe("client left");
  });

  test("a reader that leaves stops vLLM", async () => {
    const hello = recorded("hello");
    let hasLeft = false;
    const { ask, log } = await setUp([
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(hello.slice(0, hello.length / 2));
        response.once("close", () => (hasLeft = true));
      },
    ]);
    await (await ask(path, request)).body?.cancel();
    await expect.poll(() => hasLeft).toBe(true);
    await expect.poll(() => log[0]?.ending).toBe("client left");
  });

  test("nothing there: a status in the route's own form", async () => {
    const bridged = createBridgeFetch();
    const answer = await bridged(`http://127.0.0.1:9${path}`, { method: "POST", body: JSON.stringify(request) });
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { message: expect.any(String) } }]);
  });

  test("the program's headers are sent, with the key of a named server", async () => {
    const own = await setUp([recorded("hello")]);
    const sent = { authorization: "Bearer own", "x-request-id": "r-1", "anthropic-version": "2023-06-01" };
    await (await own.ask(path, request, { headers: sent })).text();
    expect(own.headers[0]).toMatchObject(sent);
    const named = createBridgeFetch({ upstream: own.upstream, apiKey: "sk-server" });
    const body = JSON.stringify(request);
    await (
      await named(`http://elsewhere.invalid${path}`, { method: "POST", body, headers: { ...sent, "x-api-key": "own" } })
    ).text();
    expect(own.headers[1]).toMatchObject({ ...sent, authorization: "Bearer sk-server" });
    expect(own.headers[1]?.["x-api-key"]).toBeUndefined();
  });

  test("a body in an encoding passes through as it is", async () => {
    const { ask, log } = await setUp([{ status: 415, body: {} }]);
    const headers = { "content-encoding": "identity" };
    expect((await ask(path, request, { headers })).status).toBe(415);
    expect(log).toEqual([]);
  });
});
