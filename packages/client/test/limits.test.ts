import { readFileSync } from "node:fs";
import { createVllmClient, type VllmClient, type VllmClientOptions } from "@vllm/client";
import { createOpenAI } from "@vllm/client/openai";
import { DEFAULT_LIMITS, type Limits, type VllmError } from "@vllm/schema/core";
import { afterEach, describe, expect, test } from "vitest";
import { stopClock } from "@vllm-tooling/contract/clock";
import { chunk } from "./support/chunk.ts";
import { collect, partialOf } from "./support/collect.ts";
import { startEndless, type EndlessAnswer, type EndlessServer } from "./support/endless-server.ts";
import { playing } from "./support/play.ts";

const PARAMS = { model: "tiny", messages: [{ role: "user" as const, content: "hello" }] };
const STREAM_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream";
const ERROR_HEAD = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json";
const MEBIBYTE = 1024 * 1024;
/** Small ones, so that a test is quick; what the system keeps between two sockets comes on top. */
const LIMITS = { eventBytes: MEBIBYTE, answerBytes: MEBIBYTE, auxiliaryBytes: MEBIBYTE } as const;
const IN_SYSTEM = 24 * MEBIBYTE;

const TRANSPORTS: [string, VllmClientOptions][] = [
  ["our own transport", {}],
  ["fetch", { fetch: (url, init) => globalThis.fetch(url, init) }],
];

const servers: EndlessServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function endless(answer: EndlessAnswer): Promise<EndlessServer> {
  const server = await startEndless(answer);
  servers.push(server);
  return server;
}

/** Asks an endless server, and waits until it is left. */
async function askEndless(
  answer: EndlessAnswer,
  ask: (client: VllmClient) => Promise<unknown>,
  options: VllmClientOptions,
): Promise<VllmError> {
  const server = await endless(answer);
  const client = createVllmClient({ baseUrl: server.baseUrl, retry: { maxRetries: 0 }, limits: LIMITS, ...options });
  const error = await ask(client).then(
    () => undefined,
    (thrown: unknown) => thrown as VllmError,
  );
  await server.whenLeft();
  // What is compressed comes in blocks that stand for more.
  expect(server.sent()).toBeLessThan(answer.gzip === true ? 1000 * IN_SYSTEM : IN_SYSTEM);
  return error as VllmError;
}

const complete = (client: VllmClient): Promise<unknown> => client.complete(PARAMS);

/** Asks for a chat, and gives its end. */
async function askWith(body: string, contentType: string, options: VllmClientOptions = {}, params = {}) {
  const pieces = [new TextEncoder().encode(body)];
  const fetch = playing({ pieces, headers: { "content-type": contentType } });
  return collect(createVllmClient({ fetch, ...options }).chat({ ...PARAMS, ...params }));
}
const asJson = (body: string, options?: VllmClientOptions) => askWith(body, "application/json", options);
const asStream = (body: string, options?: VllmClientOptions, params = {}) =>
  askWith(body, "text/event-stream", options, params);
const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const wholeCall = (argumentsJson: string) =>
  `{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":${argumentsJson}}}]}}]}`;

