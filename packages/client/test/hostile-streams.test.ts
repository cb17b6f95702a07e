import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { rechunk } from "@vllm-tooling/fixtures";
import { createVllmClient } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect } from "./support/collect.ts";
import { wireChunk } from "./support/hostile-values.ts";
import { playing } from "./support/play.ts";
import { readBytes } from "./support/read-bytes.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const START = 'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n';
const FINISH =
  'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

async function read(pieces: Uint8Array[]) {
  const client = createVllmClient({ fetch: playing({ pieces }), retry: { maxRetries: 0 }, model: "m" });
  return collect(client.chat({ messages: [] }));
}

describe("whatever a server sends, the reply ends once and nothing is thrown elsewhere", () => {
  test("chunks of any shape", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wireChunk, { maxLength: 6 }), async (chunks) => {
        const events = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
        const { error, result } = await read([encode(START + events + FINISH)]);
        expect(error === undefined).toBe(result !== undefined);
        expect(error?.cause).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test("any JSON as an event", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await read([encode(`${START}data: ${JSON.stringify(value)}\n\n${FINISH}`)]);
      }),
      { numRuns: 200 },
    );
  });

  test("any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 })), async (pieces) => {
        const { error } = await read([encode(START), ...pieces]);
        expect(error?.code).toMatch(/^STREAM_/);
      }),
      { numRuns: 200 },
    );
  });

  test("bytes of a good stream, some of them changed", () => {
    const whole = encode(START + START.replace("Hi", " there") + FINISH);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = whole.slice();
          for (const [position, byte] of changes) bytes[position % bytes.length] = byte;
          const fast = readBytes([bytes]);
          const slow = readBytes([bytes], { fast: false });
          expect(fast.events).toEqual(slow.events);
          expect(fast.end).toEqual(slow.end);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("characters of many bytes and many code points survive any cut, with and without the fast path", () => {
  const pieces = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }), {
    minLength: 10,
    maxLength: 20,
  });
  fc.assert(
    fc.property(pieces, fc.integer(), (texts, seed) => {
      const events = texts.map((text) => START.replace('"Hi"', () => JSON.stringify(text))).join("");
      const bytes = encode(events + FINISH);
      for (const options of [{}, { fast: false }, { portable: true }]) {
        expect(readBytes(rechunk(bytes, seed), options).answer).toMatchObject({ text: texts.join("") });
        expect(readBytes(rechunk(bytes, [1]), options).answer).toMatchObject({ text: texts.join("") });
      }
    }),
    { numRuns: 8 },
  );
});

test("a redirect is named, and neither the key nor the request is sent on", async () => {
  const fetch = playing({
    pieces: [],
    status: 308,
    headers: { location: "https://gpu.example/v1/chat/completions?token=x" },
  });
  const client = createVllmClient({ fetch, apiKey: "sk-1", baseUrl: "http://gpu.example", model: "m" });
  await expect(client.complete({ messages: [] })).rejects.toMatchObject({
    code: "WRONG_BASE_URL",
    message: expect.stringContaining("redirects to https://gpu.example/v1/chat/completions (308)"),
    hint: expect.stringMatching(/https:\/\/gpu\.example\/v1$/),
  });
  expect(fetch.requests).toHaveLength(1);
});

test("a redirect is not followed over a real fetch either, nor one of which a browser hides the target", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(307, { location: "/elsewhere/v1/chat/completions" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createVllmClient({ baseUrl, fetch: globalThis.fetch, model: "m" });
  await expect(client.complete({ messages: [] })).rejects.toMatchObject({
    code: "WRONG_BASE_URL",
    message: expect.stringContaining(`redirects to ${baseUrl}/elsewhere/v1/chat/completions (307)`),
  });
  // So are the other routes: here the list of models.
  const unnamed = createVllmClient({ baseUrl });
  await expect(unnamed.complete({ messages: [] })).rejects.toMatchObject({ code: "WRONG_BASE_URL", status: 307 });
  expect(asked).toEqual(["/v1/chat/completions", "/v1/models"]);
  server.close();
  const opaque = Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
  const browser = createVllmClient({ baseUrl, fetch: async () => opaque, model: "m" });
  await expect(browser.complete({ messages: [] })).rejects.toMatchObject({
    code: "WRONG_BASE_URL",
    message: expect.stringMatching(/redirects \(307\), and the client does not follow/),
  });
});

test("one request that is stopped does not fail another that waits for the same list of models", async () => {
  const models = { pieces: [encode('{"data":[{"id":"a"}]}')], headers: { "content-type": "application/json" } };
  const client = createVllmClient({ fetch: playing(models, { pieces: [encode(START + FINISH)] }) });
  const stopped = client.chat({ messages: [] });
  const other = client.chat({ messages: [] });
  await Promise.resolve();
  stopped.abort();
  await expect(stopped.result()).rejects.toMatchObject({ code: "ABORTED" });
  expect((await other.result()).text).toBe("Hi");
});
