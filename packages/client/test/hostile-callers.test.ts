import { setTimeout as sleep } from "node:timers/promises";
import { createVllmClient, type ChatParams, type FetchFunction } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { chunk } from "./support/chunk.ts";
import { collect } from "./support/collect.ts";
import { playing } from "./support/play.ts";

/** What a caller passes may throw when it is looked at. It ends the reply, and reaches neither a socket nor the process. */
const PARAMS: ChatParams = { model: "m", messages: [{ role: "user", content: "hello" }] };
const thrower = (): never => {
  throw new Error("looked at");
};
const encode = (value: object) => new TextEncoder().encode(`data: ${JSON.stringify(value)}\n\n`);
const HELLO = [encode(chunk({ content: "Hello" })), encode(chunk({}, "stop"))];

const throwingName = Object.defineProperty(new Error("x"), "name", { get: thrower });
const REASONS: [string, unknown][] = [
  ["whose name throws", throwingName],
  ["whose every trap throws", new Proxy({}, { get: thrower, has: thrower, getPrototypeOf: thrower })],
  ["that is nothing", null],
];

describe("an abort", () => {
  test.each(REASONS)("with a reason %s", async (_, reason) => {
    const fetch = playing({ pieces: [encode(chunk({ content: "Hi" }))], end: "silence" });
    const controller = new AbortController();
    const reply = createVllmClient({ fetch }).chat(PARAMS, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    const { error } = await collect(reply);
    expect(error).toMatchObject({ code: "ABORTED", message: "The caller stopped the request." });
    expect(error?.cause).toBe(reason);
  });

  test.each(REASONS)("before the request, with a reason %s", async (_, reason) => {
    const { error } = await collect(createVllmClient().chat(PARAMS, { signal: AbortSignal.abort(reason) }));
    expect(error?.code).toBe("ABORTED");
  });
});

describe("parameters and options", () => {
  test.each<[string, object]>([
    ["a model that throws", Object.defineProperty({ ...PARAMS }, "model", { get: thrower, enumerable: true })],
    ["messages that throw", Object.defineProperty({ ...PARAMS }, "messages", { get: thrower, enumerable: true })],
    ["nothing but traps", new Proxy(PARAMS, { get: thrower, ownKeys: thrower })],
    ["a value without JSON", { ...PARAMS, extra_body: { size: 1n } }],
    [
      "a value that contains itself",
      (() => {
        const circle: Record<string, unknown> = {};
        circle["self"] = circle;
        return { ...PARAMS, extra_body: circle };
      })(),
    ],
    [
      "tools nested 20,000 deep",
      {
        ...PARAMS,
        tools: [
          {
            type: "function",
            function: { name: "f", parameters: JSON.parse('{"a":'.repeat(20_000) + "1" + "}".repeat(20_000)) },
          },
        ],
      },
    ],
    ["a toJSON that throws", { ...PARAMS, extra_body: { x: { toJSON: thrower } } }],
  ])("%s", async (_, params) => {
    for (const model of [undefined, "m"]) {
      const client = createVllmClient({ fetch: playing({ pieces: HELLO }), model });
      const { error } = await collect(client.chat(params as ChatParams));
      expect(error?.code).toBe("INVALID_REQUEST");
    }
  });

  test("arguments of an earlier call that are nested 20,000 deep are sent as they are", async () => {
    const text = '{"a":'.repeat(20_000) + "1" + "}".repeat(20_000);
    const fetch = playing({ pieces: HELLO });
    const call = { id: "a", type: "function", function: { name: "f", arguments: text } } as const;
    const messages: ChatParams["messages"] = [
      { role: "assistant", content: null, tool_calls: [call] },
      ...PARAMS.messages,
    ];
    const { result } = await collect(createVllmClient({ fetch }).chat({ ...PARAMS, messages }));
    expect(result?.text).toBe("Hello");
    expect(JSON.stringify(fetch.requests[0]?.body)).toContain(JSON.stringify(text));
  });
});

const THEN = ["th", "en"].join("");
const withThen = (descriptor: PropertyDescriptor): object => Object.defineProperty({}, THEN, descriptor);

describe("a function for each event", () => {
  test.each<[string, () => unknown]>([
    ["throws", thrower],
    ["rejects", () => Promise.reject(new Error("looked at"))],
    ["returns what looks like a promise, and throws", () => withThen({ value: thrower })],
    ["returns an object whose then cannot be read", () => withThen({ get: thrower })],
  ])("%s", async (_, onEvent) => {
    const client = createVllmClient({ fetch: playing({ pieces: HELLO, end: "silence" }) });
    await expect(client.chat(PARAMS).forEach(onEvent)).rejects.toThrow("looked at");
    await sleep(5);
  });
});

describe("a fetch of the caller's own that gives", () => {
  const bytes = (...pieces: unknown[]) =>
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
  const response = (body: unknown) => ({ status: 200, type: "default", headers: new Headers(), body });
  test.each<[string, () => unknown]>([
    ["nothing", () => undefined],
    ["an object", () => ({})],
    ["headers that throw", () => ({ ...response(null), headers: { get: thrower } })],
    ["a status that is none", () => ({ ...response(null), status: "ok" })],
    ["a body that is none", () => response({})],
    [
      "a body that is in use",
      () => {
        const body = bytes();
        body.getReader();
        return response(body);
      },
    ],
    ["texts instead of bytes", () => response(bytes("data: {}\n\n"))],
    ["nothing instead of bytes", () => response(bytes(undefined))],
    ["numbers instead of bytes", () => response(bytes(17))],
    ["an error that cannot be looked at", () => Promise.reject(new Proxy(new Error("x"), { get: thrower }))],
    ["an error that is nothing", () => Promise.reject(undefined as unknown as Error)],
  ])("%s", async (_, give) => {
    const fetch = (async () => give()) as FetchFunction;
    const client = createVllmClient({ fetch, retry: { maxRetries: 0 }, timeouts: { firstTokenMs: 2000 } });
    const { error } = await collect(client.chat(PARAMS));
    expect(error?.code).toMatch(/^(STREAM_|SERVER_)/);
    await expect(client.tokenize({ model: "m", prompt: "x" })).rejects.toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
    });
  });
});