/** For every row of the table, what proves it; over either transport. */
const PROOFS: Record<keyof Limits, (options: VllmClientOptions) => Promise<void>> = {
  async headBytes(options) {
    const heads: [head: string, again: string][] = [
      ["HTTP/1.1 200 OK\r\nx: y", "y"],
      ["HTTP/1.1 200 OK\r\nx: y", "\r\ny: z"],
      // Announcing the answer for ever; fetch reads on until its time is up.
      ...(options.fetch === undefined
        ? [["HTTP/1.1 103 A\r\n\r\n", "HTTP/1.1 103 B\r\n\r\n"] as [string, string]]
        : []),
    ];
    for (const [head, again] of heads) {
      const error = await askEndless({ head, isHeadOpen: true, again }, complete, options);
      expect(error.code).toBe("RESPONSE_TOO_LARGE");
      expect(error.message).toMatch(/^The head of the answer from http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions is/);
    }
  },
  async eventBytes(options) {
    const start = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: {"choices":[{"index":0,"del';
    const answers: EndlessAnswer[] = [
      { start, again: "x" },
      { start, again: "x", gzip: true },
      { start, again: "x", chunkBytes: 1 },
      { start: `${start}\n`, again: "data: x\n" },
      { start: `${start}\n`, again: "data:\n", chunkBytes: 3 },
      { start: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\nevent: ', again: "x" },
      { start: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n: ', again: "comment" },
    ];
    for (const answer of answers) {
      const error = await askEndless({ head: STREAM_HEAD, ...answer }, complete, options);
      expect(error.code).toBe("RESPONSE_TOO_LARGE");
      expect(error.message).toMatch(/^An event in the stream from .* is larger than 1 MiB\.$/);
      expect(partialOf(error).text).toBe("Hi");
    }
  },
  async answerBytes(options) {
    const start = '{"choices":[';
    const answers: EndlessAnswer[] = [
      { start, again: '{"index":0},' },
      { start, again: " ", gzip: true },
      { again: " ", gzip: true },
      { start, again: "[", chunkBytes: 1 },
      { head: "HTTP/1.1 200 OK", start, again: " " },
      { head: STREAM_HEAD, start, again: " " },
    ];
    for (const answer of answers) {
      const error = await askEndless(answer, complete, options);
      expect(error.code).toBe("RESPONSE_TOO_LARGE");
      expect(error.message).toMatch(/^The answer from .*\/v1\/chat\/completions is larger than 1 MiB\.$/);
    }
    if (options.fetch !== undefined) return;
    const server = await endless({ start: '{"data":[', again: " ", gzip: true });
    const openai = createOpenAI({ baseUrl: server.baseUrl, limits: LIMITS, retry: { maxRetries: 0 } });
    await expect(openai.models.list()).rejects.toMatchObject({
      cause: { message: expect.stringContaining("is larger than 1 MiB") },
    });
    await server.whenLeft();
  },
  async auxiliaryBytes(options) {
    // Not the limit of ten seconds, which small pieces reach on a busy machine.
    using _clock = stopClock();
    const asks: [string, typeof complete][] = [
      ["/v1/models", (client) => client.complete({ messages: PARAMS.messages })],
      ["/tokenize", (client) => client.tokenize({ model: "m", prompt: "hello" })],
      ["/detokenize", (client) => client.detokenize({ model: "m", tokens: [1] })],
    ];
    for (const [path, ask] of asks) {
      for (const answer of [{ again: " " }, { again: " ", gzip: true }, { again: "1", chunkBytes: 1 }]) {
        const error = await askEndless({ start: '{"tokens":[', ...answer }, ask, options);
        expect(error.code).toBe("RESPONSE_TOO_LARGE");
        expect(error.message).toContain(`${path} is larger than 1 MiB`);
      }
    }
  },
  async errorBytes(options) {
    const start = '{"error":{"message":"The model is on fire. ';
    const asks = [complete, (client: VllmClient) => client.tokenize({ prompt: "hello" })];
    for (const ask of asks) {
      for (const answer of [{ again: "x " }, { again: "x ", gzip: true }, { again: "x ", chunkBytes: 1 }]) {
        const error = await askEndless({ head: ERROR_HEAD, start, ...answer }, ask, options);
        expect(error).toMatchObject({ code: "SERVER_ERROR", status: 500 });
      }
    }
  },
  async argumentsLength(options) {
    const limits = { argumentsLength: 1000 };
    const call = (text: string) =>
      event(chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: text } }] }));
    const finish = event(chunk({}, "tool_calls"));
    const long = JSON.stringify({ a: "x".repeat(1000) });
    const longs = [
      await asStream(call(long) + finish, { limits }),
      await asStream(Array.from(long, (character) => call(character)).join("") + finish, { limits }),
      await asJson(wholeCall(JSON.stringify(long)), { limits }),
      await asJson(wholeCall(long), { limits }),
    ];
    for (const { error } of longs) {
      expect(error?.code).toBe("RESPONSE_TOO_LARGE");
      expect(error?.message).toMatch(/^A tool call from .* is larger than 1000 characters\.$/);
    }
    const fitting = JSON.stringify({ a: "x".repeat(900) });
    expect((await asStream(call(fitting) + finish, { limits })).result?.toolCalls[0]?.arguments).toBeDefined();
    // Without an end, and with the limits of a program that set none.
    const again = call("x".repeat(500_000));
    const error = await askEndless({ head: STREAM_HEAD, start: call("{"), again }, complete, { ...options, limits });
    expect(error.code).toBe("RESPONSE_TOO_LARGE");
  },
  async nesting(options) {
    const limits = { nesting: 20 };
    for (const levels of [21, 6000, 200_000]) {
      const deep = nested(levels);
      const answers = [
        await asJson(wholeCall(deep), { limits }),
        await asJson(`{"choices":[],"x":${deep}}`, { limits }),
        await asStream(`data: ${wholeCall(deep)}\n\n`, { limits }),
        // The last event without its empty line.
        await asStream(`data: ${wholeCall(deep)}`, { limits }),
        await asStream(`data: ${wholeCall(deep)}\n`, { limits }),
      ];
      for (const { error } of answers) {
        expect(error?.code).toBe("STREAM_MALFORMED");
        expect(error?.message).toMatch(/^The JSON from .* is nested deeper than 20 levels\.$/);
      }
      const { result } = await asJson(wholeCall(JSON.stringify(deep)), { limits });
      expect(result?.toolCalls[0]).toMatchObject({ arguments: undefined, argumentsText: deep });
      expect(result?.toolCalls[0]?.parseError).toMatchObject({
        kind: "bad-json",
        message: expect.stringContaining("20 levels"),
      });
    }
    const { result } = await asJson(wholeCall(nested(13)), { limits });
    expect(result?.toolCalls[0]?.arguments).toEqual(JSON.parse(nested(13)));
    const models = createVllmClient({
      ...options,
      limits,
      fetch: playing({
        pieces: [new TextEncoder().encode(nested(6000))],
        headers: { "content-type": "application/json" },
      }),
    });
    await expect(models.tokenize({ model: "m", prompt: "x" })).rejects.toMatchObject({ code: "STREAM_MALFORMED" });
  },
};

describe("docs/limits.md", () => {
  const page = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| .* \| `limits\.(\w+)` +\| ([\d.]+ ?\w*) +\|/gm)].map(
    ([, name = "", value = ""]) => {
      return { name, value };
    },
  );

  test("has a row for every limit, in the order of the code, with its default", () => {
    const units: Readonly<Record<string, number>> = { KiB: 1024, MiB: MEBIBYTE, Mi: MEBIBYTE };
    const toNumber = (value: string) => {
      const [number, unit = ""] = value.split(" ");
      return Number(number) * (units[unit] ?? 1);
    };
    expect(rows.map(({ name, value }) => [name, toNumber(value)])).toEqual(Object.entries(DEFAULT_LIMITS));
  });

  test("the row of choices: those beyond n cost a warning, and no memory", async () => {
    expect(page).toMatch(/^\| choices of one answer +\| `n` of the request +\| 1 .*`UNEXPECTED_CHOICE`/m);
    const at = (index: number) => event({ choices: [{ index, delta: { content: "x" }, finish_reason: "stop" }] });
    const foreign = Array.from({ length: 5000 }, (_, index) => at(index + 3)).join("");
    const { result } = await asStream(at(0) + foreign + at(2) + at(1), {}, { n: 2 });
    expect(result?.choices.map(({ choiceIndex }) => choiceIndex)).toEqual([0, 1]);
    expect(result?.warnings.map(({ code }) => code)).toEqual(["UNEXPECTED_CHOICE"]);
    const { error } = await asStream(foreign);
    expect(error).toMatchObject({ code: "STREAM_MALFORMED", message: expect.stringContaining("not below n") });
  });

  describe.each(TRANSPORTS)("over %s, the row holds:", (_, options) => {
    test.each(rows)("$name", ({ name }) => PROOFS[name as keyof Limits](options));
  });
});

describe("a client without options has the defaults", () => {
  const small = { "content-type": "application/json" };

  test("nesting", async () => {
    expect((await asJson(wholeCall(nested(993)))).result?.toolCalls[0]?.arguments).toBeDefined();
    expect((await asJson(wholeCall(nested(994)))).error?.code).toBe("STREAM_MALFORMED");
  });

  test("an answer of another route", async () => {
    const pieces = [new TextEncoder().encode(`{"tokens":[],"count":0,"x":"${"y".repeat(8 * MEBIBYTE)}"}`)];
    const client = createVllmClient({ fetch: playing({ pieces, headers: small }) });
    await expect(client.tokenize({ model: "m", prompt: "x" })).rejects.toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      message: "The answer from http://127.0.0.1:8000/tokenize is larger than 8 MiB.",
    });
  });
});
